"""The log in spans of positions: compared one after the other, repaired before the next."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from tallystick.app.ingest import Block, positioned_tables
from tallystick.app.reconcile.ports import Group, Logged
from tallystick.kernel import WorkspaceId

SPAN_POSITIONS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """
    Which differences are looked for.

    Attributes:
        workspace: of one workspace; None for all, and for what belongs to none.
        since: first day of use, in UTC; None for all before.
        until: the day behind the last; None for all after.
    """

    workspace: WorkspaceId | None = None
    since: date | None = None
    until: date | None = None

    def holds(self, group: Group) -> bool:
        """Return whether a group is looked for."""
        return self.holds_workspace(group.workspace) and self.holds_day(group.day)

    def holds_workspace(self, workspace: WorkspaceId) -> bool:
        """Return whether a workspace is looked at."""
        return self.workspace in {None, workspace}

    def holds_day(self, day: date) -> bool:
        """Return whether a day is looked at."""
        early = self.since is not None and day < self.since
        return not early and (self.until is None or day < self.until)


def logged_tables(blocks_from: Callable[[int, int], Iterator[Block]]) -> Logged:
    """Return what yields the rows of the log between two positions, both included."""

    def tables(first: int, last: int) -> Iterator[pa.Table]:
        for table in positioned_tables(blocks_from(first, last)):
            start = table["position"][0].as_py()
            skipped = max(0, first - start)
            rows = table.slice(skipped, last - (start + skipped) + 1)
            if rows.num_rows:
                yield rows

    return tables


def spans(through: int) -> list[tuple[int, int]]:
    """
    Return first and last position of each span.

    Example:
        >>> spans(0), spans(2)
        ([], [(1, 2)])
    """
    return [
        (first, min(through, first + SPAN_POSITIONS - 1))
        for first in range(1, through + 1, SPAN_POSITIONS)
    ]
