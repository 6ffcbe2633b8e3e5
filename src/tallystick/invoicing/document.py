"""
A document's canonical JSON: the bytes that are stored, exported, digested and compared.

Keys are sorted, amounts and quantities are plain decimal text in major units, instants are UTC with
six fraction digits, ids are derived.  Nothing in it depends on the machine or the moment, except
the facts of issue (number and dates); so the same facts give the same bytes anywhere.
Reading is strict: unknown or missing fields, other types and other number formats are refused.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec

from tallystick.invoicing.invoice import DocumentType, Invoice, Purpose, Reference
from tallystick.invoicing.line import Line, LineKey, LineKind, Measurement
from tallystick.invoicing.taxed.wire import (
    LineTaxDocument,
    TaxDocument,
    applied_from_wire,
    line_taxes_from_wire,
    wire_from_line_taxes,
    wire_from_subtotal,
)
from tallystick.kernel import (
    EXACT,
    AccountKey,
    Amount,
    Currency,
    Done,
    InvoiceId,
    MeterKey,
    Misuse,
    Money,
    Outcome,
    Period,
    PriceKey,
    SubscriptionKey,
    WorkspaceId,
    canonical_json,
    instant,
    instant_text,
    plain,
    refuse,
)
from tallystick.pricing import Charge, Step
from tallystick.tax import AppliedTax, TaxSubtotal

FORMAT = "tallystick.document/1"
_EXPONENT_MAX = 18
_SHARE = re.compile(r"[0-9]{1,40}(?:/[0-9]{1,40})?")
_NUMBER = re.compile(r"-?[0-9]{1,96}(?:\.[0-9]{1,96})?")


class PeriodDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A half-open period."""

    start: str
    end: str


class StepDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step of a charge."""

    label: str
    quantity: str | None
    unit_price: str | None
    flat: str
    amount: str
    origin: str = ""


class MeasurementDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a quantity was found."""

    meter: str
    window: PeriodDocument
    quantity: str
    events: int
    digest: str
    unmeterable: int
    gap_seconds: str


class LineDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line; ``exact`` is the whole, ``money`` what this document settles of it."""

    id: str
    kind: LineKind
    subscription: str
    price: str
    period: PeriodDocument
    group: list[str]
    description: str
    quantity: str
    unit: str
    steps: list[StepDocument] | None
    exact: str
    settled_before: str
    money: str
    share: str
    measurement: MeasurementDocument | None
    attribution: str
    position: int
    taxes: list[LineTaxDocument] = []


class ReferenceDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document corrected."""

    invoice: str
    number: str
    issued_on: date


class InvoiceDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """
    The whole document; ``total`` is what is to be paid, ``net`` the part of it that is no tax.

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


def document_of(invoice: Invoice) -> bytes:
    """Return the canonical JSON of a document."""
    return canonical_json(msgspec.to_builtins(wire_from_invoice(invoice)))


def invoice_from_document(content: bytes) -> Outcome[Invoice]:
    """
    Return the document that its JSON holds.

    Problems:
        malformed_document: not JSON of this format, or a value that cannot be.
        wrong_total: the total is not the sum of the lines and taxes.
        wrong_tax: net or taxes are not the sums of what the lines say.
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
    return Done(invoice)


def wire_from_invoice(invoice: Invoice) -> InvoiceDocument:
    """Return the shape of a document as it is written, for those who write it in other ways."""
    reference, listed = invoice.reference, invoice.taxes
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
        period=_wire_from_period(invoice.period),
        lines=[_wire_from_line(line, listed) for line in invoice.lines],
        total=plain(invoice.total.decimal),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        reference=None
        if reference is None
        else ReferenceDocument(
            invoice=reference.invoice, number=reference.number, issued_on=reference.issued_on
        ),
        position=invoice.position,
        basis=invoice.basis,
        rating_version=invoice.rating_version,
        tzdata_version=invoice.tzdata_version,
        net=net,
        taxes=taxes,
        taxed_on=invoice.taxed_on,
    )


def _summed(invoice: Invoice) -> tuple[str, list[TaxDocument]]:
    """Return the net and the taxes that a document says it holds; nothing where it has no tax."""
    taxes = [wire_from_subtotal(one) for one in invoice.taxes]
    return (plain(invoice.net.decimal) if taxes else "", taxes)


def _wire_from_period(period: Period) -> PeriodDocument:
    return PeriodDocument(start=instant_text(period.start), end=instant_text(period.end))


def _wire_from_line(line: Line, listed: Sequence[TaxSubtotal]) -> LineDocument:
    return LineDocument(
        id=line.id,
        kind=line.kind,
        subscription=line.key.subscription,
        price=line.key.price,
        period=_wire_from_period(line.key.period),
        group=list(line.key.group),
        description=line.description,
        quantity=plain(line.quantity),
        unit=line.unit,
        steps=None if line.charge is None else [_wire_from_step(s) for s in line.charge.steps],
        exact=plain(line.exact.value),
        settled_before=plain(line.settled_before.decimal),
        money=plain(line.money.decimal),
        share=str(line.share),
        measurement=None if line.measurement is None else _wire_from_measurement(line.measurement),
        attribution=line.attribution,
        position=line.position,
        taxes=wire_from_line_taxes(line.taxes, listed),
    )


def _wire_from_step(step: Step) -> StepDocument:
    return StepDocument(
        label=step.label,
        quantity=None if step.quantity is None else plain(step.quantity),
        unit_price=None if step.unit_price is None else plain(step.unit_price),
        flat=plain(step.flat),
        amount=plain(step.amount),
        origin=step.origin,
    )


def _wire_from_measurement(measurement: Measurement) -> MeasurementDocument:
    return MeasurementDocument(
        meter=measurement.meter,
        window=_wire_from_period(measurement.window),
        quantity=plain(measurement.quantity),
        events=measurement.events,
        digest=measurement.digest,
        unmeterable=measurement.unmeterable,
        gap_seconds=plain(measurement.gap_seconds),
    )


def _invoice_from_wire(wire: InvoiceDocument) -> Invoice:
    unit = Currency(code=wire.currency, exponent=wire.currency_exponent)
    if not 0 <= unit.exponent <= _EXPONENT_MAX:
        raise Misuse(f"no currency has {unit.exponent} places")
    reference, listed = wire.reference, [applied_from_wire(one) for one in wire.taxes]
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
        period=_period_from_wire(wire.period),
        lines=tuple(_line_from_wire(line, listed, unit) for line in wire.lines),
        issued_on=wire.issued_on,
        due_on=wire.due_on,
        reference=None
        if reference is None
        else Reference(
            invoice=InvoiceId(reference.invoice),
            number=reference.number,
            issued_on=reference.issued_on,
        ),
        position=wire.position,
        basis=wire.basis,
        rating_version=wire.rating_version,
        tzdata_version=wire.tzdata_version,
        taxed_on=wire.taxed_on,
    )


def _period_from_wire(wire: PeriodDocument) -> Period:
    return Period(start=instant(wire.start), end=instant(wire.end))


def _line_from_wire(wire: LineDocument, listed: Sequence[AppliedTax], unit: Currency) -> Line:
    exact = Amount(value=_decimal(wire.exact), currency=unit)
    price, quantity = PriceKey(wire.price), _decimal(wire.quantity)
    steps = wire.steps
    return Line(
        id=wire.id,
        kind=wire.kind,
        key=LineKey(
            subscription=SubscriptionKey(wire.subscription),
            price=price,
            period=_period_from_wire(wire.period),
            group=tuple(wire.group),
        ),
        description=wire.description,
        quantity=quantity,
        unit=wire.unit,
        charge=None
        if steps is None
        else Charge(
            price=price,
            quantity=quantity,
            unit=wire.unit,
            amount=exact,
            steps=tuple(_step_from_wire(step) for step in steps),
        ),
        exact=exact,
        settled_before=_money(wire.settled_before, unit),
        money=_money(wire.money, unit),
        share=_fraction(wire.share),
        measurement=None if wire.measurement is None else _measurement(wire.measurement),
        attribution=wire.attribution,
        position=wire.position,
        taxes=line_taxes_from_wire(wire.taxes, listed, unit),
    )


def _step_from_wire(wire: StepDocument) -> Step:
    return Step(
        label=wire.label,
        quantity=None if wire.quantity is None else _decimal(wire.quantity),
        unit_price=None if wire.unit_price is None else _decimal(wire.unit_price),
        flat=_decimal(wire.flat),
        amount=_decimal(wire.amount),
        origin=wire.origin,
    )


def _measurement(wire: MeasurementDocument) -> Measurement:
    return Measurement(
        meter=MeterKey(wire.meter),
        window=_period_from_wire(wire.window),
        quantity=_decimal(wire.quantity),
        events=wire.events,
        digest=wire.digest,
        unmeterable=wire.unmeterable,
        gap_seconds=_decimal(wire.gap_seconds),
    )


def _decimal(text: str) -> Decimal:
    """Return an exact number as written here: up to 96 digits, for quotients that do not end."""
    if _NUMBER.fullmatch(text) is None:
        raise Misuse(f"{text[:40]!r} is not a plain decimal")
    return Decimal(text)


def _fraction(text: str) -> Fraction:
    if _SHARE.fullmatch(text) is None:
        raise Misuse(f"{text[:40]!r} is not a share such as 17/31")
    return Fraction(text)


def _money(text: str, unit: Currency) -> Money:
    minor = _decimal(text).scaleb(unit.exponent, context=EXACT)
    if minor != minor.to_integral_value():
        raise Misuse(f"{text} has more places than {unit.code}")
    return Money(minor=int(minor), currency=unit)
