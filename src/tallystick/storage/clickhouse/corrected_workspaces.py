"""
Which workspaces hold corrections or backfills, so that the others need not be asked for them.

Looking for corrections where there are none takes longer than a small question itself. Whoever
writes the projection notes a workspace here before the first such row is there for anybody to see;
one that is not noted has none up to any position that is covered.
"""

from collections.abc import Iterable

from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.schema import CORRECTED


class CorrectedWorkspaces:
    """The workspaces noted; grows only."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._names = frozenset(str(cells[0]) for cells in clickhouse.read(CORRECTED, {}))

    def note(self, workspaces: Iterable[str]) -> None:
        """Add workspaces, before their first row is written."""
        self._names |= frozenset(workspaces)

    def holds(self, workspace: str) -> bool:
        """Return whether a workspace may hold corrections or backfills."""
        return workspace in self._names
