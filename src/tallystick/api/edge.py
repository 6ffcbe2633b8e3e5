"""
What every answer shares, whatever route made it: ids, headers, one log line, one measurement.

The edge is the outermost ASGI layer.  It stands outside the router, so that a 404 for a path that
does not exist is measured, logged and answered like everything else, and so that an exception
that nobody expected still ends in a problem document instead of a closed connection.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from tallystick.api.metrics import Metrics
from tallystick.api.problems import PROBLEM_MEDIA_TYPE, HttpProblem, problem_body
from tallystick.api.trace import request_id_from, trace_from

SERVER_ERROR = 500
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/v1/events"})

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'"
)
SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Edge:
    """The outermost ASGI application: wraps the router and never raises for an HTTP request."""

    def __init__(
        self,
        inner: ASGIApp,
        *,
        direct: Mapping[str, ASGIApp],
        metrics: Metrics,
        log: FilteringBoundLogger,
    ) -> None:
        """
        Wrap `inner`; measurements go to `metrics`, one line per request to `log`.

        What is in `direct`, by path, is called without the router: it costs a hot path more than
        the path itself does.
        """
        self.inner = inner
        self.direct = direct
        self.metrics = metrics
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.inner(scope, receive, send)
            return
        exchange = Exchange(scope, send)
        try:
            direct = self.direct.get(scope["path"])
            if direct is not None:
                exchange.scope["path_template"] = scope["path"]
            await (direct or self.inner)(scope, receive, exchange.send)
        except Exception:
            self.log.exception("request_failed", request_id=exchange.request_id)
            await exchange.fail()
        finally:
            self.record(exchange)

    def record(self, exchange: Exchange) -> None:
        """Count and log one finished exchange; quiet paths are logged only when they went wrong."""
        seconds = time.perf_counter() - exchange.started
        route = str(exchange.scope.get("path_template") or "unmatched")
        self.metrics.observe_request(exchange.scope["method"], route, exchange.status, seconds)
        if exchange.status < SERVER_ERROR and route in QUIET_PATHS:
            return
        self.log.info(
            "request",
            method=exchange.scope["method"],
            path=exchange.scope["path"],
            status=exchange.status,
            milliseconds=int(seconds * 1_000_000) / 1000,
            request_id=exchange.request_id,
            trace_id=exchange.trace.trace_id,
            actor=exchange.state.get("actor", ""),
        )


class Exchange:
    """One request and what is known of its answer so far."""

    def __init__(self, scope: Any, send: Send) -> None:  # noqa: ANN401 - Litestar's scopes are a union of TypedDicts
        """Read the ids from the request and leave them where handlers find them."""
        self.scope = scope
        self.started = time.perf_counter()
        self.status = 0
        self._send = send
        headers: dict[bytes, bytes] = dict(scope["headers"])
        self.request_id = request_id_from(_text(headers.get(b"x-request-id")))
        self.trace = trace_from(_text(headers.get(b"traceparent")))
        self.state: dict[str, Any] = scope.setdefault("state", {})
        self.state["request_id"] = self.request_id
        self.state["trace_id"] = self.trace.trace_id

    async def send(self, message: Message) -> None:
        """Pass a message on, with the shared headers added to the start of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(message)
        await self._send(message)

    def _add_headers(self, message: Any) -> None:  # noqa: ANN401 - a TypedDict whose headers Litestar types loosely
        headers = list(message.get("headers", ()))
        present = {name for name, _ in headers}
        headers.extend(pair for pair in SECURITY_HEADERS if pair[0] not in present)
        headers.append((b"x-request-id", self.request_id.encode()))
        headers.append((b"traceparent", self.trace.traceparent.encode()))
        headers.extend(self.state.get("answer_headers", ()))
        if b"cache-control" not in present:
            headers.append((b"cache-control", b"no-store"))
        message["headers"] = headers

    async def fail(self) -> None:
        """Answer 500 without a word about the cause, unless an answer has already begun."""
        if self.status:
            return
        problem = HttpProblem(
            SERVER_ERROR, "internal", "Something failed here. Quote the request id when asking."
        )
        await send_problem(self.scope, self.send, problem)


async def send_problem(scope: Any, send: Send, problem: HttpProblem) -> None:  # noqa: ANN401 - see Exchange
    """Send a problem document as a whole answer, from raw ASGI code."""
    body = problem_body(
        problem, request_id=scope["state"].get("request_id", ""), instance=scope["path"]
    )
    await send_body(
        send, problem.status, body, media_type=PROBLEM_MEDIA_TYPE, headers=problem.headers
    )


async def send_body(
    send: Send, status: int, body: bytes, *, media_type: str, headers: dict[str, str] | None = None
) -> None:
    """Send one whole answer, from raw ASGI code."""
    pairs = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    pairs.extend((name.lower().encode(), value.encode()) for name, value in (headers or {}).items())
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
