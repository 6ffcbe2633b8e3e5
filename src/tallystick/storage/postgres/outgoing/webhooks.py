"""The store of webhooks; their secrets are derived and never here."""

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.webhooks import Webhook, WebhookFormat, WebhookHealth
from tallystick.kernel import WorkspaceId

_NEW = "id, url, topics, version, created_at, rotated_at, removed_at, format"
_COLUMNS = f"{_NEW}, disabled_at, health::text"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('tallystick.webhooks:' || %s, 0))"
_ADD = f"""
INSERT INTO webhook (workspace_id, {_NEW}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_FIND = f"SELECT {_COLUMNS} FROM webhook WHERE workspace_id = %s AND id = %s"
_HOLD = f"{_FIND} FOR UPDATE"
_LIST = f"""
SELECT {_COLUMNS} FROM webhook WHERE workspace_id = %s AND removed_at IS NULL ORDER BY id
"""
_CHANGE = """
UPDATE webhook SET version = %s, rotated_at = %s, removed_at = %s
WHERE workspace_id = %s AND id = %s AND removed_at IS NULL
"""
_KEEP_HEALTH = """
UPDATE webhook SET disabled_at = %s, health = %s WHERE workspace_id = %s AND id = %s
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

    def find(self, id: str, *, hold: bool = False) -> Webhook | None:
        asked = [self._workspace, id]
        row = self._connection.execute(_HOLD if hold else _FIND, asked).fetchone()
        return None if row is None else _webhook_from_row(row)

    def list_webhooks(self) -> tuple[Webhook, ...]:
        rows = self._connection.execute(_LIST, [self._workspace])
        return tuple(_webhook_from_row(row) for row in rows)

    def change(self, webhook: Webhook) -> bool:
        row = (webhook.version, webhook.rotated_at, webhook.removed_at)
        done = self._connection.execute(_CHANGE, (*row, self._workspace, webhook.id))
        return done.rowcount == 1

    def keep_health(self, webhook: Webhook) -> None:
        health = msgspec.json.encode(webhook.health).decode()
        row = (webhook.disabled_at, health, self._workspace, webhook.id)
        self._connection.execute(_KEEP_HEALTH, row)


def _webhook_from_row(row: TupleRow) -> Webhook:
    id, url, topics, version, created_at, rotated_at, removed_at, form, disabled_at, health = row
    return Webhook(
        id=id,
        url=url,
        topics=tuple(topics),
        version=version,
        created_at=created_at,
        rotated_at=rotated_at,
        removed_at=removed_at,
        format=WebhookFormat(form),
        disabled_at=disabled_at,
        health=msgspec.json.decode(health or "{}", type=WebhookHealth),
    )
