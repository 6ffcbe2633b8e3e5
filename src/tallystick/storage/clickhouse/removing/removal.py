"""
Removal of content from the projection: one update of the rows that a condition names.

The rows stay where they are, as ones that a backfill holds which never counts; type, source,
subject and instants stay with them. So no position is ever missing, and a broken off update is made
up for by doing it again. Loading the log anew gives the same rows. Roll-ups are dropped from the
first of these rows on, and are rolled up anew without them.
"""

from collections.abc import Sequence
from datetime import datetime

from tallystick.app.retention import DayCount, Removal
from tallystick.kernel import WorkspaceId
from tallystick.metering import REMOVED, RESERVED_TYPES, Meter, definitions_of
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.noted import CorrectedWorkspaces
from tallystick.storage.clickhouse.removing.condition import removal_condition, used_before
from tallystick.storage.clickhouse.rolled import RollUps, reading_of
from tallystick.storage.clickhouse.schema import (
    CORRECTED_POSITIONS,
    CORRECTIONS,
    EVENTS,
    HELD,
    INSERT_TARGET,
    ROWS,
)

_USED_AT = "toString(toUnixTimestamp64Micro(used_at))"
_WAITED_FOR = {"mutations_sync": 2}


class ClickHouseRemoval:
    """
    Implements ``RemovableProjection``.

    Args:
        clickhouse: the engine.
        corrected: the note of whoever writes.
        rollups: those that are kept.
    """

    def __init__(
        self, clickhouse: ClickHouse, corrected: CorrectedWorkspaces, rollups: RollUps
    ) -> None:
        self._clickhouse = clickhouse
        self._corrected = corrected
        self._rollups = rollups

    def old_types(self, workspace: WorkspaceId, *, as_of: int, before: datetime) -> list[str]:
        bind = Bindings(workspace=str(workspace), as_of=as_of)
        statement = (
            f"SELECT DISTINCT type FROM {EVENTS} WHERE {used_before(before, bind)} "
            f"AND NOT startsWith(type, {bind.text(RESERVED_TYPES)}) ORDER BY type"
        )
        return [str(cells[0]) for cells in self._clickhouse.read(statement, bind.parameters)]

    def days(self, removal: Removal) -> list[DayCount]:
        bind = Bindings(workspace=str(removal.workspace), as_of=removal.through)
        corrected = f"SELECT arrayJoin([target, position]) FROM {CORRECTIONS}"
        statement = (
            f"SELECT toDate(used_at, 'UTC') AS day, count() FROM {ROWS} "
            f"WHERE {removal_condition(removal, bind)} AND position NOT IN ({corrected}) "
            "GROUP BY day ORDER BY day"
        )
        rows = self._clickhouse.read(statement, bind.parameters)
        return [DayCount(day=day, events=int(events)) for day, events in rows]

    def corrected_positions(self, workspace: WorkspaceId, *, as_of: int) -> list[int]:
        bind = Bindings(workspace=str(workspace), as_of=as_of)
        statement = f"SELECT DISTINCT target FROM {CORRECTIONS} ORDER BY target"
        return [int(cells[0]) for cells in self._clickhouse.read(statement, bind.parameters)]

    def remove(self, removal: Removal, meters: Sequence[Meter]) -> None:
        bind = Bindings(workspace=str(removal.workspace))
        condition = removal_condition(removal, bind)
        self._corrected.note([str(removal.workspace)])
        self._clickhouse.command(
            f"ALTER TABLE {INSERT_TARGET} UPDATE id = '', data = {_digest()}, fields = '', "
            f"backfill = {REMOVED} WHERE workspace = {{workspace:String}} AND backfill = 0 "
            f"AND {condition} AND position NOT IN ({CORRECTED_POSITIONS})",
            bind.parameters,
            settings=_WAITED_FOR,
        )
        self._forget_rolled_up(removal, meters)

    def _forget_rolled_up(self, removal: Removal, meters: Sequence[Meter]) -> None:
        """Drop roll-ups that may hold what is gone; one under way is waited for, then dropped."""
        bind = Bindings(workspace=str(removal.workspace), as_of=removal.through)
        statement = (
            f"SELECT min(position) FROM {HELD} "
            f"WHERE backfill = {REMOVED} AND {removal_condition(removal, bind)}"
        )
        first = int(self._clickhouse.read(statement, bind.parameters)[0][0])
        readings = {
            reading_of(one)
            for meter in meters
            for one in (meter, *definitions_of(meter))
            if one.event_type == removal.event_type
        }
        for reading in sorted(readings - {""}) if first else ():
            block = (first - 1) // self._rollups.sizes.block_events
            self._rollups.forget(removal.workspace, reading, block=block)


def _digest() -> str:
    """Return the data of an event without content, as the log has it: its digest as evidence."""
    parts = ("workspace", "source", "id", "type", "subject", _USED_AT, "sequence", "data")
    netstrings = ", ".join(f"toString(length({part})), ':', {part}, ','" for part in parts)
    return f"concat('{{\"digest\":\"', lower(hex(SHA256(concat({netstrings})))), '\"}}')"
