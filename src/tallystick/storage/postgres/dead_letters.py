"""The store of rejected events."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.dead_letters import DeadLetter, RejectedEvent
from tallystick.kernel import WorkspaceId

BODY_BYTES_MAX = 65_536
_EVENT = "workspace_id, received_at, source, event_id, code, message, path, body"
_APPEND = f"INSERT INTO rejected_event ({_EVENT}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
_PAGE = f"""
SELECT {_EVENT}, id, replayed_at FROM rejected_event
WHERE id < coalesce(%s, 9223372036854775807) AND (%s = '' OR code = %s)
ORDER BY id DESC LIMIT %s
"""
_OF_EVENT = f"""
SELECT {_EVENT}, id, replayed_at FROM rejected_event
WHERE event_id = %s AND (%s::text IS NULL OR source = %s)
ORDER BY id DESC LIMIT %s
"""
_FIND = f"SELECT {_EVENT}, id, replayed_at FROM rejected_event WHERE id = %s"
_REPLAYED = """
UPDATE rejected_event SET replayed_at = %s WHERE id = ANY(%s) AND replayed_at IS NULL
"""


class PostgresDeadLetters:
    """The rejected events of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, events: Sequence[RejectedEvent]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_APPEND, [_row_from_event(event) for event in events])

    def page(self, *, before: int | None, limit: int, code: str = "") -> list[DeadLetter]:
        rows = self._connection.execute(_PAGE, [before, code, code, limit]).fetchall()
        return [_letter_from_row(row) for row in rows]

    def of_event(self, event_id: str, *, source: str | None, limit: int) -> list[DeadLetter]:
        named = event_id.replace("\0", "\ufffd")
        rows = self._connection.execute(_OF_EVENT, [named, source, source, limit]).fetchall()
        return [_letter_from_row(row) for row in rows]

    def find(self, letter_id: int) -> DeadLetter | None:
        row = self._connection.execute(_FIND, [letter_id]).fetchone()
        return None if row is None else _letter_from_row(row)

    def replayed(self, letter_ids: Sequence[int], *, at: datetime) -> None:
        self._connection.execute(_REPLAYED, [at, list(letter_ids)])


def _row_from_event(event: RejectedEvent) -> tuple[object, ...]:
    what = (event.source, event.event_id, event.code, event.message, event.path)
    texts = (text.replace("\0", "\ufffd") for text in what)  # PostgreSQL stores no NUL in text
    return (event.workspace, event.received_at, *texts, event.body[:BODY_BYTES_MAX])


def _letter_from_row(row: TupleRow) -> DeadLetter:
    event = RejectedEvent(
        workspace=WorkspaceId(row[0]),
        received_at=row[1],
        source=row[2],
        event_id=row[3],
        code=row[4],
        message=row[5],
        path=row[6],
        body=row[7],
    )
    return DeadLetter(id=row[8], event=event, replayed_at=row[9])
