"""The manifest of sealed log segments."""

from psycopg import Connection

from tallystick.app.segments import Segment
from tallystick.kernel import check

_COLUMNS = "first_position, last_position, count, digest"
_ADD = f"""
INSERT INTO log_segment ({_COLUMNS}) VALUES (%s, %s, %s, %s)
ON CONFLICT (first_position) DO NOTHING
"""
_PAGE = f"SELECT {_COLUMNS} FROM log_segment WHERE first_position > %s ORDER BY 1 LIMIT %s"
_LAST = f"SELECT {_COLUMNS} FROM log_segment ORDER BY first_position DESC LIMIT 1"
_AT = f"SELECT {_COLUMNS} FROM log_segment WHERE first_position = %s"


class PostgresSegmentManifest:
    """The manifest, for the runner; it spans workspaces as the log does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, segment: Segment) -> None:
        stood = self._connection.execute(_AT, [segment.first_position]).fetchone()
        if stood is not None:
            same = _segment_from_row(stood) == segment
            check(same, f"the sealed segment at {segment.first_position} has changed")
            return
        last = self.last()
        follows = 1 if last is None else last.last_position + 1
        message = f"the segment at {segment.first_position} does not follow position {follows - 1}"
        check(segment.first_position == follows, message)
        row = (segment.first_position, segment.last_position, segment.count, segment.digest)
        self._connection.execute(_ADD, row)

    def page(self, *, after: int, limit: int) -> list[Segment]:
        rows = self._connection.execute(_PAGE, [after, limit]).fetchall()
        return [_segment_from_row(row) for row in rows]

    def last(self) -> Segment | None:
        row = self._connection.execute(_LAST).fetchone()
        return None if row is None else _segment_from_row(row)


def _segment_from_row(row: tuple[int, int, int, str]) -> Segment:
    first_position, last_position, count, digest = row
    return Segment(
        first_position=first_position, last_position=last_position, count=count, digest=digest
    )
