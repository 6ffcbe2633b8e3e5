"""The horizons of each workspace, as the gate asks for them: from memory, seconds old at most."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EngineUnavailable, WorkspaceId
from tallystick.retention import Horizons, RetentionFloor, RetentionRule, horizons_of

FRESH_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    rules: tuple[RetentionRule, ...]
    floors: tuple[RetentionFloor, ...]
    read_at: datetime


class CachedHorizons:
    """
    Remembers rules and floors of workspaces; may be asked from several threads.

    While the store does not answer, what was read last goes on to hold: removal needs that store,
    so nothing can have been removed meanwhile.
    """

    def __init__(self, units: Callable[[WorkspaceId], UnitOfWork]) -> None:
        self._units = units
        self._read: dict[str, _Read] = {}
        self._lock = threading.Lock()

    def known(self, workspace: str, at: datetime) -> Horizons | None:
        """Return the horizons at an instant, None while they must be looked up."""
        read = self._read.get(workspace)
        if read is None or abs(at - read.read_at) > timedelta(seconds=FRESH_SECONDS):
            return None
        return horizons_of(read.rules, read.floors, at=at)

    def look_up(self, workspace: str, at: datetime) -> Horizons:
        """
        Return the horizons at an instant, read anew unless another thread just did.

        Raises:
            EngineUnavailable: nothing is known of them, and the store does not answer.
        """
        with self._lock:
            known = self.known(workspace, at)
            if known is not None:
                return known
            try:
                self._read[workspace] = self._load(workspace, at)
            except EngineUnavailable:
                if workspace not in self._read:
                    raise
            read = self._read[workspace]
        return horizons_of(read.rules, read.floors, at=at)

    def forget(self, workspace: str) -> None:
        """Read anew when asked next: a rule was changed."""
        with self._lock:
            self._read.pop(workspace, None)

    def _load(self, workspace: str, at: datetime) -> _Read:
        with self._units(WorkspaceId(workspace)) as uow:
            return _Read(rules=uow.retention.rules(), floors=uow.retention.floors(), read_at=at)
