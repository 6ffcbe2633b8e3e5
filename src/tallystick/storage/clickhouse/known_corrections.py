"""Corrections as the projection knows them; implements ``KnownCorrections``."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tallystick.app.corrections import LastCorrection, RecordedCorrection
from tallystick.kernel import WorkspaceId
from tallystick.metering import Change, Meter
from tallystick.storage.clickhouse.changed_usage import read_changes, read_next
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.schema import CORRECTIONS
from tallystick.storage.clickhouse.usage import ClickHouseUsage

_LAST = f"""
SELECT target, max(position), argMax(amends, position) FROM {CORRECTIONS}
WHERE target IN {{targets:Array(UInt64)}} GROUP BY target
"""
_PAGE = f"""
SELECT position, target, amends, correction_id, source, id, actor, reason, received_at
FROM {CORRECTIONS} WHERE position < {{before:UInt64}}
ORDER BY position DESC LIMIT {{limit:UInt64}}
"""
_AT_A_TIME = 10_000
_BEYOND = 2**63


class ClickHouseCorrections:
    """Reads what was corrected."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse
        self._usage = ClickHouseUsage(clickhouse)

    def wait_covered(self, position: int, timeout: float) -> bool:
        return self._usage.wait_covered(position, timeout)

    def last_corrections(
        self, workspace: WorkspaceId, targets: Sequence[int]
    ) -> Mapping[int, LastCorrection]:
        found: dict[int, LastCorrection] = {}
        for start in range(0, len(targets), _AT_A_TIME):
            asked = {"targets": list(targets[start : start + _AT_A_TIME])}
            rows = self._clickhouse.read(_LAST, self._known(workspace) | asked)
            found |= {
                target: LastCorrection(position=position, amends=amends)
                for target, position, amends in rows
            }
        return found

    def corrections(
        self, workspace: WorkspaceId, *, before: int | None, limit: int
    ) -> list[RecordedCorrection]:
        page = {"before": _BEYOND if before is None else before, "limit": limit}
        return [
            RecordedCorrection(
                position=position,
                target=target,
                amends=amends,
                correction_id=correction_id,
                source=source,
                event_id=event_id,
                actor=actor,
                reason=reason,
                recorded_at=recorded_at,
            )
            for (
                position,
                target,
                amends,
                correction_id,
                source,
                event_id,
                actor,
                reason,
                recorded_at,
            ) in self._clickhouse.read(_PAGE, self._known(workspace) | page)
        ]

    def changes(
        self, workspace: WorkspaceId, *, after: int, through: int, before: datetime
    ) -> list[Change]:
        return read_changes(self._clickhouse, workspace, known=(after, through), before=before)

    def next_reading(
        self, workspace: WorkspaceId, meter: Meter, change: Change, *, through: int
    ) -> datetime | None:
        return read_next(self._clickhouse, workspace, meter, change, through=through)

    def _known(self, workspace: WorkspaceId) -> dict[str, object]:
        return {"workspace": str(workspace), "as_of": self._usage.covered_position()}
