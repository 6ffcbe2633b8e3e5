"""What the gate asks for with every request, from memory: seconds old at most."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from tallystick.app.clock import Clock
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EngineUnavailable, WorkspaceId

FRESH_SECONDS = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read(Generic[T]):
    value: T
    read_at: datetime


class RecentlyRead(Generic[T]):
    """
    Remembers one thing about each workspace; may be asked from several threads.

    While the store does not answer, what was read last goes on to hold: whatever changes it needs
    that store.
    """

    def __init__(
        self,
        units: Callable[[WorkspaceId], UnitOfWork],
        load: Callable[[UnitOfWork], T],
        *,
        clock: Clock | None = None,
    ) -> None:
        """``clock``: by which what was read ages, where that is not the instant asked about."""
        self._clock = clock
        self._units = units
        self._load = load
        self._read: dict[str, _Read[T]] = {}
        self._lock = threading.Lock()

    def known(self, workspace: str, at: datetime) -> T | None:
        """Return what was read, None while it must be looked up."""
        read = self._read.get(workspace)
        if read is None or abs(self._now(at) - read.read_at) > timedelta(seconds=FRESH_SECONDS):
            return None
        return read.value

    def _now(self, at: datetime) -> datetime:
        return at if self._clock is None else self._clock.now()

    def look_up(self, workspace: str, at: datetime) -> T:
        """
        Return it read anew, unless another thread just did.

        Raises:
            EngineUnavailable: nothing is known of it, and the store does not answer.
        """
        with self._lock:
            known = self.known(workspace, at)
            if known is not None:
                return known
            try:
                with self._units(WorkspaceId(workspace)) as uow:
                    self._read[workspace] = _Read(value=self._load(uow), read_at=self._now(at))
            except EngineUnavailable:
                if workspace not in self._read:
                    raise
                # Not waited for again with the next request.
                self._read[workspace] = replace(self._read[workspace], read_at=self._now(at))
            return self._read[workspace].value

    def forget(self, workspace: str) -> None:
        """Read anew when asked next: it was changed."""
        with self._lock:
            self._read.pop(workspace, None)
