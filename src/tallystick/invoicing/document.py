"""
A document's canonical JSON: the bytes that are stored, exported, digested and compared.

Keys are sorted, amounts and quantities are plain decimal text in major units, instants are UTC with
six fraction digits, ids are derived.  Nothing in it depends on the machine or the moment, except
the facts of issue (number and dates); so the same facts give the same bytes anywhere.
Reading is strict: unknown or missing fields, other types and other number formats are refused.
"""

from datetime import date

import msgspec

from tallystick.invoicing.invoice import (
    DocumentType,
    Invoice,
    Prepaid,
    Purpose,
    Reference,
    Section,
)
from tallystick.invoicing.line_document import (
    LineDocument,
    PeriodDocument,
    line_from_wire,
    period_from_wire,
    wire_from_line,
    wire_from_period,
)
from tallystick.invoicing.orders import CreditKind, Disposition
from tallystick.invoicing.taxed.wire import (
    TaxDocument,
    applied_from_wire,
    wire_from_subtotal,
)
from tallystick.kernel import (
    AccountKey,
    Currency,
    Done,
    InvoiceId,
    Misuse,
    Money,
    Outcome,
    SubscriptionKey,
    WorkspaceId,
    canonical_struct,
    parse_decimal,
    plain,
    refuse,
)

FORMAT = "tallystick.document/1"
_EXPONENT_MAX = 18


class ReferenceDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document corrected."""

    invoice: str
    number: str
    issued_on: date


class PrepaidDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of the total was paid before the issue, in major units, and by which money."""

    source: str
    money: str


class SectionDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section; its lines follow those of the sections before it."""

    account: str
    subscription: str
    period: PeriodDocument
    purpose: Purpose
    revision: int
    basis: str
    lines: int


class InvoiceDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """
    The whole document; ``total`` is what it comes to, ``net`` the part of it that is no tax.

    ``due`` is what was left to be paid at issue, where ``prepaid`` says what was paid before; else
    it is empty, and the total is.
    What was added since the first release has a default and is left out where it holds, so that
    the bytes of an old document stay what they were.
    """

    format: str
    id: str
    number: str | None
    document_type: DocumentType
    purpose: Purpose
    revision: int
    workspace: str
    legal_entity: str
    account: str
    subscription: str
    currency: str
    currency_exponent: int
    period: PeriodDocument
    lines: list[LineDocument]
    total: str
    issued_on: date | None
    due_on: date | None
    reference: ReferenceDocument | None
    position: int
    basis: str
    rating_version: str
    tzdata_version: str
    net: str = ""
    taxes: list[TaxDocument] = []
    taxed_on: date | None = None
    converted_on: date | None = None
    replaces: ReferenceDocument | None = None
    credit_kind: CreditKind | None = None
    disposition: Disposition | None = None
    reason: str = ""
    prepaid: list[PrepaidDocument] = []
    due: str = ""
    payment_days: int | None = None
    sections: list[SectionDocument] = []


def document_of(invoice: Invoice) -> bytes:
    """Return the canonical JSON of a document."""
    return canonical_struct(wire_from_invoice(invoice))


def invoice_from_document(content: bytes) -> Outcome[Invoice]:
    """
    Return the document that its JSON holds.

    Problems:
        malformed_document: not JSON of this format, or a value that cannot be.
        wrong_total: the total is not the sum of the lines and taxes.
        wrong_tax: net or taxes are not the sums of what the lines say.
        wrong_due: what is left to be paid is not the total less what was paid before.
    """
    try:
        wire = msgspec.json.decode(content, type=InvoiceDocument)
        if wire.format != FORMAT:
            return refuse("malformed_document", f"this reads {FORMAT}, not {wire.format[:40]!r}")
        invoice = _invoice_from_wire(wire)
    except (msgspec.MsgspecError, Misuse, ValueError, ArithmeticError, RecursionError) as error:
        return refuse("malformed_document", f"the document cannot be read: {error}")
    if plain(invoice.total.decimal) != wire.total:
        message = f"the total says {wire.total}, but the lines add up to {invoice.total}"
        return refuse("wrong_total", message, "total")
    if (wire.net, wire.taxes) != _summed(invoice):
        message = "net and taxes are not the sums of what the lines bear"
        return refuse("wrong_tax", message, "taxes")
    if (plain(invoice.due.decimal) if wire.prepaid else "") != wire.due:
        message = f"{wire.due or 'nothing'} is said to be left, but {invoice.due} is"
        return refuse("wrong_due", message, "due")
    return Done(invoice)


def wire_from_invoice(invoice: Invoice) -> InvoiceDocument:
    """Return the shape of a document as it is written, for those who write it in other ways."""
    listed = invoice.taxes
    net, taxes = _summed(invoice)
    return InvoiceDocument(
        format=FORMAT,
        id=invoice.id,
        number=invoice.number,
        document_type=invoice.document_type,
        purpose=invoice.purpose,
        revision=invoice.revision,
        workspace=invoice.workspace,
        legal_entity=invoice.legal_entity,
        account=invoice.account,
        subscription=invoice.subscription,
        currency=invoice.currency.code,
        currency_exponent=invoice.currency.exponent,
        period=wire_from_period(invoice.period),
        lines=[wire_from_line(line, listed) for line in invoice.lines],
        total=plain(invoice.total.decimal),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        reference=_wire_from_reference(invoice.reference),
        position=invoice.position,
        basis=invoice.basis,
        rating_version=invoice.rating_version,
        tzdata_version=invoice.tzdata_version,
        net=net,
        taxes=taxes,
        taxed_on=invoice.taxed_on,
        converted_on=invoice.converted_on,
        replaces=_wire_from_reference(invoice.replaces),
        credit_kind=invoice.credit_kind,
        disposition=invoice.disposition,
        reason=invoice.reason,
        prepaid=[_wire_from_prepaid(one) for one in invoice.prepaid],
        due=plain(invoice.due.decimal) if invoice.prepaid else "",
        payment_days=invoice.payment_days,
        sections=[_wire_from_section(one) for one in invoice.sections],
    )


def _wire_from_prepaid(prepaid: Prepaid) -> PrepaidDocument:
    return PrepaidDocument(source=prepaid.source, money=plain(prepaid.money.decimal))


def _wire_from_section(section: Section) -> SectionDocument:
    return SectionDocument(
        account=section.account,
        subscription=section.subscription,
        period=wire_from_period(section.period),
        purpose=section.purpose,
        revision=section.revision,
        basis=section.basis,
        lines=section.lines,
    )


def _wire_from_reference(reference: Reference | None) -> ReferenceDocument | None:
    if reference is None:
        return None
    return ReferenceDocument(
        invoice=reference.invoice, number=reference.number, issued_on=reference.issued_on
    )


def _summed(invoice: Invoice) -> tuple[str, list[TaxDocument]]:
    """Return the net and the taxes that a document says it holds; nothing where it has no tax."""
    taxes = [wire_from_subtotal(one) for one in invoice.taxes]
    return (plain(invoice.net.decimal) if taxes else "", taxes)


def _invoice_from_wire(wire: InvoiceDocument) -> Invoice:
    unit = Currency(code=wire.currency, exponent=wire.currency_exponent)
    if not 0 <= unit.exponent <= _EXPONENT_MAX:
        raise Misuse(f"no currency has {unit.exponent} places")
    listed = [applied_from_wire(one) for one in wire.taxes]
    return Invoice(
        id=InvoiceId(wire.id),
        number=wire.number,
        document_type=wire.document_type,
        purpose=wire.purpose,
        revision=wire.revision,
        workspace=WorkspaceId(wire.workspace),
        legal_entity=wire.legal_entity,
        account=AccountKey(wire.account),
        subscription=SubscriptionKey(wire.subscription),
        currency=unit,
        period=period_from_wire(wire.period),
        lines=tuple(line_from_wire(line, listed, unit) for line in wire.lines),
        issued_on=wire.issued_on,
        due_on=wire.due_on,
        reference=_reference_from_wire(wire.reference),
        position=wire.position,
        basis=wire.basis,
        rating_version=wire.rating_version,
        tzdata_version=wire.tzdata_version,
        taxed_on=wire.taxed_on,
        converted_on=wire.converted_on,
        replaces=_reference_from_wire(wire.replaces),
        credit_kind=wire.credit_kind,
        disposition=wire.disposition,
        reason=wire.reason,
        prepaid=tuple(_prepaid_from_wire(one, unit) for one in wire.prepaid),
        payment_days=wire.payment_days,
        sections=_sections_from_wire(wire),
    )


def _sections_from_wire(wire: InvoiceDocument) -> tuple[Section, ...]:
    counted = [one.lines for one in wire.sections]
    if wire.sections and (min(counted) < 1 or sum(counted) != len(wire.lines)):
        raise Misuse(f"sections have {counted} lines, the document has {len(wire.lines)}")
    return tuple(
        Section(
            account=AccountKey(one.account),
            subscription=SubscriptionKey(one.subscription),
            period=period_from_wire(one.period),
            purpose=one.purpose,
            revision=one.revision,
            basis=one.basis,
            lines=one.lines,
        )
        for one in wire.sections
    )


def _prepaid_from_wire(wire: PrepaidDocument, unit: Currency) -> Prepaid:
    minor = parse_decimal(wire.money).scaleb(unit.exponent)
    if minor <= 0 or minor != minor.to_integral_value():
        raise Misuse(f"{wire.money} is no payment in {unit.code}")
    return Prepaid(source=wire.source, money=Money(minor=int(minor), currency=unit))


def _reference_from_wire(wire: ReferenceDocument | None) -> Reference | None:
    if wire is None:
        return None
    return Reference(invoice=InvoiceId(wire.invoice), number=wire.number, issued_on=wire.issued_on)
