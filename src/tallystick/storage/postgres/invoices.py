"""
The store of documents.

A document is kept as its canonical JSON, compressed, beside the columns by which it is found; its
lines are kept once more as narrow rows, which are what later documents are compared with.
Bases are shared between documents by their digest.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import psycopg
import zstandard
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.invoicing import (
    DocumentChanged,
    DraftInReview,
    InvoiceSummary,
    NumberedDocument,
    StoredDocument,
)
from tallystick.currency import DatedRate
from tallystick.invoicing import (
    Billed,
    Disposition,
    DocumentType,
    Invoice,
    LineKey,
    LineKind,
    Purpose,
    RateDocument,
    Reference,
    Status,
    document_of,
    invoice_from_document,
    is_one_off,
    rate_from_wire,
    wire_from_rate,
)
from tallystick.kernel import (
    AccountKey,
    Currency,
    Done,
    InvariantBroken,
    InvoiceId,
    Money,
    Period,
    PriceKey,
    SubscriptionKey,
    WorkspaceId,
    check,
    digest,
)
from tallystick.storage.postgres.json_column import array_text
from tallystick.storage.postgres.receivable.owed import owed_of, status_of
from tallystick.tax import AppliedTax, LineTax

_LOCK = (
    "SELECT pg_advisory_xact_lock(hashtextextended('tallystick.billing:' || %s || ':' || %s, 0))"
)
BILLED_LINES = """
SELECT l.subscription, l.price, l.period_start, l.period_end, l.grouped_by, l.minor, l.position,
  l.attribution, i.id, i.number, i.issued_on, i.document_type, coalesce(l.purpose, i.purpose),
  coalesce(l.opens, i.period_start), coalesce(l.closes, i.period_end), i.currency, i.exponent,
  l.taxes::text, l.taken_off, l.kind, i.reference, i.disposition, i.replaces, l.conversion::text,
  l.purpose IS NOT NULL, i.account
FROM invoice_line AS l
JOIN invoice AS i ON i.workspace_id = l.workspace_id AND i.id = l.invoice_id
WHERE {0} AND i.number IS NOT NULL
ORDER BY i.issued_at, i.issue_order, i.document_type DESC, i.series_year, i.series_number, i.id,
  l.ordinal
"""
_BILLED = BILLED_LINES.format("l.subscription = %s")
_DOCUMENT = """
SELECT i.content, i.digest, i.basis, b.content
FROM invoice AS i JOIN invoice_basis AS b ON b.workspace_id = i.workspace_id AND b.digest = i.basis
WHERE i.id = %s
"""
_ADD_BASIS = """
INSERT INTO invoice_basis (workspace_id, digest, content) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING
"""
_ADD_INVOICE = """
INSERT INTO invoice (workspace_id, id, document_type, purpose, revision, legal_entity, account,
  subscription, currency, exponent, period_start, period_end, total_minor, reference, position,
  basis, digest, content, disposition, credit_kind, replaces, held)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADD_LINE = """
INSERT INTO invoice_line (workspace_id, invoice_id, ordinal, id, subscription, price, period_start,
  period_end, grouped_by, minor, position, attribution, taxes, taken_off, kind, conversion, purpose,
  opens, closes)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::text[], %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_DISCARD = """
DELETE FROM invoice WHERE number IS NULL AND (%s::text IS NULL OR account = %s) AND id IN (
  SELECT id FROM invoice WHERE subscription = %s AND number IS NULL
  UNION ALL
  SELECT invoice_id FROM invoice_line WHERE subscription = %s AND purpose IS NOT NULL)
"""
_ISSUE = """
UPDATE invoice SET number = %s, issued_on = %s, due_on = %s, issued_at = %s, series_year = %s,
  series_number = %s, digest = %s, content = %s, issue_order = nextval('invoice_issue_order')
WHERE id = %s AND number IS NULL
"""
_PAGE = f"""
SELECT i.id, i.number, i.document_type, i.purpose, i.account, coalesce(i.subscription, ''),
  i.period_start, i.period_end, i.total_minor, i.currency, i.exponent, i.issued_on, i.due_on,
  {owed_of("i")}, {status_of("i")}
FROM invoice AS i
WHERE i.id > %s AND (%s::text IS NULL OR i.account = %s) ORDER BY i.id LIMIT %s
"""
_DRAFTS_OF = """
SELECT DISTINCT coalesce(l.opens, i.period_start), coalesce(l.purpose, i.purpose)
FROM invoice AS i
JOIN invoice_line AS l ON l.workspace_id = i.workspace_id AND l.invoice_id = i.id
WHERE l.subscription = %s AND i.number IS NULL AND (%s::text IS NULL OR i.account = %s)
"""
_HELD = """
SELECT DISTINCT coalesce(i.subscription, l.subscription) FROM invoice AS i
JOIN invoice_line AS l ON l.workspace_id = i.workspace_id AND l.invoice_id = i.id
WHERE i.held AND i.number IS NULL
"""
_REVIEWED = """
SELECT d.id, d.number, d.document_type, d.purpose, d.account, coalesce(d.subscription, ''),
  d.period_start, d.period_end, d.total_minor, d.currency, d.exponent, d.issued_on, d.due_on, 0,
  'draft', d.digest,
  b.number,
  b.total_minor
FROM invoice AS d LEFT JOIN LATERAL (
  SELECT i.number, i.total_minor FROM invoice AS i
  WHERE i.workspace_id = d.workspace_id AND i.account = d.account
    AND i.legal_entity = d.legal_entity AND i.subscription IS NOT DISTINCT FROM d.subscription
    AND i.purpose = d.purpose AND i.document_type = d.document_type AND i.currency = d.currency
    AND i.number IS NOT NULL AND i.period_start < d.period_start
  ORDER BY i.period_start DESC, i.revision DESC LIMIT 1
) AS b ON true
WHERE d.number IS NULL ORDER BY d.id LIMIT %s
"""
LEVEL = 3


class _KeptTax(msgspec.Struct, frozen=True):
    """What a line bears of a tax, as the row of the line keeps it."""

    applied: AppliedTax
    minor: int


_KEPT_RATE = msgspec.json.Decoder(RateDocument)
_KEPT_TAXES = msgspec.json.Decoder(list[_KeptTax])


class PostgresInvoices:
    """The documents of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def lock(self, subscription: SubscriptionKey) -> None:
        self._connection.execute(_LOCK, [self._workspace, subscription])

    def load_billed(self, subscription: SubscriptionKey) -> tuple[Billed, ...]:
        rows = self._connection.execute(_BILLED, [subscription])
        return tuple(map(billed_from_row, rows))

    def load_document(self, id: InvoiceId) -> StoredDocument | None:
        row = self._connection.execute(_DOCUMENT, [id]).fetchone()
        if row is None:
            return None
        content, said, basis_digest, basis = row
        document, kept = zstandard.decompress(content), zstandard.decompress(basis)
        if digest(document) != said:
            raise DocumentChanged(
                f"document {id} was changed in the store: its digest is not {said}"
            )
        if digest(kept) != basis_digest:
            raise DocumentChanged(
                f"the basis of document {id} was changed in the store: "
                f"its digest is not {basis_digest}"
            )
        read = invoice_from_document(document)
        if not isinstance(read, Done):
            raise InvariantBroken(f"document {id} cannot be read: {read.problems[0].message}")
        return StoredDocument(invoice=read.value, content=document, digest=said, basis=kept)

    def save_drafts(self, drafts: Iterable[Invoice], *, basis: bytes, held: bool = False) -> None:
        documents = tuple(drafts)
        packed = zstandard.compress(basis, LEVEL)
        self._connection.execute(_ADD_BASIS, [self._workspace, digest(basis), packed])
        invoices = [(self._workspace, *_draft_row(one), held) for one in documents]
        lines = [(self._workspace, *row) for one in documents for row in rows_from_lines(one)]
        try:
            with self._connection.cursor() as cursor:
                cursor.executemany(_ADD_INVOICE, invoices)
                cursor.executemany(_ADD_LINE, lines)
        except psycopg.errors.UniqueViolation as error:
            ids = ", ".join(one.id for one in documents)
            raise InvariantBroken(f"a document like one of {ids} stands already") from error

    def discard_drafts(
        self, subscription: SubscriptionKey, *, payer: AccountKey | None = None
    ) -> None:
        self._connection.execute(_DISCARD, [payer, payer, subscription, subscription])

    def issue(self, documents: Sequence[NumberedDocument]) -> None:
        for document in documents:
            changed = self._connection.execute(_ISSUE, _issue_row(document)).rowcount
            check(changed == 1, f"there is no draft {document.invoice.id} to be issued")

    def page(
        self, *, after: str, limit: int, account: AccountKey | None = None
    ) -> list[InvoiceSummary]:
        rows = self._connection.execute(_PAGE, [after, account, account, limit])
        return [_summary_from_row(row) for row in rows]

    def drafts_of(
        self, subscription: SubscriptionKey, *, payer: AccountKey | None = None
    ) -> frozenset[tuple[datetime, Purpose]]:
        rows = self._connection.execute(_DRAFTS_OF, [subscription, payer, payer])
        return frozenset((start, Purpose(purpose)) for start, purpose in rows)

    def held_subscriptions(self) -> frozenset[SubscriptionKey]:
        return frozenset(SubscriptionKey(key) for (key,) in self._connection.execute(_HELD))

    def reviewed(self, *, limit: int) -> list[DraftInReview]:
        return [_reviewed_from_row(row) for row in self._connection.execute(_REVIEWED, [limit])]


def _issue_row(document: NumberedDocument) -> tuple[object, ...]:
    invoice = document.invoice
    return (
        invoice.number,
        invoice.issued_on,
        invoice.due_on,
        document.issued_at,
        document.series.year,
        document.series_number,
        document.digest,
        zstandard.compress(document.content, LEVEL),
        invoice.id,
    )


def _draft_row(draft: Invoice) -> tuple[object, ...]:
    content = document_of(draft)
    return row_from_invoice(draft, content=content, said=digest(content))


def row_from_invoice(invoice: Invoice, *, content: bytes, said: str) -> tuple[object, ...]:
    """Return the row of a document as its draft has it; what it says, and the digest of that."""
    return (
        invoice.id,
        invoice.document_type,
        invoice.purpose,
        invoice.revision,
        invoice.legal_entity,
        invoice.account,
        None if is_one_off(invoice.subscription) or invoice.sections else invoice.subscription,
        invoice.currency.code,
        invoice.currency.exponent,
        invoice.period.start,
        invoice.period.end,
        invoice.total.minor,
        None if invoice.reference is None else invoice.reference.invoice,
        invoice.position,
        invoice.basis,
        said,
        zstandard.compress(content, LEVEL),
        invoice.disposition,
        invoice.credit_kind,
        None if invoice.replaces is None else invoice.replaces.invoice,
    )


def rows_from_lines(invoice: Invoice) -> list[tuple[object, ...]]:
    """Return the rows of a document's lines, in their order."""
    return [
        (
            invoice.id,
            ordinal,
            line.id,
            line.key.subscription,
            line.key.price,
            line.key.period.start,
            line.key.period.end,
            array_text(line.key.group),
            line.money.minor,
            line.position,
            line.attribution,
            _taxes_text(line.taxes),
            line.taken_off.minor,
            line.kind,
            _conversion_text(line.conversion),
            *_place_of_section(invoice, place),
        )
        for ordinal, (line, place) in enumerate(zip(invoice.lines, invoice.places, strict=True))
    ]


def _place_of_section(invoice: Invoice, place: tuple[Period, Purpose]) -> tuple[object, ...]:
    """Return purpose and period of a line's section; nothing of a document of one contract."""
    period, purpose = place
    return (purpose, period.start, period.end) if invoice.sections else (None, None, None)


def billed_from_row(row: TupleRow) -> Billed:
    """Return what a row of `BILLED_LINES` says."""
    key, line, document, money = row[:5], row[5:8], row[8:15], row[15:17]
    taxes, taken_off, kind, corrects, disposition, replaces, conversion, is_shared = row[17:25]
    subscription, price, start, end, group = key
    minor, position, attribution = line
    id_, number, issued_on, document_type, purpose, opens, closes = document
    code, exponent = money
    return Billed(
        key=LineKey(
            subscription=SubscriptionKey(subscription),
            price=PriceKey(price),
            period=Period(start=start, end=end),
            group=tuple(group),
        ),
        money=Money(minor=int(minor), currency=Currency(code=code, exponent=exponent)),
        position=position,
        attribution=attribution,
        document=InvoiceId(id_),
        reference=Reference(invoice=InvoiceId(id_), number=number, issued_on=issued_on),
        document_type=DocumentType(document_type),
        purpose=Purpose(purpose),
        period=Period(start=opens, end=closes),
        taken_off=Money(minor=int(taken_off), currency=Currency(code=code, exponent=exponent)),
        taxes=_taxes_from_text(taxes, Currency(code=code, exponent=exponent)),
        kind=LineKind(kind),
        corrects=corrects,
        disposition=None if disposition is None else Disposition(disposition),
        replaces=replaces,
        conversion=_conversion_from_text(conversion),
        is_shared=is_shared,
        payer=AccountKey(row[25]),
    )


def _conversion_text(conversion: DatedRate | None) -> str | None:
    """Return the rate by which a line was converted, as it is kept beside its money."""
    if conversion is None:
        return None
    return msgspec.json.encode(wire_from_rate(conversion)).decode()


def _conversion_from_text(text: str | None) -> DatedRate | None:
    return None if text is None else rate_from_wire(_KEPT_RATE.decode(text))


def _taxes_text(taxes: Sequence[LineTax]) -> str:
    """Return what a line bears as it is kept beside its money, in minor units."""
    kept = [_KeptTax(applied=one.applied, minor=one.money.minor) for one in taxes]
    return msgspec.json.encode(kept).decode()


def _taxes_from_text(text: str, unit: Currency) -> tuple[LineTax, ...]:
    if text == "[]":
        return ()
    return tuple(
        LineTax(applied=one.applied, money=Money(minor=one.minor, currency=unit))
        for one in _KEPT_TAXES.decode(text)
    )


def _summary_from_row(row: TupleRow) -> InvoiceSummary:
    id_, number, document_type, purpose, account, subscription, *rest = row
    start, end, minor, code, exponent, issued_on, due_on, due, status = rest
    unit = Currency(code=code, exponent=exponent)
    return InvoiceSummary(
        id=InvoiceId(id_),
        number=number,
        document_type=DocumentType(document_type),
        purpose=Purpose(purpose),
        account=AccountKey(account),
        subscription=SubscriptionKey(subscription),
        period=Period(start=start, end=end),
        total=Money(minor=int(minor), currency=unit),
        issued_on=issued_on,
        due_on=due_on,
        due=Money(minor=int(due), currency=unit),
        status=Status(status),
    )


def _reviewed_from_row(row: TupleRow) -> DraftInReview:
    said, number, minor = row[15:]
    summary = _summary_from_row(row[:15])
    before = None if number is None else Money(minor=int(minor), currency=summary.total.currency)
    return DraftInReview(
        summary=summary, digest=said, before=None if before is None else (number, before)
    )
