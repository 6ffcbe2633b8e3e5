"""The store of webhooks; their secrets are derived and never here."""

from datetime import datetime

from psycopg import Connection

from tallystick.app.webhooks import Webhook, WebhookFormat
from tallystick.kernel import WorkspaceId

_COLUMNS = "id, url, topics, version, created_at, rotated_at, removed_at, format"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('tallystick.webhooks:' || %s, 0))"
_ADD = f"""
INSERT INTO webhook (workspace_id, {_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_FIND = f"SELECT {_COLUMNS} FROM webhook WHERE workspace_id = %s AND id = %s"
_LIST = f"""
SELECT {_COLUMNS} FROM webhook WHERE workspace_id = %s AND removed_at IS NULL ORDER BY id
"""
_CHANGE = """
UPDATE webhook SET version = %s, rotated_at = %s, removed_at = %s
WHERE workspace_id = %s AND id = %s AND removed_at IS NULL
"""


class PostgresWebhooks:
    """The webhooks of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def lock(self) -> None:
        self._connection.execute(_LOCK, [self._workspace])

    def add(self, webhook: Webhook) -> None:
        row = (webhook.id, webhook.url, list(webhook.topics), webhook.version, webhook.created_at)
        dates = (webhook.rotated_at, webhook.removed_at)
        self._connection.execute(_ADD, (self._workspace, *row, *dates, webhook.format.value))

    def find(self, id: str) -> Webhook | None:
        row = self._connection.execute(_FIND, [self._workspace, id]).fetchone()
        return None if row is None else _webhook_from_row(row)

    def list_webhooks(self) -> tuple[Webhook, ...]:
        rows = self._connection.execute(_LIST, [self._workspace])
        return tuple(_webhook_from_row(row) for row in rows)

    def change(self, webhook: Webhook) -> bool:
        row = (webhook.version, webhook.rotated_at, webhook.removed_at)
        done = self._connection.execute(_CHANGE, (*row, self._workspace, webhook.id))
        return done.rowcount == 1


def _webhook_from_row(
    row: tuple[str, str, list[str], int, datetime, datetime | None, datetime | None, str],
) -> Webhook:
    id, url, topics, version, created_at, rotated_at, removed_at, form = row
    return Webhook(
        id=id,
        url=url,
        topics=tuple(topics),
        version=version,
        created_at=created_at,
        rotated_at=rotated_at,
        removed_at=removed_at,
        format=WebhookFormat(form),
    )
