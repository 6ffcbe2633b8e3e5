"""
Asks of many connections, decided together: whatever waits becomes one transaction a workspace.

A hot counter is then locked, changed and synced once for all who ask at the same time.  The queue
is bounded; what does not fit is refused at once, and what was taken is always answered.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tallystick.app.ingest import Overloaded
from tallystick.app.quotas.asks import Decided, Traced
from tallystick.kernel import EngineUnavailable, WorkspaceId

WAITING_MAX = 20_000
TOGETHER_MAX = 1_000

Answer = Callable[[WorkspaceId, Sequence[Traced]], Decided]
"""Decides asks of one workspace in one transaction."""


@dataclass(slots=True, kw_only=True)
class _Waiting:
    workspace: WorkspaceId
    asks: Sequence[Traced]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Decided]


class Combiner:
    """Takes asks from event loops and answers them after their commit; one thread decides."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._queue: deque[_Waiting] = deque()
        self._asks = 0
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="quotas", daemon=True)

    def start(self) -> None:
        """Begin to decide."""
        self._thread.start()

    async def ask(self, workspace: WorkspaceId, asks: Sequence[Traced]) -> Decided:
        """
        Return the decisions on asks once they are durable.

        Raises:
            Overloaded: too many wait, or it is closing; nothing took effect.
            EngineUnavailable: a store is away; nothing took effect.
        """
        loop = asyncio.get_running_loop()
        one = _Waiting(workspace=workspace, asks=asks, loop=loop, future=loop.create_future())
        with self._wake:
            if self._closing or (self._queue and self._asks + len(asks) > WAITING_MAX):
                raise Overloaded("more asks are waiting than can be decided now; ask again later")
            self._queue.append(one)
            self._asks += len(asks)
            self._wake.notify()
        return await one.future

    def close(self) -> None:
        """Decide what waits, and stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            for workspace, waiting in batch.items():
                self._decide(workspace, waiting)

    def _next(self) -> Mapping[WorkspaceId, list[_Waiting]]:
        with self._wake:
            while not self._queue and not self._closing:
                self._wake.wait()
            found: dict[WorkspaceId, list[_Waiting]] = {}
            asks = 0
            while self._queue and (not asks or asks + len(self._queue[0].asks) <= TOGETHER_MAX):
                one = self._queue.popleft()
                asks += len(one.asks)
                found.setdefault(one.workspace, []).append(one)
            self._asks -= asks
            return found

    def _decide(self, workspace: WorkspaceId, waiting: Sequence[_Waiting]) -> None:
        pairs = list(zip(waiting, self._answers(workspace, waiting), strict=True))
        for loop in {one.loop for one in waiting}:
            if not loop.is_closed():
                own = [each for each in pairs if each[0].loop is loop]
                loop.call_soon_threadsafe(_resolve, own)

    def _answers(
        self, workspace: WorkspaceId, waiting: Sequence[_Waiting]
    ) -> list[Decided | Exception]:
        """Return the answer to each; what cannot be decided together is tried one by one."""
        try:
            made = self._answer(workspace, [ask for one in waiting for ask in one.asks])
        except EngineUnavailable as error:
            return [error] * len(waiting)
        except Exception as error:  # noqa: BLE001 - whatever it is, its waiter must hear it
            if len(waiting) == 1:
                return [error]
            return [found for one in waiting for found in self._answers(workspace, [one])]
        ends = list(accumulate(len(one.asks) for one in waiting))
        return [
            Decided(decisions=made.decisions[end - len(one.asks) : end], at=made.at)
            for one, end in zip(waiting, ends, strict=True)
        ]


def _resolve(pairs: Sequence[tuple[_Waiting, Decided | Exception]]) -> None:
    for one, found in pairs:
        if one.future.done():
            continue
        if isinstance(found, Exception):
            one.future.set_exception(found)
        else:
            one.future.set_result(found)
