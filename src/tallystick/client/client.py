"""
The HTTP client: asks, sends events, tries again.

Synchronous, one connection pool, over a URL or a Unix socket. `send_events` cuts what it is given
into batches and sends each until the server has answered for it; ids are never changed between
attempts, so an answer lost on the way cannot count an event twice. Requests that change something
else carry an idempotency key chosen by the caller, and are tried again only with one.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx
import msgspec
import pyarrow as pa

from tallystick.client.answers import BatchAnswer, SendReport
from tallystick.client.batches import Batch, arrow_batches, json_batches
from tallystick.client.endpoint import Endpoint
from tallystick.client.errors import ProblemAnswer, RequestRefused, ServerUnreachable
from tallystick.client.retry import Retry, may_pass
from tallystick.client.usage import QUERY_PATH, UsageAsked, UsageFound, UsagePage
from tallystick.kernel import Problem

EVENTS_PATH = "/v1/events"
STATUS_ERROR = 400
STATUS_UNPROCESSABLE = 422

_encoder = msgspec.json.Encoder(decimal_format="string")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `body` is sent as it is, `query` leaves out what is empty."""

    method: str
    path: str
    query: Mapping[str, str] | None = None
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    repeatable: bool = True


class Client:
    """A client of one server; close it, or use it as a context manager."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        retry: Retry | None = None,
        timeout_seconds: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._retry = retry or Retry()
        self._sleep = sleep
        transport = httpx.HTTPTransport(uds=endpoint.socket or None)
        headers = {"user-agent": "tallystick-client"}
        if endpoint.key:
            headers["authorization"] = f"Bearer {endpoint.key}"
        self._http = httpx.Client(
            base_url=endpoint.url, headers=headers, timeout=timeout_seconds, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def send_events(self, events: Iterable[Mapping[str, object]] | pa.Table) -> SendReport:
        """
        Send events in order and return what became of them.

        Args:
            events: CloudEvents as mappings, or an Arrow table with the columns source, id, type,
                subject, time, sequence and data.

        Raises:
            ServerUnreachable: an answer could not be had in `attempts_max` attempts; the events of
                batches before may have been accepted, and sending all of them again is safe.
            RequestRefused: the server refused the body as a whole (key, size, form).
        """
        report = SendReport()
        for latest in self.sent_batches(events):
            report = latest
        return report

    def sent_batches(
        self, events: Iterable[Mapping[str, object]] | pa.Table
    ) -> Iterator[SendReport]:
        """Send events as `send_events` does, and yield the sum so far after each batch."""
        batches = arrow_batches(events) if isinstance(events, pa.Table) else json_batches(events)
        report = SendReport()
        for batch in batches:
            report = report.with_batch(self.send_batch(batch))
            yield report

    def send_batch(self, batch: Batch, *, backfill: str = "") -> BatchAnswer:
        """Send one body; with a name its events wait in that open backfill."""
        answer = self._answered(_batch_request(batch, backfill))
        if answer.status_code >= STATUS_ERROR and not _has_results(answer):
            raise RequestRefused(_problem(answer))
        return msgspec.json.decode(answer.content, type=BatchAnswer)

    def get(self, path: str, **query: str) -> object:
        """Return the decoded JSON answer; empty query values are left out."""
        return self.ask(Request(method="GET", path=path, query=query))

    def post(self, path: str, document: object = None, *, idempotency_key: str = "") -> object:
        """Send a JSON document; without an idempotency key it is attempted once only."""
        headers = {"content-type": "application/json"}
        if idempotency_key:
            headers["idempotency-key"] = idempotency_key
        body = b"" if document is None else _encoder.encode(document)
        return self.ask(
            Request(
                method="POST",
                path=path,
                body=body,
                headers=headers,
                repeatable=bool(idempotency_key),
            )
        )

    def usage(self, asked: UsageAsked) -> Iterator[UsageFound]:
        """
        Return the rows of a question for usage, page after page, all at one log position.

        Raises:
            ServerUnreachable: as for `send_events`; a question may be asked again.
            RequestRefused: the question cannot be answered; its problems say where it is wrong.
        """
        return _usage_rows(self.fetch, asked)

    def delete(self, path: str) -> object:
        return self.ask(Request(method="DELETE", path=path))

    def fetch(self, request: Request) -> httpx.Response:
        """Return a successful answer as it came (for files); raises as `get` does."""
        answer = self._answered(request)
        if answer.status_code >= STATUS_ERROR:
            raise RequestRefused(_problem(answer))
        return answer

    def ask(self, request: Request) -> object:
        """Return the decoded JSON answer of any request."""
        answer = self.fetch(request)
        return msgspec.json.decode(answer.content) if answer.content else None

    def _answered(self, request: Request) -> httpx.Response:
        """Ask until there is an answer that will not change by asking again."""
        attempts_max = self._retry.attempts_max if request.repeatable else 1
        reason = ""
        for attempt in range(1, attempts_max + 1):
            retry_after = None
            try:
                answer = self._asked(request)
            except httpx.TransportError as error:
                reason = f"{type(error).__name__}: {error}"
            else:
                if not may_pass(answer.status_code):
                    return answer
                problem = _problem(answer)
                reason = f"HTTP {problem.status}: {problem.message}"
                retry_after = answer.headers.get("retry-after")
            if attempt < attempts_max:
                now = datetime.now(UTC)
                self._sleep(self._retry.delay_seconds(attempt, retry_after=retry_after, now=now))
        where = self._endpoint.socket or self._endpoint.url
        msg = f"{where} gave no usable answer in {attempts_max} attempts; the last was {reason}"
        raise ServerUnreachable(msg)

    def _asked(self, request: Request) -> httpx.Response:
        query = {name: text for name, text in (request.query or {}).items() if text}
        return self._http.request(
            request.method,
            request.path,
            params=query,
            content=request.body or None,
            headers=dict(request.headers or {}),
        )


def usage_request(asked: UsageAsked, *, accept: str = "application/json") -> Request:
    """Return the request of one page of a question for usage; it may be sent again."""
    return Request(
        method="POST",
        path=QUERY_PATH,
        body=_encoder.encode(asked),
        headers={"content-type": "application/json", "accept": accept},
    )


def _usage_rows(
    fetch: Callable[[Request], httpx.Response], asked: UsageAsked
) -> Iterator[UsageFound]:
    while True:
        page = msgspec.json.decode(fetch(usage_request(asked)).content, type=UsagePage)
        yield from page.items
        if not page.next_cursor:
            return
        asked = msgspec.structs.replace(asked, cursor=page.next_cursor)


class _WireProblem(msgspec.Struct):
    title: str = ""
    detail: str = ""
    code: str = ""
    errors: list["_WireFieldProblem"] = msgspec.field(default_factory=list)


class _WireFieldProblem(msgspec.Struct):
    code: str = ""
    message: str = ""
    path: str = ""


def _batch_request(batch: Batch, backfill: str) -> Request:
    return Request(
        method="POST",
        path=EVENTS_PATH,
        body=batch.body,
        headers={"content-type": batch.media_type, "content-encoding": "zstd"},
        query={"backfill": backfill},
    )


def _has_results(answer: httpx.Response) -> bool:
    """Tell whether a 422 reports on each event (none was taken), or refuses the body as a whole."""
    if answer.status_code != STATUS_UNPROCESSABLE:
        return False
    try:
        return bool(msgspec.json.decode(answer.content, type=BatchAnswer).results)
    except msgspec.DecodeError:
        return False


def _problem(answer: httpx.Response) -> ProblemAnswer:
    """Return the problem of an answer, also where a proxy on the way has written it."""
    try:
        wire = msgspec.json.decode(answer.content, type=_WireProblem)
    except msgspec.DecodeError:
        wire = _WireProblem()
    return ProblemAnswer(
        status=answer.status_code,
        code=wire.code or f"http_{answer.status_code}",
        message=wire.detail or wire.title or answer.reason_phrase,
        problems=tuple(
            Problem(code=each.code, message=each.message, field=each.path) for each in wire.errors
        ),
    )
