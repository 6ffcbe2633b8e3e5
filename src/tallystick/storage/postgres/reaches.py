"""The store of reaches into times that were billed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.corrections import RecordedReach
from tallystick.kernel import AccountKey, MeterKey, WorkspaceId
from tallystick.metering import ChangeKind, Reach

_BEGIN = """
INSERT INTO correction_progress (workspace_id, position) VALUES (%s, 0) ON CONFLICT DO NOTHING
"""
_PROGRESS = "SELECT position FROM correction_progress FOR UPDATE"
_ADVANCE = "UPDATE correction_progress SET position = %s"
# Usage is billed when its period is over; a document of fees may run ahead, and a sale bills none.
# A consolidated document bills what its sections do.
_BILLED_UNTIL = """
SELECT until FROM (
  (SELECT period_end AS until FROM invoice
  WHERE number IS NOT NULL AND period_end <= issued_at AND purpose <> 'one_off'
  ORDER BY period_end DESC LIMIT 1)
  UNION ALL
  (SELECT l.closes FROM invoice_line AS l
  JOIN invoice AS i ON i.workspace_id = l.workspace_id AND i.id = l.invoice_id
  WHERE l.purpose IS NOT NULL AND i.number IS NOT NULL AND l.closes <= i.issued_at
  ORDER BY l.closes DESC LIMIT 1)
) AS billed ORDER BY until DESC LIMIT 1
"""
_COLUMNS = "kind, position, meter, subject, start_at, end_at"
_RECORD = f"""
INSERT INTO correction_reach (workspace_id, {_COLUMNS}, account, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_LOAD = f"""
SELECT {_COLUMNS} FROM correction_reach
WHERE subject = ANY(%s) AND meter = ANY(%s) AND position > %s ORDER BY position, id
"""
_READ_AHEAD = f"""
SELECT {_COLUMNS} FROM correction_reach WHERE subject = ANY(%s) AND position > %s
ORDER BY position, id
"""
_PAGE = f"""
SELECT {_COLUMNS}, account, recorded_at, id FROM correction_reach
WHERE id < coalesce(%s, 9223372036854775807) ORDER BY id DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ahead:
    """All reaches of some subjects behind a position, in their order."""

    subjects: frozenset[str]
    after: int
    reaches: tuple[Reach, ...]


class PostgresReaches:
    """The reaches of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace
        self._ahead: _Ahead | None = None

    def progress(self) -> int:
        self._connection.execute(_BEGIN, [self._workspace])
        row = self._connection.execute(_PROGRESS).fetchone()
        return 0 if row is None else int(row[0])

    def advance(self, position: int) -> None:
        self._connection.execute(_ADVANCE, [position])

    def billed_until(self) -> datetime | None:
        row = self._connection.execute(_BILLED_UNTIL).fetchone()
        return None if row is None else row[0]

    def read_ahead(self, subjects: Iterable[str], *, after: int) -> None:
        wanted = frozenset(subjects)
        rows = self._connection.execute(_READ_AHEAD, [sorted(wanted), after])
        found = tuple(map(_reach_from_row, rows))
        self._ahead = _Ahead(subjects=wanted, after=after, reaches=found)

    def record(self, reaches: Sequence[RecordedReach]) -> None:
        self._ahead = None
        with self._connection.cursor() as cursor:
            cursor.executemany(_RECORD, [(self._workspace, *_row(one)) for one in reaches])

    def load(
        self, *, meters: Sequence[MeterKey], subjects: Sequence[str], after: int
    ) -> tuple[Reach, ...]:
        ahead = self._ahead
        if ahead is not None and after >= ahead.after and ahead.subjects.issuperset(subjects):
            return tuple(
                reach
                for reach in ahead.reaches
                if reach.position > after and reach.subject in subjects and reach.meter in meters
            )
        rows = self._connection.execute(_LOAD, [list(subjects), list(meters), after])
        return tuple(map(_reach_from_row, rows))

    def page(self, *, before: int | None, limit: int) -> list[tuple[int, RecordedReach]]:
        rows = self._connection.execute(_PAGE, [before, limit])
        return [(row[8], _recorded_from_row(row)) for row in rows]


def _row(recorded: RecordedReach) -> tuple[object, ...]:
    reach = recorded.reach
    return (
        reach.kind.value,
        reach.position,
        reach.meter,
        reach.subject,
        reach.start,
        reach.end,
        recorded.account,
        recorded.recorded_at,
    )


def _reach_from_row(row: TupleRow) -> Reach:
    return Reach(
        kind=ChangeKind(row[0]),
        position=row[1],
        meter=MeterKey(row[2]),
        subject=row[3],
        start=row[4],
        end=row[5],
    )


def _recorded_from_row(row: TupleRow) -> RecordedReach:
    account = None if row[6] is None else AccountKey(row[6])
    return RecordedReach(reach=_reach_from_row(row), account=account, recorded_at=row[7])
