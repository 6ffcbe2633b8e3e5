"""The store of alerts."""

from collections.abc import Mapping
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.pipeline import STANDING_MAX, Alert, Condition, Measure
from tallystick.kernel import WorkspaceId, check

_COLUMNS = "o.id, o.condition, o.about, o.value, o.threshold, o.recorded_at"
_OPENED = """
FROM pipeline_alert AS o
LEFT JOIN pipeline_alert AS c ON c.workspace_id = o.workspace_id AND c.opened_id = o.id
WHERE o.opened_id IS NULL
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('alerts of ' || %s, 0))"
_STANDING = f"""
SELECT {_COLUMNS}, NULL::timestamptz, NULL::bigint {_OPENED} AND c.id IS NULL
ORDER BY o.id LIMIT {STANDING_MAX}
"""
_PAGE = f"""
SELECT {_COLUMNS}, c.recorded_at, c.value {_OPENED}
AND o.id < coalesce(%s, 9223372036854775807) ORDER BY o.id DESC LIMIT %s
"""
_INSERT = """
INSERT INTO pipeline_alert
  (workspace_id, opened_id, condition, about, value, threshold, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_COUNTED = f"SELECT o.condition, count(*) {_OPENED} AND c.id IS NULL GROUP BY 1 ORDER BY 1"


class PostgresAlerts:
    """The alerts of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def standing(self, *, lock: bool = False) -> tuple[Alert, ...]:
        if lock:
            self._connection.execute(_LOCK, [self._workspace])
        return tuple(_alert_from_row(row) for row in self._connection.execute(_STANDING))

    def open(self, measure: Measure, *, threshold: int, at: datetime) -> Alert:
        row = (measure.condition.value, measure.about, measure.value, threshold, at)
        return Alert(
            id=self._insert(None, row),
            condition=measure.condition,
            about=measure.about,
            value=measure.value,
            threshold=threshold,
            opened_at=at,
        )

    def close(self, alert: Alert, *, value: int, at: datetime) -> None:
        row = (alert.condition.value, alert.about, value, alert.threshold, at)
        self._insert(alert.id, row)

    def page(self, *, before: int | None, limit: int) -> list[Alert]:
        return [_alert_from_row(row) for row in self._connection.execute(_PAGE, [before, limit])]

    def _insert(self, opened: int | None, row: tuple[object, ...]) -> int:
        made = self._connection.execute(_INSERT, [self._workspace, opened, *row]).fetchone()
        check(made is not None, "an inserted row has an id")
        return 0 if made is None else int(made[0])


class PostgresAlertFigures:
    """Alerts of all workspaces, for the runner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self) -> Mapping[str, int]:
        return {row[0]: int(row[1]) for row in self._connection.execute(_COUNTED)}


def _alert_from_row(row: TupleRow) -> Alert:
    id_, condition, about, value, threshold, opened_at, closed_at, closed_value = row
    return Alert(
        id=id_,
        condition=Condition(condition),
        about=about,
        value=value,
        threshold=threshold,
        opened_at=opened_at,
        closed_at=closed_at,
        closed_value=closed_value,
    )
