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
class Workspace:
    """The boundary of isolation: every other row belongs to exactly one."""

    id: WorkspaceId
    kind: WorkspaceKind
    name: str
    created_at: datetime


class Workspaces(Protocol):
    """The one workspace of a unit of work."""

    def add(self, workspace: Workspace) -> bool:
        """Add it; ``False`` if one of this id exists."""
        ...

    def current(self) -> Workspace | None:
        """Return the workspace if it was created."""
        ...


class WorkspaceDirectory(Protocol):
    """All workspaces, for background work."""

    def page(self, *, after: str, limit: int) -> list[Workspace]:
        """Return workspaces by id, ascending, after the given id."""
        ...
