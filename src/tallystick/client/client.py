"""
The HTTP client: asks, sends events, tries again.

Synchronous, one connection pool, over a URL or a Unix socket. `send_events` cuts what it is given
into batches and sends each until the server has answered for it; ids are never changed between
attempts, so an answer lost on the way cannot count an event twice. Requests that change something
else carry an idempotency key chosen by the caller, and are tried again only with one.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx
import msgspec
import pyarrow as pa

from tallystick.client.answers import BatchAnswer, SendReport
from tallystick.client.batches import Batch
from tallystick.client.endpoint import Endpoint
from tallystick.client.exchange import (
    Attempts,
    Request,
    batch_answer,
    batch_request,
    batches_of,
    default_headers,
    document_of,
    is_final,
    json_request,
    successful,
    usage_request,
)
from tallystick.client.quotas import (
    Asked,
    Decision,
    Quotas,
    all_decided,
    ask_all_request,
    ask_request,
    decided,
)
from tallystick.client.retry import Retry
from tallystick.client.trust import trusted_by
from tallystick.client.usage import UsageAsked, UsageFound, UsagePage


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
        self._http = httpx.Client(
            base_url=endpoint.url,
            headers=default_headers(endpoint),
            timeout=timeout_seconds,
            transport=httpx.HTTPTransport(
                uds=endpoint.socket or None, verify=trusted_by(endpoint.url)
            ),
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

    @property
    def quotas(self) -> Quotas[Decision, tuple[Decision, ...]]:
        """Return the questions of quotas, each answered by the server."""
        return Quotas(self._decided, self._all_decided)

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
        report = SendReport()
        for batch in batches_of(events):
            report = report.with_batch(self.send_batch(batch))
            yield report

    def send_batch(self, batch: Batch, *, backfill: str = "") -> BatchAnswer:
        """Send one body; with a name its events wait in that open backfill."""
        return batch_answer(self._answered(batch_request(batch, backfill=backfill)))

    def get(self, path: str, **query: str) -> object:
        """Return the decoded JSON answer; empty query values are left out."""
        return self.ask(Request(method="GET", path=path, query=query))

    def post(self, path: str, document: object = None, *, idempotency_key: str = "") -> object:
        """Send a JSON document; without an idempotency key it is attempted once only."""
        return self.ask(json_request(path, document, idempotency_key=idempotency_key))

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
        return successful(self._answered(request))

    def ask(self, request: Request) -> object:
        """Return the decoded JSON answer of any request."""
        return document_of(self.fetch(request))

    def _decided(self, asked: Asked) -> Decision:
        return decided(self.fetch(ask_request(asked)).content)

    def _all_decided(self, asked: Sequence[Asked]) -> tuple[Decision, ...]:
        return all_decided(self.fetch(ask_all_request(asked)).content) if asked else ()

    def _answered(self, request: Request) -> httpx.Response:
        """Ask until there is an answer that will not change by asking again."""
        attempts = Attempts.at(request, retry=self._retry, endpoint=self._endpoint)
        while True:
            try:
                answer = self._asked(request)
            except httpx.TransportError as error:
                pause = attempts.pause_seconds(error, now=datetime.now(UTC))
            else:
                if is_final(answer):
                    return answer
                pause = attempts.pause_seconds(answer, now=datetime.now(UTC))
            self._sleep(pause)

    def _asked(self, request: Request) -> httpx.Response:
        return self._http.request(
            request.method,
            request.path,
            params=request.parameters,
            content=request.body or None,
            headers=dict(request.headers or {}),
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
