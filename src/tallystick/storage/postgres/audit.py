"""The audit: appended by the app in the command's transaction, sealed by the runner."""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.audit import AuditRecord, Seal, StoredRecord
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres.json_column import columns, json_object, json_text

_RECORD = (
    "a.workspace_id, a.recorded_at, a.actor, a.command, a.subject, a.input_digest,"
    " a.details::text, a.request_id, a.trace_id, a.id"
)
_SEAL = "s.workspace_id, s.sequence, s.audit_id, s.previous_digest, s.digest"
_APPEND = """
INSERT INTO audit (workspace_id, recorded_at, actor, command, subject, input_digest, details,
  request_id, trace_id)
SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[],
  %s::jsonb[], %s::text[], %s::text[])
"""
_LINKS = f"""
SELECT {_SEAL}, {_RECORD}
FROM audit_seal AS s
LEFT JOIN audit AS a ON a.workspace_id = s.workspace_id AND a.id = s.audit_id
WHERE s.sequence > %s ORDER BY s.sequence LIMIT %s
"""
_ISSUE = f"""
SELECT {_SEAL}, {_RECORD}
FROM audit AS a
LEFT JOIN audit_seal AS s ON s.workspace_id = a.workspace_id AND s.audit_id = a.id
WHERE a.details -> 'issued' ? %s ORDER BY a.id LIMIT 1
"""
_WAITING_COUNT = "SELECT count(*) FROM audit_unsealed"
_OVERLOOKED = """
SELECT count(*) FROM audit AS a
WHERE NOT EXISTS (SELECT FROM audit_seal AS s
                  WHERE s.workspace_id = a.workspace_id AND s.audit_id = a.id)
  AND NOT EXISTS (SELECT FROM audit_unsealed AS u
                  WHERE u.workspace_id = a.workspace_id AND u.audit_id = a.id)
"""
# One sealer at a time: the lock is held until its transaction ends.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('tallystick.audit_seal', 0))"
_WAITING = f"""
SELECT {_RECORD}
FROM audit_unsealed AS u
JOIN audit AS a ON a.workspace_id = u.workspace_id AND a.id = u.audit_id
ORDER BY a.workspace_id, a.id LIMIT %s
"""
_HEAD = f"""
SELECT {_SEAL} FROM audit_seal AS s WHERE s.workspace_id = %s ORDER BY s.sequence DESC LIMIT 1
"""
_ADD_SEAL = """
INSERT INTO audit_seal (workspace_id, sequence, audit_id, previous_digest, digest)
VALUES (%s, %s, %s, %s, %s)
"""
_WAIT_NO_LONGER = "DELETE FROM audit_unsealed WHERE workspace_id = %s AND audit_id = %s"
_SEAL_WIDTH = 5


class PostgresAuditLog:
    """The audit of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, record: AuditRecord) -> None:
        self.append_all([record])

    def append_all(self, records: Sequence[AuditRecord]) -> None:
        if records:
            rows = [_row_from_record(record) for record in records]
            self._connection.execute(_APPEND, [*columns(rows)])

    def links(self, *, after: int, limit: int) -> list[tuple[Seal, StoredRecord | None]]:
        rows = self._connection.execute(_LINKS, [after, limit]).fetchall()
        return [_link_from_row(row) for row in rows]

    def issue_of(self, document: str) -> tuple[StoredRecord, Seal | None] | None:
        row = self._connection.execute(_ISSUE, [document]).fetchone()
        if row is None:
            return None
        seal = None if row[0] is None else _seal_from_row(row[:_SEAL_WIDTH])
        return _record_from_row(row[_SEAL_WIDTH:]), seal

    def overlooked(self) -> int:
        return _count(self._connection, _OVERLOOKED)

    def waiting(self) -> int:
        return _count(self._connection, _WAITING_COUNT)


class PostgresAuditSeals:
    """What waits for a seal, in all workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, *, limit: int) -> list[StoredRecord]:
        self._connection.execute(_ALONE)
        rows = self._connection.execute(_WAITING, [limit]).fetchall()
        return [_record_from_row(row) for row in rows]

    def head(self, workspace: WorkspaceId) -> Seal | None:
        row = self._connection.execute(_HEAD, [workspace]).fetchone()
        return None if row is None else _seal_from_row(row)

    def seal(self, seals: Sequence[Seal]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_ADD_SEAL, [_row_from_seal(seal) for seal in seals])
            gone = [(seal.workspace, seal.audit_id) for seal in seals]
            cursor.executemany(_WAIT_NO_LONGER, gone)


def _count(connection: Connection, question: str) -> int:
    row = connection.execute(question).fetchone()
    return 0 if row is None else int(row[0])


def _row_from_record(record: AuditRecord) -> tuple[object, ...]:
    return (
        record.workspace,
        record.recorded_at,
        record.actor,
        record.command,
        record.subject,
        record.input_digest,
        json_text(record.details),
        record.request_id,
        record.trace_id,
    )


def _record_from_row(row: TupleRow) -> StoredRecord:
    record = AuditRecord(
        workspace=WorkspaceId(row[0]),
        recorded_at=row[1],
        actor=row[2],
        command=row[3],
        subject=row[4],
        input_digest=row[5],
        details=json_object(row[6]),
        request_id=row[7],
        trace_id=row[8],
    )
    return StoredRecord(id=row[9], record=record)


def _link_from_row(row: TupleRow) -> tuple[Seal, StoredRecord | None]:
    record = row[_SEAL_WIDTH:]
    return _seal_from_row(row[:_SEAL_WIDTH]), None if record[0] is None else _record_from_row(
        record
    )


def _row_from_seal(seal: Seal) -> tuple[object, ...]:
    return (seal.workspace, seal.sequence, seal.audit_id, seal.previous_digest, seal.digest)


def _seal_from_row(row: TupleRow) -> Seal:
    return Seal(
        workspace=WorkspaceId(row[0]),
        sequence=row[1],
        audit_id=row[2],
        previous_digest=row[3],
        digest=row[4],
    )
