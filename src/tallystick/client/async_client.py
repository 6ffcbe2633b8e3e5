"""
The HTTP client for programs that run on asyncio: as `Client`, and each answer is awaited.

It belongs to the event loop in which it is first used.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
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


class AsyncClient:
    """A client of one server; close it, or use it as an asynchronous context manager."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        retry: Retry | None = None,
        timeout_seconds: float = 60.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._retry = retry or Retry()
        self._sleep = sleep
        self._http = httpx.AsyncClient(
            base_url=endpoint.url,
            headers=default_headers(endpoint),
            timeout=timeout_seconds,
            transport=httpx.AsyncHTTPTransport(
                uds=endpoint.socket or None, verify=trusted_by(endpoint.url)
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    @property
    def quotas(self) -> Quotas[Awaitable[Decision], Awaitable[tuple[Decision, ...]]]:
        """Return the questions of quotas, each answered by the server."""
        return Quotas(self._decided, self._all_decided)

    async def send_events(self, events: Iterable[Mapping[str, object]] | pa.Table) -> SendReport:
        """Send events in order and return what became of them; as `Client.send_events`."""
        report = SendReport()
        for batch in batches_of(events):
            report = report.with_batch(await self.send_batch(batch))
        return report

    async def send_batch(self, batch: Batch, *, backfill: str = "") -> BatchAnswer:
        """Send one body; with a name its events wait in that open backfill."""
        return batch_answer(await self._answered(batch_request(batch, backfill=backfill)))

    async def get(self, path: str, **query: str) -> object:
        """Return the decoded JSON answer; empty query values are left out."""
        return await self.ask(Request(method="GET", path=path, query=query))

    async def post(
        self, path: str, document: object = None, *, idempotency_key: str = ""
    ) -> object:
        """Send a JSON document; without an idempotency key it is attempted once only."""
        return await self.ask(json_request(path, document, idempotency_key=idempotency_key))

    async def usage(self, asked: UsageAsked) -> AsyncIterator[UsageFound]:
        """Yield the rows of a question for usage, page after page, all at one log position."""
        while True:
            answer = await self.fetch(usage_request(asked))
            page = msgspec.json.decode(answer.content, type=UsagePage)
            for row in page.items:
                yield row
            if not page.next_cursor:
                return
            asked = msgspec.structs.replace(asked, cursor=page.next_cursor)

    async def delete(self, path: str) -> object:
        return await self.ask(Request(method="DELETE", path=path))

    async def fetch(self, request: Request) -> httpx.Response:
        """Return a successful answer as it came; raises as `Client.fetch` does."""
        return successful(await self._answered(request))

    async def ask(self, request: Request) -> object:
        """Return the decoded JSON answer of any request."""
        return document_of(await self.fetch(request))

    async def _decided(self, asked: Asked) -> Decision:
        return decided((await self.fetch(ask_request(asked))).content)

    async def _all_decided(self, asked: Sequence[Asked]) -> tuple[Decision, ...]:
        return all_decided((await self.fetch(ask_all_request(asked))).content) if asked else ()

    async def _answered(self, request: Request) -> httpx.Response:
        attempts = Attempts.at(request, retry=self._retry, endpoint=self._endpoint)
        while True:
            try:
                answer = await self._asked(request)
            except httpx.TransportError as error:
                pause = attempts.pause_seconds(error, now=datetime.now(UTC))
            else:
                if is_final(answer):
                    return answer
                pause = attempts.pause_seconds(answer, now=datetime.now(UTC))
            await self._sleep(pause)

    async def _asked(self, request: Request) -> httpx.Response:
        return await self._http.request(
            request.method,
            request.path,
            params=request.parameters,
            content=request.body or None,
            headers=dict(request.headers or {}),
        )
