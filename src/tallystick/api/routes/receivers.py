"""
`POST /v1/otlp/v1/metrics` and `POST /v1/prometheus/write`: metrics that others send, as events.

Bare ASGI handlers like that of events: the bodies are not ours to choose. A query parameter
`source` names a declared source; without one the usual attributes make the subject.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs

from litestar.types import Receive, Scope, Send

from tallystick.api.answers import value_of
from tallystick.api.authentication import check_scope
from tallystick.api.bodies import read_body
from tallystick.api.edge import send_body, send_problem
from tallystick.api.errors import problem_from_exception
from tallystick.api.problems import HttpProblem
from tallystick.api.routes.events import EVENTS_BYTES_MAX, EventsEndpoint
from tallystick.app.command import Caller
from tallystick.app.ingest import EVENTS_MAX
from tallystick.app.keys import Scope as KeyScope
from tallystick.app.sources import (
    PartitionReport,
    ReportProgress,
    Span,
    find_source,
    report_progress,
)
from tallystick.bootstrap.engines import Application
from tallystick.integrations.otlp import answer_body, read_export, received_points
from tallystick.integrations.prometheus import (
    ARRIVED,
    covered_seconds,
    received_samples,
    unpack_snappy,
)
from tallystick.integrations.series import Received
from tallystick.integrations.sources import (
    OtlpSource,
    PrometheusSource,
    definition_from_document,
)
from tallystick.kernel import Misuse

LINES = b"application/x-ndjson"
RECEIVED = "received"
PROTOBUF = "application/x-protobuf"
JSON = "application/json"

Declared = TypeVar("Declared", OtlpSource, PrometheusSource)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Takes metrics over HTTP; `events` is the way that all events go."""

    application: Application
    events: EventsEndpoint

    async def otlp(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an OpenTelemetry exporter."""
        await _answered(scope, send, lambda: self._take_otlp(scope, receive, send))

    async def prometheus(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a Prometheus server."""
        await _answered(scope, send, lambda: self._take_samples(scope, receive, send))

    async def _take_otlp(self, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - see edge.Exchange
        caller, headers = await self._admitted(scope)
        media = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip()
        if media not in {PROTOBUF, JSON}:
            raise HttpProblem(415, "unsupported_media_type", f"Send {PROTOBUF} or {JSON}.")
        definition = await self._definition(scope, caller, OtlpSource(key="default"))
        body = await self._body(headers, receive)
        received = await _converted(lambda: received_points(read_export(body, media), definition))
        refused, message = await self._submitted(caller, received, definition)
        answer = answer_body(media, refused=refused, message=message)
        await send_body(send, 200, answer, media_type=media)

    async def _take_samples(self, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - as above
        caller, headers = await self._admitted(scope)
        if headers.get(b"content-encoding", b"").lower() != b"snappy":
            message = "Send remote write 1.0: protobuf in snappy, Content-Encoding: snappy."
            raise HttpProblem(415, "unsupported_encoding", message)
        definition = await self._definition(scope, caller, PrometheusSource(key="default"))
        plain = {name: value for name, value in headers.items() if name != b"content-encoding"}
        packed = await self._body(plain, receive)

        def convert() -> Received:
            body = unpack_snappy(packed, bytes_max=EVENTS_BYTES_MAX)
            return received_samples(body, definition)

        await self._submitted(caller, await _converted(convert), definition)
        await send_body(send, 204, b"", media_type=PROTOBUF)

    async def _admitted(self, scope: Any) -> tuple[Caller, dict[bytes, bytes]]:  # noqa: ANN401 - as above
        if scope["method"] != "POST":
            message = "Metrics are sent with POST."
            raise HttpProblem(405, "method_not_allowed", message, headers={"allow": "POST"})
        headers: dict[bytes, bytes] = dict(scope["headers"])
        keeper = self.events.gatekeeper
        caller = await keeper.caller(scope["state"], headers, buckets=keeper.ingest)
        check_scope(caller, KeyScope.INGEST, account_keys=False)
        return caller, headers

    async def _definition(self, scope: Any, caller: Caller, usual: Declared) -> Declared:  # noqa: ANN401 - as above
        names = parse_qs(scope["query_string"].decode("latin-1")).get("source", [])
        if not names:
            return usual
        uow = self.application.units(caller.workspace)
        found = await asyncio.to_thread(find_source, names[-1], caller=caller, uow=uow)
        status = value_of(found)
        definition = definition_from_document(status.source.document)
        if not isinstance(definition, type(usual)):
            message = f"{names[-1]!r} is a source of kind {status.source.kind}."
            raise HttpProblem(422, "invalid", message)
        if status.source.paused:
            message = f"The source {names[-1]!r} is paused; send again when it is resumed."
            raise HttpProblem(503, "unavailable", message, headers={"retry-after": "60"})
        return definition

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        budget = self.events.budget
        body = await read_body(headers, receive, bytes_max=EVENTS_BYTES_MAX, budget=budget)
        budget.release(len(body))
        return body

    async def _submitted(
        self, caller: Caller, received: Received, definition: OtlpSource | PrometheusSource
    ) -> tuple[int, str]:
        """Hand events to the gate; return how many points were refused, and why the first was."""
        messages = list(received.refused)
        refused = len(messages)
        for start in range(0, len(received.texts), EVENTS_MAX):
            body = b"\n".join(received.texts[start : start + EVENTS_MAX])
            report = await self.events.submit(caller, {b"content-type": LINES}, body)
            refused += report.conflict + report.rejected
            messages += [f"{each.code}: {each.message}" for each in report.results[:1]]
        if received.texts and definition.key != "default":
            await self._report(caller, received, definition, problem="".join(messages[:1]))
        return refused, "; ".join(messages[:3])

    async def _report(
        self,
        caller: Caller,
        received: Received,
        definition: OtlpSource | PrometheusSource,
        *,
        problem: str,
    ) -> None:
        part = PartitionReport(
            partition=RECEIVED,
            messages=len(received.texts),
            newest_at=received.newest_at,
            problem=problem,
        )
        await asyncio.to_thread(
            report_progress,
            ReportProgress(
                source=definition.key, partitions=(part, *_arrived(received, definition))
            ),
            caller=caller,
            uow=self.application.units(caller.workspace),
            clock=self.application.at(caller.workspace).clock,
        )


def _arrived(
    received: Received, definition: OtlpSource | PrometheusSource
) -> Iterator[PartitionReport]:
    """Report which times arrived, where a hole among them can be pulled again."""
    if isinstance(definition, PrometheusSource) and definition.url:
        spans = covered_seconds(received.seconds, gap_seconds=definition.gap_seconds)
        read = tuple(Span(first=first, end=end) for first, end in spans)
        yield PartitionReport(partition=ARRIVED, read=read, newest_at=received.newest_at)


async def _converted(convert: Callable[[], Received]) -> Received:
    try:
        return await asyncio.to_thread(convert)
    except Misuse as error:
        raise HttpProblem(400, "malformed", str(error)) from error


async def _answered(scope: Scope, send: Send, take: Callable[[], Awaitable[None]]) -> None:
    try:
        await take()
    except Exception as error:
        problem = problem_from_exception(error)
        if problem is None:
            raise
        await send_problem(scope, send, problem)
