"""The store of erasures: which uses of personal values stand, and how they end."""

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.personal import Chosen, UseGroup
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres.retained.personal import PERSONAL_LOCK, content_digest

_LOCK = f"SELECT pg_advisory_xact_lock({PERSONAL_LOCK})"
_CHOSEN = """
stands AND (%(subjects)s::text[] IS NULL OR subject = ANY(%(subjects)s))
  AND (%(event_type)s::text IS NULL OR event_type = %(event_type)s)
  AND (%(digest)s::bytea IS NULL
    OR pseudonym = (SELECT pseudonym FROM personal_value WHERE digest = %(digest)s))
"""
_GROUPS = f"""
WITH chosen AS (SELECT * FROM personal_use WHERE {_CHOSEN}),
shared AS (
  SELECT DISTINCT pseudonym FROM personal_use
  WHERE pseudonym IN (SELECT pseudonym FROM chosen) AND stands AND NOT ({_CHOSEN})
)
SELECT event_type, path, count(DISTINCT pseudonym),
  count(DISTINCT pseudonym) FILTER (WHERE pseudonym IN (SELECT pseudonym FROM shared)),
  count(DISTINCT subject)
FROM chosen GROUP BY event_type, path ORDER BY event_type COLLATE "C", path COLLATE "C"
"""
_PSEUDONYMS_OF = f"""
SELECT DISTINCT pseudonym FROM personal_use
WHERE {_CHOSEN} AND event_type = %(of_type)s AND path = %(path)s ORDER BY pseudonym
"""
_CONTENTS_OF = f"""
SELECT content FROM personal_value
WHERE pseudonym IN (SELECT pseudonym FROM personal_use WHERE {_CHOSEN}) ORDER BY digest
"""
_ERASE = f"""
WITH ended AS (
  UPDATE personal_use SET stands = false, erased_through = greatest(erased_through, %(through)s)
  WHERE {_CHOSEN} RETURNING pseudonym
)
SELECT DISTINCT pseudonym FROM ended
"""
_EXPIRE = """
WITH ended AS (
  UPDATE personal_use SET stands = false, erased_through = greatest(erased_through, %s)
  WHERE stands AND event_type = %s AND last_used_at < %s RETURNING pseudonym
)
SELECT DISTINCT pseudonym FROM ended
"""
_DESTROY = """
DELETE FROM personal_value USING unnest(%s::text[]) AS ended (pseudonym)
WHERE personal_value.pseudonym = ended.pseudonym
  AND NOT EXISTS (SELECT FROM personal_use AS used
    WHERE used.workspace_id = personal_value.workspace_id
      AND used.pseudonym = personal_value.pseudonym AND used.stands)
"""


class PostgresErasures:
    """The uses of personal values in one workspace, as erasure sees them."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def lock(self) -> None:
        self._connection.execute(_LOCK, [self._workspace])

    def groups(self, chosen: Chosen) -> tuple[UseGroup, ...]:
        return tuple(
            UseGroup(event_type=kind, path=path, values=values, shared=shared, subjects=subjects)
            for kind, path, values, shared, subjects in self._connection.execute(
                _GROUPS, _bounds(chosen)
            )
        )

    def pseudonyms_of(self, chosen: Chosen, group: UseGroup) -> list[str]:
        asked = _bounds(chosen) | {"of_type": group.event_type, "path": group.path}
        return [name for (name,) in self._connection.execute(_PSEUDONYMS_OF, asked)]

    def contents_of(self, chosen: Chosen) -> list[str]:
        return [text for (text,) in self._connection.execute(_CONTENTS_OF, _bounds(chosen))]

    def expire(self, event_type: str, *, before: datetime, through: int) -> int:
        rows = self._connection.execute(_EXPIRE, [through, event_type, before])
        return self._destroy(rows)

    def erase(self, chosen: Chosen, *, through: int) -> int:
        rows = self._connection.execute(_ERASE, _bounds(chosen) | {"through": through})
        return self._destroy(rows)

    def _destroy(self, rows: Iterable[TupleRow]) -> int:
        return self._connection.execute(_DESTROY, [[name for (name,) in rows]]).rowcount


def _bounds(chosen: Chosen) -> dict[str, object]:
    return {
        "subjects": None if chosen.subjects is None else [*chosen.subjects],
        "event_type": chosen.event_type,
        "digest": None if chosen.content is None else content_digest(chosen.content),
    }
