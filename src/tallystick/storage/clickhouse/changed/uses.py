"""What was ingested behind a position, by subject: that from which counters of quotas follow."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from tallystick.app.quotas import Use
from tallystick.kernel import WorkspaceId, from_micros, micros
from tallystick.metering import ChangeKind, Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.changed.changed_usage import read_changes
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.schema import EVENTS

SLICE_MICROS = 1_000_000
_AHEAD = datetime.fromisoformat("2200-01-01T00:00:00+00:00")
_CORRECTED = (ChangeKind.CORRECTED, ChangeKind.BACKFILL)
_TOUCHED = f"""
SELECT type, groupUniqArray(subject) FROM {EVENTS}
WHERE position > {{after:UInt64}} AND type IN {{types:Array(String)}} GROUP BY type
"""


class ClickHouseUses:
    """Reads of the projection what counters have not seen."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def uses(
        self, workspace: WorkspaceId, meter: Meter, *, known: tuple[int, int], since: datetime
    ) -> list[Use]:
        after, through = known
        bind = Bindings(workspace=str(workspace), as_of=through)
        conditions = [
            f"position > {bind.position(after)}",
            f"used_at >= fromUnixTimestamp64Micro({bind.whole(micros(since))}, 'UTC')",
        ]
        matched = matched_events(meter, conditions, bind)
        slices = f"intDiv(at, {bind.whole(SLICE_MICROS)})"
        total = "countIf(readable)" if meter.value is None else "toString(sumIf(value, readable))"
        statement = (
            f"SELECT subject, min(at), toString({total}), max(position) FROM ({matched}) "
            f"GROUP BY subject, {slices} HAVING countIf(readable) > 0 ORDER BY subject, min(at)"
        )
        rows = self._clickhouse.read(statement, bind.parameters)
        return [
            Use(
                subject=subject,
                at=from_micros(int(at)),
                quantity=Decimal(total),
                position=int(position),
            )
            for subject, at, total, position in rows
        ]

    def touched(
        self, workspace: WorkspaceId, event_types: Iterable[str], *, known: tuple[int, int]
    ) -> Mapping[str, frozenset[str]]:
        after, through = known
        asked = {
            "workspace": str(workspace),
            "as_of": through,
            "after": after,
            "types": sorted(event_types),
        }
        return {row[0]: frozenset(row[1]) for row in self._clickhouse.read(_TOUCHED, asked)}

    def corrected(self, workspace: WorkspaceId, *, known: tuple[int, int]) -> frozenset[str]:
        changes = read_changes(
            self._clickhouse, workspace, known=known, before=_AHEAD, kinds=_CORRECTED
        )
        return frozenset(change.type for change in changes)
