"""Groups of usage alerts that are told at once, as rows."""

from datetime import datetime

from psycopg import Connection

from tallystick.app.usage_alerts import AlertGroup, AlertRecord
from tallystick.kernel import InvariantBroken, WorkspaceId
from tallystick.storage.postgres.quotas.alert_rows import READ, records

# A group that is over is followed by the one that begins, in its row.
_JOIN = """
INSERT INTO alert_group AS one (workspace_id, rule, account, id, ends_at)
VALUES (%(workspace)s, %(rule)s, %(account)s, %(id)s, %(ends_at)s)
ON CONFLICT (workspace_id, rule, account) DO UPDATE SET
  id = CASE WHEN one.ends_at <= %(at)s THEN excluded.id ELSE one.id END,
  ends_at = CASE WHEN one.ends_at <= %(at)s THEN excluded.ends_at ELSE one.ends_at END
RETURNING id, ends_at
"""
_CLOSE = "DELETE FROM alert_group WHERE id = %s"
_MEMBERS = READ.format(
    alerts="""(
  SELECT workspace_id, id, number, document FROM usage_alert
  WHERE told_in = %s AND told_in <> '' ORDER BY number LIMIT %s)"""
)
_COUNT = "SELECT count(*) FROM usage_alert WHERE told_in = %s AND told_in <> ''"


class PostgresAlertGroups:
    """The groups of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def join(self, begun: AlertGroup, *, at: datetime) -> AlertGroup:
        asked = {
            "workspace": self._workspace,
            "rule": begun.rule,
            "account": begun.account,
            "id": begun.id,
            "ends_at": begun.ends_at,
            "at": at,
        }
        row = self._connection.execute(_JOIN, asked).fetchone()
        if row is None:
            raise InvariantBroken("a group of alerts is neither begun nor joined")
        return AlertGroup(id=row[0], rule=begun.rule, account=begun.account, ends_at=row[1])

    def close(self, id: str) -> None:
        self._connection.execute(_CLOSE, [id])

    def members(self, id: str, *, limit: int) -> tuple[AlertRecord, ...]:
        return records(self._connection.execute(_MEMBERS, [id, limit]))[::-1]

    def count(self, id: str) -> int:
        row = self._connection.execute(_COUNT, [id]).fetchone()
        return 0 if row is None else int(row[0])
