"""The outbox: put by the app in the command's transaction, claimed and closed by the runner."""

from datetime import datetime

from psycopg import Connection

from tallystick.app.outbox import Claim, Message
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres.json_column import json_object, json_text

_PUT = """
INSERT INTO outbox (workspace_id, id, topic, payload, trace_id, next_attempt_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, id) DO NOTHING
"""
# A claim moves next_attempt_at to the end of its lease: if the deliverer dies, the message falls
# due again by itself. The attempt number fences off whoever comes back late.
_CLAIM = """
WITH due AS (
  SELECT workspace_id, id, next_attempt_at AS was_due_at FROM outbox
  WHERE next_attempt_at <= %s
  ORDER BY next_attempt_at
  LIMIT %s
  FOR UPDATE SKIP LOCKED
)
UPDATE outbox AS o SET attempts = attempts + 1, next_attempt_at = %s
FROM due WHERE o.workspace_id = due.workspace_id AND o.id = due.id
RETURNING o.workspace_id, o.id, topic, payload::text, trace_id, was_due_at, attempts,
  next_attempt_at
"""
_HELD = """
WHERE workspace_id = %s AND id = %s AND attempts = %s AND next_attempt_at IS NOT NULL
"""
_DELIVERED = f"UPDATE outbox SET delivered_at = %s, next_attempt_at = NULL {_HELD}"
_POSTPONED = f"UPDATE outbox SET next_attempt_at = %s, last_problem = %s {_HELD}"
_PARKED = f"UPDATE outbox SET parked_at = %s, next_attempt_at = NULL, last_problem = %s {_HELD}"


class PostgresOutbox:
    """The outbox of one workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, message: Message) -> None:
        payload = json_text(message.payload)
        key = (message.workspace, message.id, message.topic)
        self._connection.execute(_PUT, (*key, payload, message.trace_id, message.due_at))


class PostgresOutboxClaims:
    """Claims across workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, *, now: datetime, lease_ends_at: datetime, limit: int) -> list[Claim]:
        rows = self._connection.execute(_CLAIM, [now, limit, lease_ends_at]).fetchall()
        claims = [_claim_from_row(row) for row in rows]
        return sorted(claims, key=lambda claim: (claim.message.due_at, claim.message.id))

    def delivered(self, claim: Claim, *, at: datetime) -> bool:
        return self._closed(_DELIVERED, (at,), claim)

    def postponed(self, claim: Claim, *, until: datetime, reason: str) -> bool:
        return self._closed(_POSTPONED, (until, reason), claim)

    def parked(self, claim: Claim, *, at: datetime, reason: str) -> bool:
        return self._closed(_PARKED, (at, reason), claim)

    def _closed(self, statement: str, values: tuple[object, ...], claim: Claim) -> bool:
        held = (claim.message.workspace, claim.message.id, claim.attempt)
        return self._connection.execute(statement, (*values, *held)).rowcount == 1


def _claim_from_row(
    row: tuple[str, str, str, str, str, datetime, int, datetime],
) -> Claim:
    workspace, message_id, topic, payload, trace_id, due_at, attempts, lease_ends_at = row
    message = Message(
        workspace=WorkspaceId(workspace),
        id=message_id,
        topic=topic,
        payload=json_object(payload),
        due_at=due_at,
        trace_id=trace_id,
    )
    return Claim(message=message, attempt=attempts, lease_ends_at=lease_ends_at)
