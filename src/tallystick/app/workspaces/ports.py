"""Workspaces as values, and their stores."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tallystick.kernel import WorkspaceId


class WorkspaceKind(StrEnum):
    """Live, or for trying things out: test series and a test clock."""

    LIVE = "live"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceTime:
    """
    Where the clock of a test workspace stands; it moves when it is told to, and only forward.

    Attributes:
        at: the present instant of everything that happens in the workspace.
        target: where an advance is going that has not ended yet; None: none is under way.
    """

    at: datetime
    target: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """
    The boundary of isolation: every other row belongs to exactly one.

    Attributes:
        time: of a test workspace; None: it goes by the computer's clock, as a live one always does
            and a test one until its clock is set.
    """

    id: WorkspaceId
    kind: WorkspaceKind
    name: str
    created_at: datetime
    time: WorkspaceTime | None = None


class Workspaces(Protocol):
    """The one workspace of a unit of work."""

    def add(self, workspace: Workspace) -> bool:
        """Add it; ``False`` if one of this id exists."""
        ...

    def current(self) -> Workspace | None:
        """Return the workspace if it was created."""
        ...

    def take_turn(self) -> bool:
        """Keep others from advancing this clock; False: another transaction is about it."""
        ...

    def set_time(self, time: WorkspaceTime) -> None:
        """
        Set the clock of a test workspace; it stands locked until the commit.

        Raises:
            InvariantBroken: it is no test workspace, or its clock stands later than that.
        """
        ...


class WorkspaceDirectory(Protocol):
    """All workspaces, for background work."""

    def page(self, *, after: str, limit: int) -> list[Workspace]:
        """Return workspaces by id, ascending, after the given id."""
        ...

    def find(self, workspace: WorkspaceId) -> Workspace | None:
        """Return a workspace, None if it was not created."""
        ...
