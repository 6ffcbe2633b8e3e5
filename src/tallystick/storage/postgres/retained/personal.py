"""The store of personal values: texts and salts by pseudonym, and where each is used."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from psycopg import Connection

from tallystick.app.personal import KeptText, PersonalUse, PersonalValue
from tallystick.kernel import WorkspaceId

PERSONAL_LOCK = "hashtextextended('tallystick.personal:' || %s, 0)"
_SHARE = f"SELECT pg_advisory_xact_lock_shared({PERSONAL_LOCK})"
_DECLARED = """
SELECT event_type, ARRAY(SELECT jsonb_array_elements_text(document -> 'paths'))
FROM personal_data WHERE jsonb_array_length(document -> 'paths') > 0
"""
_PSEUDONYMS = """
SELECT content, pseudonym FROM unnest(%s::bytea[]) AS asked (digest)
JOIN personal_value USING (digest)
"""
_KEEP = """
INSERT INTO personal_value (workspace_id, pseudonym, digest, salt, content)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_USE = """
INSERT INTO personal_use (workspace_id, subject, event_type, path, pseudonym, last_used_at)
SELECT %s, subject, event_type, path, pseudonym, coalesce(last_used_at, 'infinity')
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
  AS noted (subject, event_type, path, pseudonym, last_used_at)
ON CONFLICT (workspace_id, subject, event_type, path, pseudonym) DO UPDATE
SET stands = true, last_used_at = greatest(personal_use.last_used_at, excluded.last_used_at)
WHERE NOT personal_use.stands
  OR personal_use.last_used_at < excluded.last_used_at - interval '1 day'
"""
_KEPT = """
SELECT pseudonym FROM unnest(%s::text[]) AS asked (pseudonym)
JOIN personal_value USING (pseudonym)
"""
_TEXTS = """
SELECT subject, event_type, path, pseudonym, content, erased_through
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
  AS asked (subject, event_type, path, pseudonym)
JOIN personal_use USING (subject, event_type, path, pseudonym)
JOIN personal_value USING (workspace_id, pseudonym)
WHERE stands
"""


class PostgresPersonal:
    """Personal values of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def share(self) -> None:
        self._connection.execute(_SHARE, [self._workspace])

    def declared(self) -> dict[str, tuple[str, ...]]:
        rows = self._connection.execute(_DECLARED)
        return {event_type: tuple(paths) for event_type, paths in rows}

    def pseudonyms(self, contents: Collection[str]) -> dict[str, str]:
        return dict(
            self._connection.execute(_PSEUDONYMS, [[*map(content_digest, contents)]]).fetchall()
        )

    def keep(self, values: Iterable[PersonalValue]) -> None:
        rows = sorted(
            (content_digest(value.content), value.pseudonym, value.salt, value.content)
            for value in values
        )
        with self._connection.cursor() as cursor:
            cursor.executemany(
                _KEEP,
                [(self._workspace, name, digest, *rest) for digest, name, *rest in rows],
            )

    def use(self, uses: Mapping[PersonalUse, datetime | None]) -> None:
        # In one order, so that two transactions never wait for each other.
        rows = sorted((*_cells(use), number) for number, use in enumerate(uses))
        instants = [*uses.values()]
        columns = [[row[column] for row in rows] for column in range(4)]
        latest = [instants[row[4]] for row in rows]
        self._connection.execute(_USE, [self._workspace, *columns, latest])

    def kept(self, pseudonyms: Collection[str]) -> frozenset[str]:
        return frozenset(name for (name,) in self._connection.execute(_KEPT, [[*pseudonyms]]))

    def texts(self, uses: Collection[PersonalUse]) -> dict[PersonalUse, KeptText]:
        return {
            PersonalUse(
                subject=subject, event_type=event_type, path=path, pseudonym=pseudonym
            ): KeptText(content=content, erased_through=erased_through)
            for subject, event_type, path, pseudonym, content, erased_through in (
                self._connection.execute(_TEXTS, _columns(uses))
            )
        }


def content_digest(content: str) -> bytes:
    """Return by what a value is found; it goes with the value, so that it needs no secret."""
    return sha256(content.encode()).digest()


def _cells(use: PersonalUse) -> tuple[str, str, str, str]:
    return use.subject, use.event_type, use.path, use.pseudonym


def _columns(uses: Iterable[PersonalUse]) -> list[list[str]]:
    rows = [*map(_cells, uses)]
    return [[row[column] for row in rows] for column in range(4)]
