"""Of which workspaces something is new, for what is done behind the loader."""

import threading
import time
from collections.abc import Callable, Collection, Iterable

from tallystick.kernel import WorkspaceId


class News:
    """Workspaces of which something is new; all that are concerned, every now and then."""

    def __init__(self, *, sweep_seconds: float) -> None:
        self._sweep_seconds = sweep_seconds
        self.told: Callable[[], None] = lambda: None
        self._new: set[str] = set()
        self._lock = threading.Lock()
        self._swept_at = -sweep_seconds

    def add(self, workspaces: Collection[str]) -> None:
        """Say that something is new."""
        with self._lock:
            self._new.update(workspaces)
        self.told()

    def is_sweep_due(self) -> bool:
        """Return whether it is time for all that are concerned."""
        return time.monotonic() - self._swept_at > self._sweep_seconds

    def take(self, everybody: Callable[[], Iterable[WorkspaceId]]) -> list[WorkspaceId]:
        """Return of whom something is new; whatever is told from here on is for the next time."""
        with self._lock:
            found, self._new = self._new, set()
        if self.is_sweep_due():
            self._swept_at = time.monotonic()
            found |= set(everybody())
        return [WorkspaceId(workspace) for workspace in sorted(found)]


class CaughtUp:
    """Workspaces of which a reader has seen everything, until something is new."""

    def __init__(self) -> None:
        self._through: set[str] = set()
        self._lock = threading.Lock()

    def disturb(self, workspaces: Collection[str]) -> None:
        """Say that there is something that was not seen."""
        with self._lock:
            self._through.difference_update(workspaces)

    def read(self, workspace: WorkspaceId, read: Callable[[], object]) -> None:
        """Read if there is anything; what comes up meanwhile, or fails, is read the next time."""
        with self._lock:
            if workspace in self._through:
                return
            self._through.add(workspace)
        try:
            read()
        except BaseException:
            self.disturb([workspace])
            raise
