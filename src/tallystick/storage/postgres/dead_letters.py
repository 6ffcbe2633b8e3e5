"""The store of rejected events."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.dead_letters import (
    ANY_LETTER,
    DeadLetter,
    LetterFilter,
    LetterPlace,
    RejectedEvent,
    WaitingLetters,
)
from tallystick.kernel import WorkspaceId

BODY_BYTES_MAX = 65_536
_EVENT = "workspace_id, received_at, source, event_id, type, code, message, path, body, place"
_LETTER = f"{_EVENT}, id, replayed_at, replayed_position, discarded_at, discard_reason"
_NINE = ", ".join(["%s"] * 9)
_APPEND = f"INSERT INTO rejected_event ({_EVENT}) VALUES ({_NINE}, %s)"
_STATE = """CASE WHEN replayed_at IS NOT NULL THEN 'replayed'
  WHEN discarded_at IS NOT NULL THEN 'discarded' ELSE 'waiting' END"""
_PAGE = f"""
SELECT {_LETTER} FROM rejected_event
WHERE id < coalesce(%(before)s, 9223372036854775807)
  AND (%(code)s = '' OR code = %(code)s)
  AND (%(source)s = '' OR source = %(source)s)
  AND (%(type)s = '' OR type = %(type)s)
  AND (%(event_id)s = '' OR event_id = %(event_id)s)
  AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s)
  AND (%(state)s::text IS NULL OR {_STATE} = %(state)s)
  AND (%(text)s = '' OR position(%(text)s IN message) > 0 OR position(%(bytes)s IN body) > 0)
ORDER BY id DESC LIMIT %(limit)s
"""
_WAITING = """
SELECT code, count(*), min(received_at) FROM rejected_event
WHERE replayed_at IS NULL AND discarded_at IS NULL GROUP BY code ORDER BY 2 DESC, 1 LIMIT 50
"""
_COUNT_WAITING = (
    "SELECT count(*) FROM rejected_event WHERE replayed_at IS NULL AND discarded_at IS NULL"
)
_OF_EVENT = f"""
SELECT {_LETTER} FROM rejected_event
WHERE event_id = %s AND (%s::text IS NULL OR source = %s)
ORDER BY id DESC LIMIT %s
"""
_LOAD = f"SELECT {_LETTER} FROM rejected_event WHERE id = ANY(%s) ORDER BY id"
_REPLAYED = """
UPDATE rejected_event SET replayed_at = %s, replayed_position = %s
WHERE id = %s AND replayed_at IS NULL AND discarded_at IS NULL
"""
_DISCARD = """
UPDATE rejected_event SET discarded_at = %s, discard_reason = %s
WHERE id = ANY(%s) AND replayed_at IS NULL AND discarded_at IS NULL
"""
_PUT_PLACE = """
UPDATE rejected_event SET place = %s
WHERE event_id = %s AND source = %s AND place = ''
  AND replayed_at IS NULL AND discarded_at IS NULL
"""
_ERASE = "DELETE FROM rejected_event WHERE id = ANY(%s)"
# A letter ages by the clock that told its receipt: in a test workspace by that workspace's own.
_REMOVE = """
DELETE FROM rejected_event WHERE (workspace_id, id) IN (
  SELECT aged.workspace_id, aged.id
  FROM (SELECT id, coalesce(now() - clock_at, interval '0') AS ahead FROM workspace) AS w
  CROSS JOIN LATERAL (
    (SELECT r.workspace_id, r.id FROM rejected_event AS r
     WHERE r.workspace_id = w.id AND r.received_at < %(waiting_before)s::timestamptz - w.ahead
     LIMIT %(limit)s)
    UNION
    (SELECT r.workspace_id, r.id FROM rejected_event AS r
     WHERE r.workspace_id = w.id AND r.received_at < %(settled_before)s::timestamptz - w.ahead
       AND (r.replayed_at IS NOT NULL OR r.discarded_at IS NOT NULL)
     LIMIT %(limit)s)
  ) AS aged
  LIMIT %(limit)s
)
"""


class PostgresDeadLetters:
    """The rejected events of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, events: Sequence[RejectedEvent]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_APPEND, [_row_from_event(event) for event in events])

    def page(
        self, *, before: int | None, limit: int, wanted: LetterFilter = ANY_LETTER
    ) -> list[DeadLetter]:
        asked = {
            "before": before,
            "code": wanted.code,
            "source": wanted.source,
            "type": wanted.type,
            "event_id": wanted.event_id,
            "since": wanted.since,
            "until": wanted.until,
            "state": wanted.state,
            "text": wanted.text,
            "bytes": wanted.text.encode(),
            "limit": limit,
        }
        return [_letter_from_row(row) for row in self._connection.execute(_PAGE, asked)]

    def waiting(self) -> list[WaitingLetters]:
        return [
            WaitingLetters(code=code, letters=int(count), oldest_at=oldest)
            for code, count, oldest in self._connection.execute(_WAITING)
        ]

    def of_event(self, event_id: str, *, source: str | None, limit: int) -> list[DeadLetter]:
        names = [_stored(event_id), source, source, limit]
        return [_letter_from_row(row) for row in self._connection.execute(_OF_EVENT, names)]

    def find(self, letter_id: int) -> DeadLetter | None:
        return next(iter(self.load([letter_id])), None)

    def load(self, letter_ids: Sequence[int]) -> list[DeadLetter]:
        rows = self._connection.execute(_LOAD, [list(letter_ids)])
        return [_letter_from_row(row) for row in rows]

    def replayed(self, positions: Mapping[int, int | None], *, at: datetime) -> None:
        with self._connection.cursor() as cursor:
            rows = [(at, position, letter_id) for letter_id, position in positions.items()]
            cursor.executemany(_REPLAYED, rows)

    def put_places(self, places: Sequence[LetterPlace]) -> None:
        rows = [
            (_stored(each.place), _stored(each.event_id), _stored(each.source)) for each in places
        ]
        with self._connection.cursor() as cursor:
            cursor.executemany(_PUT_PLACE, rows)

    def discard(self, letter_ids: Sequence[int], *, at: datetime, reason: str) -> None:
        self._connection.execute(_DISCARD, [at, reason, list(letter_ids)])

    def remove(self, letter_ids: Sequence[int]) -> None:
        self._connection.execute(_ERASE, [list(letter_ids)])


class PostgresLetterRetention:
    """The rejected events of all workspaces, to be removed when their time is over."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count_waiting(self) -> int:
        row = self._connection.execute(_COUNT_WAITING).fetchone()
        return 0 if row is None else int(row[0])

    def remove(self, *, settled_before: datetime, waiting_before: datetime, limit: int) -> int:
        bounds = {"waiting_before": waiting_before, "settled_before": settled_before}
        done = self._connection.execute(_REMOVE, {**bounds, "limit": limit})
        return done.rowcount


def _stored(text: str) -> str:
    return text.replace("\0", "\ufffd")  # PostgreSQL stores no NUL in text


def _row_from_event(event: RejectedEvent) -> tuple[object, ...]:
    names = (event.source, event.event_id, event.type)
    what = (event.code, event.message, event.path)
    texts = map(_stored, (*names, *what))
    return (
        event.workspace,
        event.received_at,
        *texts,
        event.body[:BODY_BYTES_MAX],
        _stored(event.place),
    )


def _letter_from_row(row: TupleRow) -> DeadLetter:
    event = RejectedEvent(
        workspace=WorkspaceId(row[0]),
        received_at=row[1],
        source=row[2],
        event_id=row[3],
        type=row[4],
        code=row[5],
        message=row[6],
        path=row[7],
        body=row[8],
        place=row[9],
    )
    letter_id, replayed_at, position, discarded_at, reason = row[10:]
    return DeadLetter(
        id=letter_id,
        event=event,
        replayed_at=replayed_at,
        replayed_position=position,
        discarded_at=discarded_at,
        discard_reason=reason,
    )
