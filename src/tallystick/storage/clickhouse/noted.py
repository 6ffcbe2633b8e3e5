"""
What the writer of the projection notes for whoever asks it, before rows are there to be seen.

Which workspaces hold corrections or backfills: looking for them where there are none takes longer
than a small question itself. One that is not noted has none up to any position that is covered.

How far events of each workspace and type have come since the process started: who remembers an
answer as of a position knows by it that nothing has come since that could change it.
"""

from collections.abc import Iterable

import pyarrow as pa

from tallystick.kernel import WorkspaceId
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.schema import CORRECTED

KINDS_MAX = 100_000
"""Pairs of workspace and type that are told apart; behind so many all are forgotten once."""
_EVERY_TYPE = ""


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


class WrittenTypes:
    """Implements ``Arrivals``; written by one thread, read by any."""

    def __init__(self, *, kinds_max: int = KINDS_MAX) -> None:
        self._kinds_max = kinds_max
        self._last: dict[tuple[str, str], int] = {}
        self._forgotten = 0

    def note(self, events: pa.Table, *, changed: Iterable[str] = ()) -> None:
        """
        Take note of a block that will be written.

        Args:
            events: with position, workspace and type, in order of position.
            changed: workspaces in which events of any type may count otherwise from here on.
        """
        last = int(events["position"][-1].as_py())
        kinds = events.group_by(["workspace", "type"], use_threads=False).aggregate([]).to_pylist()
        if len(self._last) + len(kinds) > self._kinds_max:
            self._forgotten, self._last = last, {}
        for kind in kinds:
            self._last[kind["workspace"], kind["type"]] = last
        for workspace in changed:
            self._last[workspace, _EVERY_TYPE] = last

    def last(self, workspace: WorkspaceId, event_type: str) -> int:
        kinds = ((workspace, event_type), (workspace, _EVERY_TYPE))
        return max(self._forgotten, *(self._last.get(kind, 0) for kind in kinds))
