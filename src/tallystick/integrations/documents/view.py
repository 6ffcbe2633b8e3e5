"""
What a document shows, as values: nothing is worded or formatted yet.

A credit note states what it gives back as positive amounts, as the trade and EN 16931 do (type
381); the stored document has them negative, as they move the receivable.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from tallystick.accounts import Account, Contact
from tallystick.catalog import BankAccount, Branding, LegalEntity
from tallystick.currency import DatedRate
from tallystick.invoicing import (
    Basis,
    DocumentType,
    Invoice,
    Line,
    LineKind,
    Purpose,
    Reference,
    with_lines,
)
from tallystick.kernel import (
    EXACT,
    Currency,
    InvoiceId,
    Misuse,
    Money,
    Period,
    time_zone,
)
from tallystick.tax import TaxSubtotal

_INSTANT = timedelta(microseconds=1)
_OUTSIDE_SCOPE = "O"
_PLAIN = "units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Local days, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """Issuer or payer, as they were when the document was drafted."""

    key: str
    name: str
    address: str = ""
    country: str = ""
    tax_id: str = ""
    registration: str = ""
    contact: Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """
    One step of a line: ``quantity`` times ``unit_price`` plus ``flat``, exact, in major units.

    On a credit note ``amount`` has the other sign: what is still owed is taken off the credit.
    ``origin`` names what of the whole document it comes from, such as a coupon that was given.
    """

    label: str
    quantity: Decimal | None
    unit_price: Decimal | None
    flat: Decimal
    amount: Decimal
    origin: str = ""

    @property
    def is_plain(self) -> bool:
        """Return whether it is nothing but the line's quantity at one price."""
        return self.label == _PLAIN

    @property
    def is_in_packages(self) -> bool:
        """Return whether its quantity counts packages, not the line's unit."""
        return "packages of " in self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxView:
    """
    What a document says of one tax (EN 16931, BG-23).

    Attributes:
        name: of the tax, such as ``VAT``; empty where nothing is said of tax at all.
        category: of EN 16931; ``O`` where nothing is said of tax.
        rate: percent.
        net: the sum of the net lines that bear it.
        money: the tax.
        reason: why nothing is charged, in the issuer's words; empty: as the category says.
        reason_code: the same from the VATEX code list; empty: none.
    """

    name: str = ""
    category: str
    rate: Decimal
    net: Money
    money: Money
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A section of a consolidated document, with its sum; ``opens``: its first line."""

    account: str
    contract: str
    days: Days
    money: Money
    opens: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """
    One line.

    Attributes:
        item: what was sold: the price, or what a person entered.
        group: dimensions with their values.
        corrected: whether an issued document charged the same before.
        exact: the whole, in major units; ``settled_before`` of it stand on earlier documents.
        money: what this document settles, as priced.
        net: the part of it that is no tax.
        taxes: category and rate of each tax on it, as in the document's ``taxes``.
        events: how many events the quantity rests on; None where none are counted.
        conversion: the rate by which its own steps were converted; None: they needed none.
        charged: what those steps come to in the currency that they are in.
        section: in which it stands; None: the document has none.
    """

    id: str
    item: str
    group: tuple[tuple[str, str], ...]
    corrected: bool
    days: Days
    period: Period
    quantity: Decimal
    unit: str
    steps: tuple[StepView, ...]
    exact: Decimal
    settled_before: Money
    money: Money
    net: Money
    taxes: tuple[tuple[str, Decimal], ...]
    events: int | None
    evidence: str
    conversion: DatedRate | None = None
    charged: Decimal = Decimal(0)
    section: SectionView | None = None

    @property
    def is_counted(self) -> bool:
        """Return whether its quantity says something: seats have one, a fee for a period none."""
        is_priced = any(step.quantity is not None for step in self.steps)
        return bool(self.unit) or self.events is not None or is_priced or self.quantity > 1

    @property
    def converted(self) -> Decimal:
        """Return what its own steps come to in the document's currency, exactly."""
        rate = Decimal(1) if self.conversion is None else self.conversion.rate.value
        return EXACT.multiply(self.charged, rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """
    The whole document.

    Attributes:
        number: None for a draft.
        prepaid: what of the total was paid before it was issued; nothing on a credit note.
        is_test: whether it is of a test workspace.
    """

    id: InvoiceId
    kind: DocumentType
    number: str | None
    issued_on: date | None
    due_on: date | None
    days: Days
    currency: Currency
    issuer: PartyView
    payer: PartyView
    bank: BankAccount | None
    branding: Branding
    reference: Reference | None
    replaces: Reference | None = None
    given_back: str = ""
    reason: str = ""
    lines: tuple[LineView, ...]
    net: Money
    taxes: tuple[TaxView, ...]
    total: Money
    prepaid: Money
    is_test: bool = False

    @property
    def is_draft(self) -> bool:
        """Return whether it has no number."""
        return self.number is None

    @property
    def due(self) -> Money:
        """Return what is left to be paid."""
        return self.total - self.prepaid

    @property
    def is_credit_note(self) -> bool:
        """Return whether it gives back."""
        return self.kind is DocumentType.CREDIT_NOTE


def view_of(invoice: Invoice, basis: Basis, *, is_test: bool = False) -> DocumentView:
    """
    Return what a document shows.

    Raises:
        Misuse: the basis does not know the parties (an old one); fill them in first.
    """
    issuer, buyer = basis.issuer, basis.buyer
    if issuer is None or buyer is None:
        raise Misuse(f"the basis of {invoice.id} does not say who issues it, and to whom")
    sign = -1 if invoice.document_type is DocumentType.CREDIT_NOTE else 1
    return DocumentView(
        id=invoice.id,
        kind=invoice.document_type,
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        days=_days(_span(invoice), basis),
        currency=invoice.currency,
        issuer=_issuer(issuer, invoice),
        payer=_payer(buyer),
        bank=issuer.bank_account,
        branding=issuer.branding,
        reference=invoice.reference,
        replaces=invoice.replaces,
        given_back=_given_back(invoice),
        reason=invoice.reason,
        lines=_lines(invoice, basis, sign=sign),
        net=_signed(invoice.net, sign),
        taxes=tuple(_tax(one, sign) for one in invoice.taxes) or (_untaxed(invoice, sign),),
        total=_signed(invoice.total, sign),
        prepaid=invoice.total - invoice.due,
        is_test=is_test,
    )


def _lines(invoice: Invoice, basis: Basis, *, sign: int) -> tuple[LineView, ...]:
    found = {line.id: _line(line, basis, sign=sign) for line in invoice.lines}
    nothing = Money(minor=0, currency=invoice.currency)
    for section, lines in with_lines(invoice):
        shown = SectionView(
            account=section.account,
            contract=section.subscription,
            days=_days(section.period, basis),
            money=_signed(sum((line.money for line in lines), nothing), sign),
            opens=lines[0].id,
        )
        found |= {line.id: replace(found[line.id], section=shown) for line in lines}
    return tuple(found.values())


def _given_back(invoice: Invoice) -> str:
    """Return why a note that a person ordered gives back; empty for other documents."""
    if invoice.purpose is Purpose.VOID:
        return invoice.purpose.value
    return "" if invoice.credit_kind is None else invoice.credit_kind.value


def language_of(basis: Basis) -> str:
    """Return the language that the payer asked for, or else the issuer's; empty: neither."""
    parties = [party.contact.language for party in (basis.buyer, basis.issuer) if party is not None]
    return next((language for language in parties if language), "")


def _span(invoice: Invoice) -> Period:
    """Return the time that a document charges for: its lines', or its own without any."""
    periods = [line.key.period for line in invoice.lines]
    if not periods or invoice.purpose is Purpose.PERIOD:
        return invoice.period
    return Period(
        start=min(period.start for period in periods), end=max(period.end for period in periods)
    )


def _days(period: Period, basis: Basis) -> Days:
    (zone,) = basis.zones_of([period])
    return Days(first=_local_day(period.start, zone), last=_local_day(period.end - _INSTANT, zone))


def _local_day(at: datetime, zone: str) -> date:
    return at.astimezone(time_zone(zone)).date()


def _issuer(entity: LegalEntity, invoice: Invoice) -> PartyView:
    """Return the issuer, with the number under which it collects what the document charges."""
    countries = [one.applied.country for one in invoice.taxes]
    registered = [
        one.tax_id for one in entity.tax_registrations if one.country in countries and one.tax_id
    ]
    return PartyView(
        key=entity.key,
        name=entity.name,
        address=entity.address,
        country=entity.country,
        tax_id=registered[0] if registered else entity.tax_id,
        registration=entity.registration,
        contact=entity.contact,
    )


def _payer(account: Account) -> PartyView:
    return PartyView(
        key=account.key,
        name=account.name,
        country=account.country,
        tax_id=account.tax.tax_id,
        contact=account.contact,
    )


def _line(line: Line, basis: Basis, *, sign: int) -> LineView:
    names = basis.group_names(line.key)
    is_manual = line.kind is LineKind.MANUAL
    charge = line.charge
    return LineView(
        id=line.id,
        item=line.description if is_manual else str(line.key.price),
        group=tuple(zip(names, line.key.group, strict=False)),
        corrected=line.settled_before.minor != 0 and charge is not None,
        days=_days(line.key.period, basis),
        period=line.key.period,
        quantity=line.quantity,
        unit=line.unit,
        steps=tuple(
            StepView(
                label=step.label,
                quantity=step.quantity,
                unit_price=step.unit_price,
                flat=step.flat,
                origin=step.origin,
                amount=step.amount if sign > 0 else EXACT.subtract(Decimal(0), step.amount),
            )
            for step in (charge.steps if charge is not None else ())
        ),
        exact=line.exact.value,
        settled_before=line.settled_before,
        money=_signed(line.money, sign),
        net=_signed(line.net, sign),
        taxes=tuple((one.applied.category.value, one.applied.rate) for one in line.taxes)
        or ((_OUTSIDE_SCOPE, Decimal(0)),),
        events=None if line.measurement is None else line.measurement.events,
        evidence="" if line.measurement is None else line.measurement.digest,
        conversion=line.conversion,
        charged=Decimal(0)
        if charge is None or charge.conversion is None
        else charge.conversion.before.value,
    )


def _tax(one: TaxSubtotal, sign: int) -> TaxView:
    applied = one.applied
    return TaxView(
        name=applied.tax,
        category=applied.category.value,
        rate=applied.rate,
        net=_signed(one.net, sign),
        money=_signed(one.money, sign),
        reason=applied.reason,
        reason_code=applied.reason_code,
    )


def _untaxed(invoice: Invoice, sign: int) -> TaxView:
    """Return what a document says of tax that carries none."""
    nothing = Money(minor=0, currency=invoice.currency)
    net = _signed(invoice.total, sign)
    return TaxView(category=_OUTSIDE_SCOPE, rate=Decimal(0), net=net, money=nothing)


def _signed(money: Money, sign: int) -> Money:
    return Money(minor=money.minor * sign, currency=money.currency)


def number_or_id(view: DocumentView) -> str:
    """Return the number of a document, or the id of a draft."""
    return view.number or view.id
