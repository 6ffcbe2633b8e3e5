"""
Removal of content from the projection: one update of the rows that a condition names.

The rows stay where they are, as ones that a backfill holds which never counts; type, source,
subject and instants stay with them. So no position is ever missing, and a broken off update is made
up for by doing it again. Loading the log anew gives the same rows.
"""

from datetime import datetime

from tallystick.app.retention import DayCount, HeldTime, Removal
from tallystick.kernel import WorkspaceId, micros
from tallystick.metering import REMOVED, RESERVED_TYPES
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.corrected_workspaces import CorrectedWorkspaces
from tallystick.storage.clickhouse.schema import (
    CORRECTED_POSITIONS,
    CORRECTIONS,
    EVENTS,
    INSERT_TARGET,
    ROWS,
)

_USED_AT = "toString(toUnixTimestamp64Micro(used_at))"
_WAITED_FOR = {"mutations_sync": 2}


class ClickHouseRemoval:
    """Implements ``RemovableProjection``; ``corrected`` is the note of whoever writes."""

    def __init__(self, clickhouse: ClickHouse, corrected: CorrectedWorkspaces) -> None:
        self._clickhouse = clickhouse
        self._corrected = corrected

    def old_types(self, workspace: WorkspaceId, *, as_of: int, before: datetime) -> list[str]:
        bind = Bindings(workspace=str(workspace), as_of=as_of)
        statement = (
            f"SELECT DISTINCT type FROM {EVENTS} WHERE {_used_before(before, bind)} "
            f"AND NOT startsWith(type, {bind.text(RESERVED_TYPES)}) ORDER BY type"
        )
        return [str(cells[0]) for cells in self._clickhouse.read(statement, bind.parameters)]

    def days(self, removal: Removal) -> list[DayCount]:
        bind = Bindings(workspace=str(removal.workspace), as_of=removal.through)
        corrected = f"SELECT arrayJoin([target, position]) FROM {CORRECTIONS}"
        statement = (
            f"SELECT toDate(used_at, 'UTC') AS day, count() FROM {ROWS} "
            f"WHERE {_condition(removal, bind)} AND position NOT IN ({corrected}) "
            "GROUP BY day ORDER BY day"
        )
        rows = self._clickhouse.read(statement, bind.parameters)
        return [DayCount(day=day, events=int(events)) for day, events in rows]

    def corrected_positions(self, workspace: WorkspaceId, *, as_of: int) -> list[int]:
        bind = Bindings(workspace=str(workspace), as_of=as_of)
        statement = f"SELECT DISTINCT target FROM {CORRECTIONS} ORDER BY target"
        return [int(cells[0]) for cells in self._clickhouse.read(statement, bind.parameters)]

    def remove(self, removal: Removal) -> None:
        bind = Bindings(workspace=str(removal.workspace))
        condition = _condition(removal, bind)
        self._corrected.note([str(removal.workspace)])
        self._clickhouse.command(
            f"ALTER TABLE {INSERT_TARGET} UPDATE id = '', data = {_digest()}, fields = '', "
            f"backfill = {REMOVED} WHERE workspace = {{workspace:String}} AND backfill = 0 "
            f"AND {condition} AND position NOT IN ({CORRECTED_POSITIONS})",
            bind.parameters,
            settings=_WAITED_FOR,
        )


def _digest() -> str:
    """Return the data of an event without content, as the log has it: its digest as evidence."""
    parts = ("workspace", "source", "id", "type", "subject", _USED_AT, "sequence", "data")
    netstrings = ", ".join(f"toString(length({part})), ':', {part}, ','" for part in parts)
    return f"concat('{{\"digest\":\"', lower(hex(SHA256(concat({netstrings})))), '\"}}')"


def _condition(removal: Removal, bind: Bindings) -> str:
    parts = [
        f"type = {bind.text(removal.event_type)}",
        _used_before(removal.before, bind),
        f"position <= {bind.position(removal.through)}",
        *(f"NOT ({_held(held, bind)})" for held in removal.held),
    ]
    if removal.kept:
        parts.append(f"position NOT IN {bind.positions(removal.kept)}")
    return " AND ".join(parts)


def _held(held: HeldTime, bind: Bindings) -> str:
    parts = ["1"]
    if held.subjects is not None:
        parts.append(f"has({bind.texts(held.subjects)}, subject)")
    if held.start is not None:
        parts.append(f"NOT ({_used_before(held.start, bind)})")
    if held.end is not None:
        parts.append(_used_before(held.end, bind))
    return " AND ".join(parts)


def _used_before(instant: datetime, bind: Bindings) -> str:
    return f"used_at < fromUnixTimestamp64Micro({bind.whole(micros(instant))}, 'UTC')"
