"""Investigations of usage, and what came of them, as rows."""

from collections.abc import Iterable

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.anomalies import (
    Investigation,
    InvestigationRecord,
    InvestigationState,
    Resolution,
)
from tallystick.kernel import AccountKey, WorkspaceId

_OPEN = """
INSERT INTO investigation
  (workspace_id, id, account, resource, source, document, opened_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (workspace_id, id) DO NOTHING RETURNING id
"""
_READ = """
SELECT one.number, one.document::text, said.response, said.resolved_by, said.resolved_at
FROM investigation AS one LEFT JOIN investigation_end AS said
  ON said.workspace_id = one.workspace_id AND said.investigation_id = one.id
"""
_LOAD = f"{_READ} WHERE one.id = %s"
_PAGE = f"""{_READ}
WHERE one.number < coalesce(%(before)s, 9223372036854775807)
  AND (%(account)s::text IS NULL OR one.account = %(account)s)
  AND (%(resolved)s::boolean IS NULL OR (said.resolved_at IS NOT NULL) = %(resolved)s)
ORDER BY one.number DESC LIMIT %(limit)s
"""
_RESOLVE = """
INSERT INTO investigation_end
  (workspace_id, investigation_id, response, resolved_by, resolved_at)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, investigation_id) DO NOTHING RETURNING investigation_id
"""


class PostgresInvestigations:
    """The investigations of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def open(self, investigation: Investigation) -> bool:
        one = investigation
        document = msgspec.json.encode(one).decode()
        row = [self._workspace, one.id, one.account, one.resource, one.source, document]
        added = self._connection.execute(_OPEN, [*row, one.opened_at])
        return added.fetchone() is not None

    def load(self, id: str) -> InvestigationRecord | None:
        found = _records(self._connection.execute(_LOAD, [id]))
        return found[0] if found else None

    def page(
        self,
        *,
        before: int | None,
        limit: int,
        account: AccountKey | None = None,
        state: InvestigationState | None = None,
    ) -> tuple[InvestigationRecord, ...]:
        resolved = None if state is None else state is InvestigationState.RESOLVED
        asked = {"before": before, "limit": limit, "account": account, "resolved": resolved}
        return _records(self._connection.execute(_PAGE, asked))

    def resolve(self, id: str, resolution: Resolution) -> bool:
        said = (resolution.response, resolution.resolved_by, resolution.resolved_at)
        added = self._connection.execute(_RESOLVE, [self._workspace, id, *said])
        return added.fetchone() is not None


def _records(rows: Iterable[TupleRow]) -> tuple[InvestigationRecord, ...]:
    return tuple(
        InvestigationRecord(
            number=number,
            investigation=msgspec.json.decode(document, type=Investigation),
            resolution=None
            if at is None
            else Resolution(response=response, resolved_by=by, resolved_at=at),
        )
        for number, document, response, by, at in rows
    )
