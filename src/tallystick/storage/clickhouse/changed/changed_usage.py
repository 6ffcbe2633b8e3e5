"""What was recorded about times that are over, and which reading follows it, as SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from tallystick.kernel import WorkspaceId, from_micros, micros
from tallystick.metering import RESERVED_TYPES, Change, ChangeKind, Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.folding import is_compilable
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.schema import BACKFILLS, EVENTS, HELD, SUPERSEDED

_BEFORE = "used_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')"
_BETWEEN = "> {after:UInt64}"
_CELLS = "type, subject, toUnixTimestamp64Micro(min(used_at)), toUnixTimestamp64Micro(max(used_at))"
_GROUPS = "GROUP BY type, subject ORDER BY type, subject"
_ORDINARY = f"NOT startsWith(type, '{RESERVED_TYPES}')"
_QUESTIONS = {
    ChangeKind.LATE: (
        f"SELECT {_CELLS}, max(position) FROM {EVENTS} "
        f"WHERE position {_BETWEEN} AND {_BEFORE} AND {_ORDINARY} {_GROUPS}"
    ),
    ChangeKind.CORRECTED: (
        f"SELECT {_CELLS}, max(corrected_at) FROM {SUPERSEDED} "
        f"WHERE corrected_at {_BETWEEN} AND {_BEFORE} {_GROUPS}"
    ),
    ChangeKind.BACKFILL: (
        f"SELECT {_CELLS}, max(decided_at) FROM {HELD} "
        "INNER JOIN (SELECT number, max(position) AS decided_at FROM "
        f"{BACKFILLS} WHERE fact != 'opened' AND position {_BETWEEN} GROUP BY number) AS decided "
        f"ON backfill = number WHERE {_BEFORE} {_GROUPS}"
    ),
}


def read_changes(
    clickhouse: ClickHouse,
    workspace: WorkspaceId,
    *,
    known: tuple[int, int],
    before: datetime,
    kinds: Collection[ChangeKind] = frozenset(ChangeKind),
) -> list[Change]:
    """Return the changes recorded behind the first position of ``known`` up to the second."""
    after, through = known
    asked = {
        "workspace": str(workspace),
        "as_of": through,
        "after": after,
        "before": micros(before),
    }
    return [
        _change(kind, cells)
        for kind, statement in _QUESTIONS.items()
        if kind in kinds
        for cells in clickhouse.read(statement, asked)
    ]


def read_held(
    clickhouse: ClickHouse, workspace: WorkspaceId, number: int, *, as_of: int
) -> list[Change]:
    """Return the events that a backfill holds, by type and subject."""
    asked = {"workspace": str(workspace), "as_of": as_of, "number": number}
    statement = (
        f"SELECT {_CELLS}, max(position) FROM {HELD} WHERE backfill = {{number:UInt64}} {_GROUPS}"
    )
    return [_change(ChangeKind.BACKFILL, cells) for cells in clickhouse.read(statement, asked)]


def read_next(
    clickhouse: ClickHouse, workspace: WorkspaceId, meter: Meter, change: Change, *, through: int
) -> datetime | None:
    """Return the instant of the first reading after a change where subject alone makes series."""
    if meter.dimensions or not is_compilable(meter):
        return None
    bind = Bindings(workspace=str(workspace), as_of=through)
    conditions = [
        f"subject = {bind.text(change.subject)}",
        f"used_at > fromUnixTimestamp64Micro({bind.whole(micros(change.last_at))}, 'UTC')",
    ]
    matched = matched_events(meter, conditions, bind)
    statement = f"SELECT count(), min(at) FROM ({matched}) WHERE readable"
    ((count, at),) = clickhouse.read(statement, bind.parameters)
    return from_micros(int(at)) if count else None


def _change(kind: ChangeKind, cells: Sequence[Any]) -> Change:
    type_, subject, first, last, position = cells
    return Change(
        kind=kind,
        position=int(position),
        type=type_,
        subject=subject,
        first_at=from_micros(first),
        last_at=from_micros(last),
    )
