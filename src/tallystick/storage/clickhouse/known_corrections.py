"""Corrections as the projection knows them; implements ``KnownCorrections``."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tallystick.app.corrections import Backfill, BackfillState, LastCorrection, RecordedCorrection
from tallystick.kernel import WorkspaceId
from tallystick.metering import Change, Meter
from tallystick.storage.clickhouse.changed import read_changes, read_held, read_next
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.schema import BACKFILLS, CORRECTIONS, HELD
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
_BACKFILLS = f"""
SELECT name, number, countIf(fact = 'closed') > 0, countIf(fact = 'reverted') > 0,
    argMax(reason, position), min(received_at), max(received_at)
FROM {BACKFILLS} WHERE name > {{after:String}} AND ({{name:String}} = '' OR name = {{name:String}})
GROUP BY name, number ORDER BY name LIMIT {{limit:UInt64}}
"""
_HELD_COUNT = f"""
SELECT backfill, uniqExact(source, id) FROM {HELD}
WHERE backfill IN {{numbers:Array(UInt64)}} GROUP BY backfill
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

    def backfill(self, workspace: WorkspaceId, name: str) -> Backfill | None:
        found = self._backfills(workspace, {"after": "", "name": name, "limit": 1})
        return found[0] if found else None

    def backfills(self, workspace: WorkspaceId, *, after: str, limit: int) -> list[Backfill]:
        return self._backfills(workspace, {"after": after, "name": "", "limit": limit})

    def held_changes(self, workspace: WorkspaceId, number: int) -> list[Change]:
        as_of = self._usage.covered_position()
        return read_held(self._clickhouse, workspace, number, as_of=as_of)

    def _backfills(self, workspace: WorkspaceId, asked: dict[str, object]) -> list[Backfill]:
        known = self._known(workspace)
        rows = self._clickhouse.read(_BACKFILLS, known | asked)
        numbers = {"numbers": [row[1] for row in rows]}
        counts: dict[int, int] = {}
        if rows:
            counts = {
                cells[0]: cells[1] for cells in self._clickhouse.read(_HELD_COUNT, known | numbers)
            }
        return [
            Backfill(
                name=name,
                number=number,
                state=_state(closed=bool(closed), reverted=bool(reverted)),
                events=counts.get(number, 0),
                reason=reason,
                opened_at=opened_at,
                changed_at=changed_at,
            )
            for name, number, closed, reverted, reason, opened_at, changed_at in rows
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


def _state(*, closed: bool, reverted: bool) -> BackfillState:
    if reverted:
        return BackfillState.REVERTED
    return BackfillState.CLOSED if closed else BackfillState.OPEN
