"""
Group commit: one thread that appends whatever waits, so that many small requests share one sync.

The queue is bounded by events: what does not fit is refused at once with a hint when to come back,
and what was queued is always answered.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.app.ingest.parsed import Parsed
from tallystick.app.ingest.report import IngestReport
from tallystick.kernel import EngineUnavailable

QUEUE_EVENTS_MAX = 400_000
GROUP_EVENTS_MAX = 50_000
RETRY_AFTER_SECONDS = 1

Append = Callable[[Sequence[Sequence[Parsed]]], list[IngestReport]]
"""Appends the submissions of a group durably and returns a report for each."""


class Overloaded(EngineUnavailable):
    """The queue is full; nothing was taken; `retry_after_seconds` says when to send again."""

    retry_after_seconds = RETRY_AFTER_SECONDS


@dataclass(slots=True, kw_only=True)
class _Waiting:
    parts: Sequence[Parsed]
    events: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[IngestReport]


class GroupCommit:
    """Takes submissions from event loops and answers them after their durable append."""

    def __init__(
        self,
        append: Append,
        *,
        appended: Callable[[], None] = lambda: None,
        queue_events_max: int = QUEUE_EVENTS_MAX,
    ) -> None:
        self._append = append
        self._appended = appended
        self._queue_events_max = queue_events_max
        self._queue: deque[_Waiting] = deque()
        self._queued_events = 0
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    @property
    def queued_events(self) -> int:
        """Events that wait for their append."""
        return self._queued_events

    async def submit(self, parts: Sequence[Parsed]) -> IngestReport:
        """
        Return the report of a submission once it is durable.

        Raises:
            Overloaded: the queue is full or closing.
            EngineUnavailable: the log could not take it; nothing of it counts.

        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(
            parts=parts,
            events=sum(part.batch.num_rows for part in parts),
            loop=loop,
            future=loop.create_future(),
        )
        with self._wake:
            full = self._queue and self._queued_events + waiting.events > self._queue_events_max
            if self._closing or full:
                message = "more events are waiting than the log can take now; send again later"
                raise Overloaded(message)
            self._queue.append(waiting)
            self._queued_events += waiting.events
            self._wake.notify()
        return await waiting.future

    def close(self) -> None:
        """Append what waits, answer it, and stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            try:
                reports = self._append([waiting.parts for waiting in group])
            except Exception as error:  # noqa: BLE001 - whatever it is, every waiter must hear it
                _answer(group, [error] * len(group))
            else:
                _answer(group, reports)
                self._appended()

    def _next_group(self) -> list[_Waiting] | None:
        with self._wake:
            while not self._queue and not self._closing:
                self._wake.wait()
            group: list[_Waiting] = []
            events = 0
            while self._queue and (not group or events + self._queue[0].events <= GROUP_EVENTS_MAX):
                waiting = self._queue.popleft()
                events += waiting.events
                group.append(waiting)
            self._queued_events -= events
            return group or None


def _answer(group: list[_Waiting], answers: Sequence[IngestReport | Exception]) -> None:
    """Resolve the futures, with one wake-up for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, IngestReport | Exception]]] = {}
    for waiting, answer in zip(group, answers, strict=True):
        by_loop.setdefault(waiting.loop, []).append((waiting, answer))
    for loop, pairs in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, pairs)


def _resolve(pairs: list[tuple[_Waiting, IngestReport | Exception]]) -> None:
    for waiting, answer in pairs:
        if waiting.future.done():
            continue
        if isinstance(answer, IngestReport):
            waiting.future.set_result(answer)
        else:
            waiting.future.set_exception(answer)
