"""What rows of the log come to, for each meter and day, read by the reference definition."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.ingest import INSTANT
from tallystick.app.reconcile.ports import Group, Total
from tallystick.kernel import EXACT, MeterKey, WorkspaceId
from tallystick.metering import Event, Meter, read_event

Metered: TypeAlias = tuple[Group, MeterKey]
MetersByType: TypeAlias = Mapping[tuple[WorkspaceId, str], list[Meter]]
"""The meters of each workspace and event type."""

_FIELDS = ("workspace", "source", "id", "type", "subject", "used_at", "received_at", "sequence")


class LoggedTotals:
    """Rows and exact sums of values of chosen groups, as the log has them."""

    def __init__(self, groups: AbstractSet[Group], meters: MetersByType) -> None:
        self._groups = groups
        self._meters = meters
        self._workspaces = pa.array(sorted({group.workspace for group in groups}), pa.string())
        self._types = pa.array(sorted({group.about for group in groups}), pa.string())
        self._days = _spanned(group.day for group in groups)
        self.rows: dict[Group, int] = {}
        self.totals: dict[Metered, Total] = {}

    def add(self, tables: Iterable[pa.Table]) -> None:
        """Add rows as the projection must hold them; those of other groups are passed over."""
        for table in tables:
            chosen = pc.and_(
                pc.is_in(table["type"], value_set=self._types),
                pc.is_in(table["workspace"], value_set=self._workspaces),
            )
            # The log is read to its end: what is of other days must not become Python objects.
            within = pc.and_(
                pc.greater_equal(table["used_at"], self._days[0]),
                pc.less(table["used_at"], self._days[1]),
            )
            for row in table.filter(pc.and_(chosen, within)).to_pylist():
                self._add_row(row)

    def _add_row(self, row: Mapping[str, object]) -> None:
        event = Event(
            **{name: row[name] for name in (*_FIELDS, "data", "position")}  # type: ignore[arg-type] # Arrow knows
        )
        group = Group(
            workspace=WorkspaceId(event.workspace), day=event.used_at.date(), about=event.type
        )
        if group not in self._groups:
            return
        self.rows[group] = self.rows.get(group, 0) + 1
        if row["backfill"]:
            return
        for meter in self._meters.get((group.workspace, event.type), ()):
            reading = read_event(event, meter)
            if reading is not None and reading.meterable:
                before = self.totals.get((group, meter.key), Total())
                value = before.value
                if reading.value is not None:
                    value = EXACT.add(value, reading.value)
                self.totals[group, meter.key] = Total(rows=before.rows + 1, value=value)


def _spanned(days: Iterable[date]) -> tuple[pa.Scalar, pa.Scalar]:
    """Return the instant in which the first day begins and that in which the last one ends."""
    known = sorted(days) or [date.min]
    first, last = known[0], known[-1] + timedelta(days=1)
    begin, end = (datetime.combine(day, time(), UTC) for day in (first, last))
    return pa.scalar(begin, INSTANT), pa.scalar(end, INSTANT)
