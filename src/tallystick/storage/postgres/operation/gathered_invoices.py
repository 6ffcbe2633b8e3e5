"""
The store of documents for a billing run: what many contracts need is read and written at once.

Drafts are kept in memory.  Those that are issued in the same transaction are never stored as such,
but as the documents that they became; the others are stored when the run says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import psycopg
import zstandard
from psycopg import Connection

from tallystick.app.invoicing import NumberedDocument, StoredDocument
from tallystick.catalog import Subscription
from tallystick.invoicing import Billed, Invoice, document_of
from tallystick.kernel import (
    AccountKey,
    InvariantBroken,
    InvoiceId,
    SubscriptionKey,
    WorkspaceId,
    digest,
)
from tallystick.storage.postgres.invoices import (
    BILLED_LINES,
    LEVEL,
    PostgresInvoices,
    billed_from_row,
    row_from_invoice,
    rows_from_lines,
)
from tallystick.storage.postgres.json_column import columns

# One after the other in the order given, as a transaction that locks them singly would.
_LOCK = """
SELECT count(pg_advisory_xact_lock(hashtextextended(
  'tallystick.billing:' || %s || ':' || subscription, 0)))
FROM (SELECT subscription FROM unnest(%s::text[]) WITH ORDINALITY AS s (subscription, place)
  ORDER BY place OFFSET 0) AS in_order
"""
_BILLED = BILLED_LINES.format("l.subscription = ANY(%s)")
_DISCARD = """
DELETE FROM invoice WHERE number IS NULL AND id IN (
  SELECT id FROM invoice WHERE subscription = ANY(%s) AND number IS NULL
  UNION ALL
  SELECT invoice_id FROM invoice_line WHERE subscription = ANY(%s) AND purpose IS NOT NULL)
"""
_ADD_BASES = """
INSERT INTO invoice_basis (workspace_id, digest, content)
SELECT %s, * FROM unnest(%s::text[], %b::bytea[]) ON CONFLICT DO NOTHING
"""
_INVOICE = """
id, document_type, purpose, revision, legal_entity, account, subscription, currency, exponent,
period_start, period_end, total_minor, reference, position, basis, digest, content, disposition,
credit_kind, replaces, number, issued_on, due_on, issued_at, series_year, series_number
"""
_ADD_INVOICES = f"""
INSERT INTO invoice (workspace_id, {_INVOICE}, issue_order)
SELECT %s, {_INVOICE}, nextval('invoice_issue_order')
FROM (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::text[],
  %s::text[], %s::text[], %s::text[], %s::smallint[], %s::timestamptz[], %s::timestamptz[],
  %s::numeric[], %s::text[], %s::bigint[], %s::text[], %s::text[], %b::bytea[], %s::text[],
  %s::text[], %s::text[], %s::text[], %s::date[], %s::date[], %s::timestamptz[], %s::integer[],
  %s::bigint[]) WITH ORDINALITY AS d ({_INVOICE}, place) ORDER BY place) AS in_order
"""
_ADD_LINES = """
INSERT INTO invoice_line (workspace_id, invoice_id, ordinal, id, subscription, price, period_start,
  period_end, grouped_by, minor, position, attribution, taxes, taken_off, kind, conversion, purpose,
  opens, closes)
SELECT %s, invoice_id, ordinal, id, subscription, price, start, stop, grouped_by::text[], minor,
  position, attribution, taxes, taken_off, kind, conversion, purpose, opens, closes
FROM unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
  %s::timestamptz[], %s::text[], %s::numeric[], %s::bigint[], %s::text[], %s::jsonb[],
  %s::numeric[], %s::text[], %s::jsonb[], %s::text[], %s::timestamptz[], %s::timestamptz[])
  AS l (invoice_id, ordinal, id, subscription, price, start, stop, grouped_by, minor, position,
    attribution, taxes, taken_off, kind, conversion, purpose, opens, closes)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """Drafts of one contract that were made on one basis."""

    drafts: tuple[Invoice, ...]
    basis: bytes
    held: bool


class PostgresGatheredInvoices(PostgresInvoices):
    """
    The documents of one workspace, where those of some contracts are gathered.

    Args:
        connection: in a transaction.
        workspace: whose.
        subscriptions: the contracts, in the order in which they are locked.
    """

    def __init__(
        self,
        connection: Connection,
        workspace: WorkspaceId,
        subscriptions: Sequence[SubscriptionKey],
    ) -> None:
        super().__init__(connection, workspace)
        self.contracts: Mapping[SubscriptionKey, Subscription] = {}
        self._of = frozenset(subscriptions)
        self._kept: dict[SubscriptionKey, list[_Gathered]] = {}
        self._discarded: dict[SubscriptionKey, AccountKey | None] = {}
        connection.execute(_LOCK, [workspace, list(subscriptions)])
        self._billed: dict[SubscriptionKey, list[Billed]] = {}
        for line in map(billed_from_row, connection.execute(_BILLED, [list(subscriptions)])):
            self._billed.setdefault(line.key.subscription, []).append(line)

    def lock(self, subscription: SubscriptionKey) -> None:
        if subscription not in self._of:
            super().lock(subscription)

    def load_billed(self, subscription: SubscriptionKey) -> tuple[Billed, ...]:
        if subscription not in self._of:
            return super().load_billed(subscription)
        return tuple(self._billed.get(subscription, ()))

    def load_document(self, id: InvoiceId) -> StoredDocument | None:
        for made in (one for of_contract in self._kept.values() for one in of_contract):
            for draft in made.drafts:
                if draft.id == id:
                    content = document_of(draft)
                    said = digest(content)
                    return StoredDocument(
                        invoice=draft, content=content, digest=said, basis=made.basis
                    )
        return super().load_document(id)

    def save_drafts(self, drafts: Iterable[Invoice], *, basis: bytes, held: bool = False) -> None:
        documents = tuple(drafts)
        for key, of_contract in groupby(documents, key=attrgetter("subscription")):
            made = _Gathered(drafts=tuple(of_contract), basis=basis, held=held)
            self._kept.setdefault(key, []).append(made)

    def discard_drafts(
        self, subscription: SubscriptionKey, *, payer: AccountKey | None = None
    ) -> None:
        self._discarded[subscription] = payer
        self._kept.pop(subscription, None)

    def forget(self, subscriptions: Iterable[SubscriptionKey]) -> None:
        for subscription in subscriptions:
            self._discarded.pop(subscription, None)
            self._kept.pop(subscription, None)

    def store(self, *, all_but: Iterable[InvoiceId]) -> None:
        discarded = sorted(key for key, payer in self._discarded.items() if payer is None)
        self._connection.execute(_DISCARD, [discarded, discarded])
        for key, payer in self._discarded.items():
            if payer is not None:
                super().discard_drafts(key, payer=payer)
        issued = frozenset(all_but)
        for gathered in (one for made in self._kept.values() for one in made):
            left = [draft for draft in gathered.drafts if draft.id not in issued]
            if left:
                super().save_drafts(left, basis=gathered.basis, held=gathered.held)

    def issue(self, documents: Sequence[NumberedDocument]) -> None:
        gathered = [one for made in self._kept.values() for one in made]
        known = {draft.id: one.basis for one in gathered for draft in one.drafts}
        super().issue([one for one in documents if one.invoice.id not in known])
        new = [one for one in documents if one.invoice.id in known]
        bases = {one.invoice.basis: known[one.invoice.id] for one in new}
        try:
            self._add(_ADD_BASES, [(key, _packed(basis)) for key, basis in sorted(bases.items())])
            self._add(_ADD_INVOICES, map(_row, new))
            self._add(_ADD_LINES, [row for one in new for row in rows_from_lines(one.invoice)])
        except psycopg.errors.UniqueViolation as error:
            raise InvariantBroken(f"such a document stands already: {error}") from error

    def _add(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        listed = list(rows)
        if listed:
            self._connection.execute(statement, [self._workspace, *columns(listed)])


def _packed(content: bytes) -> bytes:
    return zstandard.compress(content, LEVEL)


def _row(document: NumberedDocument) -> tuple[object, ...]:
    """Return the row of an issued document; what it says is written once."""
    invoice = document.invoice
    return (
        *row_from_invoice(invoice, content=document.content, said=document.digest),
        invoice.number,
        invoice.issued_on,
        invoice.due_on,
        document.issued_at,
        document.series.year,
        document.series_number,
    )
