"""
Uses of many threads and tasks in few requests.

While one request is on its way the next gathers: a single caller waits for nobody, and a thousand
at once make one request. Each caller gets its own decision.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from tallystick.client.errors import RequestRefused
from tallystick.client.quotas import REQUESTS_MAX, Asked, Consume, Decision
from tallystick.kernel import EngineBusy, Misuse

WAITING_MAX = 10_000

_Question = TypeVar("_Question", bound=Asked)


class Combiner:
    """
    A queue and the thread that empties it; the thread begins with the first question.

    Args:
        ask_all: asks the server; raises where it cannot.
        gather_seconds: how long the first of a request waits for others, besides the time that the
            request before it takes.
    """

    def __init__(
        self, ask_all: Callable[[Sequence[Consume]], Sequence[Decision]], *, gather_seconds: float
    ) -> None:
        self._ask_all = ask_all
        self._gather_seconds = gather_seconds
        self._changed = threading.Condition()
        self._waiting: list[tuple[Consume, Future[Decision]]] = []
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, asked: Consume) -> "Future[Decision]":
        """
        Return the decision to come.

        Raises:
            EngineBusy: WAITING_MAX wait already.
            Misuse: it is closed.
        """
        future: Future[Decision] = Future()
        with self._changed:
            if self._is_closed:
                raise Misuse("these quotas are closed")
            if len(self._waiting) >= WAITING_MAX:
                msg = f"{WAITING_MAX} uses wait for the server already; try again in a moment"
                raise EngineBusy(msg)
            self._waiting.append((asked, future))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="tallystick-consumes", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()
        return future

    def close(self) -> None:
        """Answer what waits, then end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while gathered := self._gathered():
            try:
                decisions = asked_in_halves([asked for asked, _ in gathered], self._ask_all)
            except Exception as error:  # noqa: BLE001 - each caller raises it
                for _, future in gathered:
                    future.set_exception(error)
            else:
                for (_, future), found in zip(gathered, decisions, strict=True):
                    if isinstance(found, Decision):
                        future.set_result(found)
                    else:
                        future.set_exception(found)

    def _gathered(self) -> list[tuple[Consume, "Future[Decision]"]]:
        """Return what goes into the next request; nothing when it is closed and all is answered."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            if self._gather_seconds and not self._is_closed:
                self._changed.wait_for(
                    lambda: len(self._waiting) >= REQUESTS_MAX or self._is_closed,
                    timeout=self._gather_seconds,
                )
            gathered = self._waiting[:REQUESTS_MAX]
            del self._waiting[:REQUESTS_MAX]
        return [each for each in gathered if each[1].set_running_or_notify_cancel()] or (
            self._gathered() if gathered else []
        )


def asked_in_halves(
    asked: Sequence[_Question], ask_all: Callable[[Sequence[_Question]], Sequence[Decision]]
) -> list[Decision | RequestRefused]:
    """
    Return a decision for each, in their order, or what is wrong with that one alone.

    A request that is refused for one wrong question is asked again in halves.
    """
    try:
        return list(ask_all(asked))
    except RequestRefused as error:
        if len(asked) == 1 or not is_about_one(error):
            return [error] * len(asked)
    middle = len(asked) // 2
    return asked_in_halves(asked[:middle], ask_all) + asked_in_halves(asked[middle:], ask_all)


def is_about_one(error: RequestRefused) -> bool:
    """Tell whether a refusal is about what is asked, not about the key or the server."""
    return error.answer.status in {400, 404, 409, 422}
