"""The store of disputes."""

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.invoicing import Dispute, DisputeEntry, DisputeState, DisputeStep
from tallystick.kernel import AccountKey, InvoiceId, WorkspaceId

_COUNT = "SELECT count(*) FROM dispute WHERE invoice_id = %s"
_ADD = """
INSERT INTO dispute (workspace_id, id, invoice_id, account, lines) VALUES (%s, %s, %s, %s, %s)
"""
_APPEND = """
INSERT INTO dispute_entry (workspace_id, dispute_id, ordinal, step, at, actor, text, note)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_LOAD = "SELECT id, invoice_id, account, lines FROM dispute WHERE id = %s FOR UPDATE"
_ENTRIES = """
SELECT step, at, actor, text, note FROM dispute_entry WHERE dispute_id = %s ORDER BY ordinal
"""
_PAGE = """
SELECT d.id, d.invoice_id, d.account, d.lines FROM dispute AS d
JOIN LATERAL (
  SELECT e.step FROM dispute_entry AS e
  WHERE e.workspace_id = d.workspace_id AND e.dispute_id = d.id AND e.step <> 'evidence'
  ORDER BY e.ordinal DESC LIMIT 1
) AS last ON true
WHERE d.id > %s AND (%s::text IS NULL OR d.account = %s)
  AND (%s::text IS NULL OR (last.step = 'resolved') = (%s::text = 'resolved'))
ORDER BY d.id LIMIT %s
"""


class PostgresDisputes:
    """The disputes of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def count(self, invoice: InvoiceId) -> int:
        row = self._connection.execute(_COUNT, [invoice]).fetchone()
        return 0 if row is None else int(row[0])

    def add(self, dispute: Dispute) -> None:
        values = (dispute.id, dispute.invoice, dispute.account, list(dispute.lines))
        self._connection.execute(_ADD, [self._workspace, *values])
        for ordinal, entry in enumerate(dispute.entries):
            self._append(dispute.id, ordinal, entry)

    def append(self, dispute: Dispute, entry: DisputeEntry) -> None:
        self._append(dispute.id, len(dispute.entries), entry)

    def load(self, id: str) -> Dispute | None:
        row = self._connection.execute(_LOAD, [id]).fetchone()
        return None if row is None else self._dispute(row)

    def page(
        self, *, after: str, limit: int, account: AccountKey | None, state: DisputeState | None
    ) -> list[Dispute]:
        values = [after, account, account, state, state, limit]
        return [self._dispute(row) for row in self._connection.execute(_PAGE, values).fetchall()]

    def _append(self, dispute: str, ordinal: int, entry: DisputeEntry) -> None:
        values = (entry.step, entry.at, entry.by, entry.text, entry.note)
        self._connection.execute(_APPEND, [self._workspace, dispute, ordinal, *values])

    def _dispute(self, row: TupleRow) -> Dispute:
        id_, invoice, account, lines = row
        entries = self._connection.execute(_ENTRIES, [id_]).fetchall()
        return Dispute(
            id=id_,
            invoice=InvoiceId(invoice),
            account=AccountKey(account),
            lines=tuple(lines),
            entries=tuple(map(_entry_from_row, entries)),
        )


def _entry_from_row(row: TupleRow) -> DisputeEntry:
    step, at, actor, text, note = row
    return DisputeEntry(
        step=DisputeStep(step),
        at=at,
        by=actor,
        text=text,
        note=None if note is None else InvoiceId(note),
    )
