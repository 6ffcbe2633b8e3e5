"""How far billing runs are, in the memory of the process that works on them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from threading import Lock

import msgspec

from tallystick.app.invoicing import BillingProgress
from tallystick.kernel import WorkspaceId


class RunUnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """
    A billing run that has not ended.

    `accounts` is how many are billed in all, 0 until the first of them is done.
    """

    started_at: datetime
    accounts_done: int = 0
    accounts: int = 0
    issued: int = 0
    parked: int = 0


class RunsUnderWay:
    """The billing runs of this process, by workspace; used by several threads."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = Lock()
        self._numbers = count(1)
        self._runs: dict[tuple[WorkspaceId, int], RunUnderWay] = {}

    @contextmanager
    def run(
        self, workspace: WorkspaceId, *, at: datetime
    ) -> Iterator[Callable[[BillingProgress], None]]:
        """List a run as long as it lasts; what is yielded is told how far it is."""
        with self._lock:
            place = (workspace, next(self._numbers))
            self._runs[place] = RunUnderWay(started_at=at)

        def tell(progress: BillingProgress) -> None:
            run = RunUnderWay(
                started_at=at,
                accounts_done=progress.accounts_done,
                accounts=progress.accounts,
                issued=progress.issued,
                parked=progress.parked,
            )
            with self._lock:
                self._runs[place] = run

        try:
            yield tell
        finally:
            with self._lock:
                del self._runs[place]

    def of(self, workspace: WorkspaceId) -> list[RunUnderWay]:
        """Return the runs of a workspace, the one begun first before the others."""
        with self._lock:
            return [run for place, run in sorted(self._runs.items()) if place[0] == workspace]
