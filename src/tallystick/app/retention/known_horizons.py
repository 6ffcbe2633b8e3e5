"""The horizons of each workspace, as the gate asks for them: from memory, seconds old at most."""

from collections.abc import Callable
from datetime import datetime

from tallystick.app.clock import Clock
from tallystick.app.recently_read import RecentlyRead
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import WorkspaceId
from tallystick.retention import Horizons, RetentionFloor, RetentionRule, horizons_of

_Read = tuple[tuple[RetentionRule, ...], tuple[RetentionFloor, ...]]


class CachedHorizons:
    """
    Remembers rules and floors of workspaces; may be asked from several threads.

    While the store does not answer, what was read last goes on to hold: removal needs that store,
    so nothing can have been removed meanwhile.
    """

    def __init__(
        self, units: Callable[[WorkspaceId], UnitOfWork], *, clock: Clock | None = None
    ) -> None:
        """``clock``: this computer's, where instants are told by clocks of workspaces."""
        self._read: RecentlyRead[_Read] = RecentlyRead(units, _load, clock=clock)

    def known(self, workspace: str, at: datetime) -> Horizons | None:
        """Return the horizons at an instant, None while they must be looked up."""
        read = self._read.known(workspace, at)
        return None if read is None else horizons_of(*read, at=at)

    def look_up(self, workspace: str, at: datetime) -> Horizons:
        """
        Return the horizons at an instant, read anew unless another thread just did.

        Raises:
            EngineUnavailable: nothing is known of them, and the store does not answer.
        """
        return horizons_of(*self._read.look_up(workspace, at), at=at)

    def forget(self, workspace: str) -> None:
        """Read anew when asked next: a rule was changed."""
        self._read.forget(workspace)


def _load(uow: UnitOfWork) -> _Read:
    return uow.retention.rules(), uow.retention.floors()
