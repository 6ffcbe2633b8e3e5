"""The store of reconciliations."""

from collections.abc import Sequence

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.reconcile import LatestRun, ReconciliationRun, ToldDifference
from tallystick.kernel import WorkspaceId

_COLUMNS = (
    "asked_by, repair, since, until, started_at, finished_at, position, found, left_standing, "
    "answering, reloaded, invoices"
)
_APPEND = f"""
INSERT INTO reconciliation (workspace_id, {_COLUMNS}, differences)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_PAGE = f"""
SELECT {_COLUMNS}, differences::text, id FROM reconciliation
WHERE id < coalesce(%s, 9223372036854775807) ORDER BY id DESC LIMIT %s
"""
# A run over some days says nothing of the others: it may add to what stands, never clear it.
_ANSWERING = """
SELECT coalesce(sum(answering), 0)::bigint FROM reconciliation
WHERE id >= coalesce(
  (SELECT max(id) FROM reconciliation WHERE since IS NULL AND until IS NULL), 0)
"""
# A run has one row in each workspace, with one instant of its start.
_LATEST = """
SELECT max(finished_at), extract(epoch FROM max(finished_at) - started_at)::bigint,
  sum(left_standing)::bigint
FROM reconciliation WHERE asked_by = 'schedule' GROUP BY started_at
ORDER BY started_at DESC LIMIT 1
"""
_differences = msgspec.json.Decoder(tuple[ToldDifference, ...])


class PostgresReconciliations:
    """The runs of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def append(self, run: ReconciliationRun) -> None:
        values = (
            run.asked_by,
            run.repair,
            run.since,
            run.until,
            run.started_at,
            run.finished_at,
            run.position,
            run.found,
            run.left,
            run.answering,
            run.reloaded,
            run.invoices,
            msgspec.json.encode(run.differences).decode(),
        )
        self._connection.execute(_APPEND, [self._workspace, *values])

    def page(self, *, before: int | None, limit: int) -> Sequence[ReconciliationRun]:
        return [_run_from_row(row) for row in self._connection.execute(_PAGE, [before, limit])]

    def answering(self) -> int:
        row = self._connection.execute(_ANSWERING).fetchone()
        return 0 if row is None else int(row[0])


class PostgresReconciliationHistory:
    """Runs of all workspaces, for the runner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest(self) -> LatestRun | None:
        row = self._connection.execute(_LATEST).fetchone()
        return None if row is None else LatestRun(finished_at=row[0], seconds=row[1], left=row[2])


def _run_from_row(row: TupleRow) -> ReconciliationRun:
    asked_by, repair, since, until, started_at, finished_at, *counts, differences, id_ = row
    position, found, left, answering, reloaded, invoices = counts
    return ReconciliationRun(
        id=id_,
        asked_by=asked_by,
        repair=repair,
        since=since,
        until=until,
        started_at=started_at,
        finished_at=finished_at,
        position=position,
        found=found,
        left=left,
        answering=answering,
        reloaded=reloaded,
        invoices=invoices,
        differences=_differences.decode(differences),
    )
