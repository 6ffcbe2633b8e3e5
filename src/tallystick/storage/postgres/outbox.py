"""The outbox: put by the app in the command's transaction, claimed and closed by the runner."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.outbox import Claim, DeliveryRecord, DeliveryState, Message, NumberedMessage
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres.json_column import columns, json_object, json_text

# Due by a clock of the workspace's own, a message leaves at once: deliverers know one clock only.
_BY_OWN_CLOCK = "SELECT now() FROM workspace WHERE clock_at IS NOT NULL"
_DUE, _DUE_THEN = f"least(%(due)s, ({_BY_OWN_CLOCK}))", f"least(due, ({_BY_OWN_CLOCK}))"
_PUT = f"""
INSERT INTO outbox (workspace_id, id, topic, payload, trace_id, next_attempt_at)
SELECT workspace, id, topic, payload, trace, {_DUE_THEN}
FROM unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[], %s::text[], %s::timestamptz[])
  AS m (workspace, id, topic, payload, trace, due)
ON CONFLICT (workspace_id, id) DO NOTHING
"""
_PUT_AGAIN = f"""
INSERT INTO outbox (workspace_id, id, topic, payload, trace_id, next_attempt_at)
SELECT workspace_id, %(as_id)s, topic, payload, trace_id, {_DUE} FROM outbox WHERE id = %(id)s
ON CONFLICT (workspace_id, id) DO NOTHING
"""
_PUT_PARKED = f"""
INSERT INTO outbox (workspace_id, id, topic, payload, trace_id, next_attempt_at)
SELECT workspace_id, 'again:' || id, topic, payload, trace_id, {_DUE} FROM outbox
WHERE topic = 'webhook.call' AND payload ->> 'webhook' = %(webhook)s AND parked_at >= %(since)s
ON CONFLICT (workspace_id, id) DO NOTHING
"""
_STATE = """
CASE WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN parked_at IS NOT NULL THEN 'parked'
     ELSE 'due' END
"""
_STATE_OF = f"SELECT {_STATE} FROM outbox WHERE id = %s"
_PAGE = f"""
SELECT id, topic, {_STATE}, attempts, last_problem, created_at,
  coalesce(delivered_at, parked_at, next_attempt_at)
FROM outbox WHERE id > %(after)s AND (%(state)s::text IS NULL OR %(state)s = {_STATE})
ORDER BY id LIMIT %(limit)s
"""
# Numbers are given to rows that are seen, so committed, under a lock that keeps other readers
# waiting: no row appears behind a number that was read. A row that is being claimed has its turn
# the next time.
_ONE_READER = "SELECT pg_advisory_xact_lock(hashtextextended('feeds:' || %s, 0))"
_NUMBER = """
WITH last AS (SELECT coalesce(max(feed_number), 0) AS number FROM outbox),
new AS (
  SELECT id, created_at FROM outbox WHERE feed_number IS NULL
  ORDER BY created_at, id LIMIT %s FOR UPDATE SKIP LOCKED
),
placed AS (SELECT id, row_number() OVER (ORDER BY created_at, id) AS place FROM new)
UPDATE outbox SET feed_number = last.number + placed.place
FROM placed, last WHERE outbox.id = placed.id
"""
_NUMBERED = """
SELECT feed_number, workspace_id, id, topic, payload::text, trace_id, created_at FROM outbox
WHERE feed_number > %s AND topic = ANY(%s) ORDER BY feed_number LIMIT %s
"""
_LAST_NUMBER = "SELECT coalesce(max(feed_number), 0) FROM outbox"
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
_LANE = """
CASE WHEN topic = 'webhook.call' THEN concat(workspace_id, ' ', payload ->> 'webhook')
     WHEN starts_with(topic, 'mail.') THEN 'mail' ELSE 'rest' END
"""
_CLAIM_LANE = f"""
WITH first AS MATERIALIZED (
  SELECT {_LANE} AS lane, next_attempt_at FROM outbox
  WHERE next_attempt_at <= %(now)s AND {_LANE} <> ALL(%(busy)s) ORDER BY next_attempt_at LIMIT 1
), due AS (
  SELECT workspace_id, id, next_attempt_at AS was_due_at FROM outbox
  WHERE next_attempt_at <= %(now)s AND next_attempt_at >= (SELECT next_attempt_at FROM first)
    AND {_LANE} = (SELECT lane FROM first)
  ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE outbox AS o SET attempts = attempts + 1, next_attempt_at = %(lease_ends_at)s
FROM due WHERE o.workspace_id = due.workspace_id AND o.id = due.id
RETURNING o.workspace_id, o.id, topic, payload::text, trace_id, was_due_at, attempts,
  next_attempt_at, (SELECT lane FROM first)
"""
_HELD = """
WHERE workspace_id = %s AND id = %s AND attempts = %s AND next_attempt_at IS NOT NULL
"""
_DELIVERED = f"UPDATE outbox SET delivered_at = %s, next_attempt_at = NULL {_HELD}"
_POSTPONED = f"UPDATE outbox SET next_attempt_at = %s, last_problem = %s {_HELD}"
_PARKED = f"UPDATE outbox SET parked_at = %s, next_attempt_at = NULL, last_problem = %s {_HELD}"


class PostgresOutbox:
    """The outbox of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def put(self, message: Message) -> None:
        self.put_all([message])

    def put_all(self, messages: Sequence[Message]) -> None:
        if messages:
            rows = [_row_from_message(message) for message in messages]
            self._connection.execute(_PUT, [*columns(rows)])

    def put_again(self, id: str, *, as_id: str, due_at: datetime) -> None:
        self._connection.execute(_PUT_AGAIN, {"id": id, "as_id": as_id, "due": due_at})

    def put_parked_calls(self, webhook: str, *, since: datetime, due_at: datetime) -> int:
        asked = {"webhook": webhook, "since": since, "due": due_at}
        return self._connection.execute(_PUT_PARKED, asked).rowcount

    def state_of(self, id: str) -> DeliveryState | None:
        row = self._connection.execute(_STATE_OF, [id]).fetchone()
        return None if row is None else DeliveryState(row[0])

    def page(
        self, *, after: str, limit: int, state: DeliveryState | None = None
    ) -> list[DeliveryRecord]:
        asked = {"after": after, "limit": limit, "state": None if state is None else state.value}
        return [
            DeliveryRecord(
                id=id,
                topic=topic,
                state=DeliveryState(standing),
                attempts=attempts,
                problem=problem,
                created_at=created_at,
                at=at,
            )
            for id, topic, standing, attempts, problem, created_at, at in self._connection.execute(
                _PAGE, asked
            )
        ]

    def number(self, *, limit: int) -> int:
        self._connection.execute(_ONE_READER, [self._workspace])
        return self._connection.execute(_NUMBER, [limit]).rowcount

    def numbered(
        self, topics: Collection[str], *, after: int, limit: int
    ) -> tuple[NumberedMessage, ...]:
        rows = self._connection.execute(_NUMBERED, [after, list(topics), limit])
        return tuple(map(_numbered_from_row, rows))

    def last_number(self) -> int:
        row = self._connection.execute(_LAST_NUMBER).fetchone()
        return 0 if row is None else int(row[0])


class PostgresOutboxClaims:
    """Claims across workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, *, now: datetime, lease_ends_at: datetime, limit: int) -> list[Claim]:
        rows = self._connection.execute(_CLAIM, [now, limit, lease_ends_at]).fetchall()
        return _in_order(_claim_from_row(row) for row in rows)

    def claim_lane(
        self, *, now: datetime, lease_ends_at: datetime, limit: int, busy: Collection[str]
    ) -> list[Claim]:
        asked = {"now": now, "lease_ends_at": lease_ends_at, "limit": limit, "busy": list(busy)}
        rows = self._connection.execute(_CLAIM_LANE, asked).fetchall()
        return _in_order(replace(_claim_from_row(row[:-1]), lane=row[-1]) for row in rows)

    def delivered(self, claim: Claim, *, at: datetime) -> bool:
        return self._closed(_DELIVERED, (at,), claim)

    def postponed(self, claim: Claim, *, until: datetime, reason: str) -> bool:
        return self._closed(_POSTPONED, (until, reason), claim)

    def parked(self, claim: Claim, *, at: datetime, reason: str) -> bool:
        return self._closed(_PARKED, (at, reason), claim)

    def _closed(self, statement: str, values: tuple[object, ...], claim: Claim) -> bool:
        held = (claim.message.workspace, claim.message.id, claim.attempt)
        return self._connection.execute(statement, (*values, *held)).rowcount == 1


def _in_order(claims: Iterable[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda claim: (claim.message.due_at, claim.message.id))


def _row_from_message(message: Message) -> tuple[object, ...]:
    payload = json_text(message.payload)
    return (
        message.workspace,
        message.id,
        message.topic,
        payload,
        message.trace_id,
        message.due_at,
    )


def _numbered_from_row(row: TupleRow) -> NumberedMessage:
    number, workspace, id_, topic, payload, trace_id, created_at = row
    message = Message(
        workspace=workspace,
        id=id_,
        topic=topic,
        payload=json_object(payload),
        due_at=created_at,
        trace_id=trace_id,
    )
    return NumberedMessage(number=number, message=message, recorded_at=created_at)


def _claim_from_row(
    row: TupleRow,
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
