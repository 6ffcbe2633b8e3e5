"""Documents to be written: January of the small world, its credit note, a draft; with parties."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from tallystick.accounts import Account, Contact, PostalAddress, Taxpayer
from tallystick.app.metering import WindowSize, windows_of
from tallystick.catalog import (
    BankAccount,
    Branding,
    Coupon,
    CouponDuration,
    GivenCoupon,
    TaxCategory,
    TaxRegistration,
    TaxRule,
)
from tallystick.currency import DatedRate, ExchangeRate
from tallystick.integrations.documents.view import DocumentView, view_of
from tallystick.invoicing import (
    Basis,
    CreditKind,
    CreditOrder,
    Disposition,
    Figures,
    Invoice,
    NoteFacts,
    PastDocument,
    Prepaid,
    Purpose,
    VoidOrder,
    as_billed,
    charted_lines,
    draft_note,
    line_query,
    usage_by_day,
)
from tallystick.kernel import AccountKey, Done, Money, currency
from tallystick.metering import Event, measure_usage
from tallystick.tax import Buyer, Seller, TaxFacts
from tests.invoicing.world import (
    BASIS,
    CPU_PRICE,
    ENTITY,
    START,
    Asked,
    call,
    cpu,
    drafted,
    issue,
    the_invoice,
)

ISSUER = replace(
    ENTITY,
    name="Main Ltd",
    country="DE",
    tax_id="DE129273398",
    registration="HRB 12345",
    contact=Contact(
        address=PostalAddress(street="Kai 2", city="Hamburg", postal_code="20457"),
        email="billing@main.example",
    ),
    bank_account=BankAccount(iban="DE89370400440532013000", bic="COBADEFFXXX"),
    branding=Branding(footer="Main Ltd, Kai 2, Hamburg"),
)
BUYER = Account(
    key=AccountKey("acme"),
    name="Acme Böttcher & Söhne GmbH",
    zone="UTC",
    currency="USD",
    invoiced=True,
    country="DE",
    contact=Contact(
        address=PostalAddress(street="Ringstr. 1", city="Berlin", postal_code="10115"),
        email="accounts@acme.example",
        reference="PO-77",
    ),
)
PARTIES = replace(BASIS, issuer=ISSUER, buyer=BUYER)
SELLER = Seller(
    country="DE",
    registrations=(
        TaxRegistration(country="DE", tax_id="DE129273398", valid_from=date(2021, 1, 1)),
    ),
)
STANDARD = TaxRule(key="de", country="DE", rate=Decimal(19), valid_from=date(2021, 1, 1))


def taxed(*rules: TaxRule, inclusive: bool = False) -> Basis:
    """Return the basis of an issuer that is registered, under rules."""
    facts = TaxFacts(
        seller=SELLER,
        buyer=Buyer(country="DE"),
        zone="Europe/Berlin",
        rules=rules,
        inclusive=inclusive,
    )
    buyer = replace(BUYER, tax=Taxpayer(business=True, tax_id="FR40303265045"))
    issuer = replace(ISSUER, tax_id="", tax_registrations=SELLER.registrations)
    return replace(PARTIES, tax=facts, issuer=issuer, buyer=buyer)


def untaxed_because(category: TaxCategory, reason: str) -> Basis:
    """Return the basis of documents that say why nothing is charged."""
    rule = replace(STANDARD, rate=Decimal(0), category=category, reason=reason)
    return taxed(rule)


TAXED = taxed(STANDARD)
TWO_RATES = taxed(
    replace(STANDARD, valid_until=date(2026, 2, 1)),
    replace(STANDARD, key="raised", rate=Decimal(21), valid_from=date(2026, 2, 1)),
)
TAX_BASES = {
    "taxed": TAXED,
    "two rates": TWO_RATES,
    "inclusive": taxed(STANDARD, inclusive=True),
    "reverse charge": untaxed_because(TaxCategory.REVERSE_CHARGE, "Reverse charge"),
    "exempt": untaxed_because(TaxCategory.EXEMPT, "Exempt by article 132"),
    "zero": untaxed_because(TaxCategory.ZERO_RATED, ""),
    "export": untaxed_because(TaxCategory.EXPORT, "Export"),
    "supply in the union": untaxed_because(TaxCategory.INTRA_COMMUNITY, "Article 138"),
    "outside": untaxed_because(TaxCategory.OUTSIDE_SCOPE, "Not a supply"),
}
SPRING = Coupon(
    key="spring", name="Spring", percent=Decimal("12.5"), duration=CouponDuration.FOREVER
)
ALL_OF_CPU = Coupon(
    key="cpu",
    amount=Decimal(5),
    currency="USD",
    duration=CouponDuration.FOREVER,
    prices=(CPU_PRICE.key,),
)


def couponed(basis: Basis, *coupons: Coupon) -> Basis:
    """Return a basis with coupons that count on all its documents."""
    given = [GivenCoupon(grant=one.key, coupon=one, at=START) for one in coupons]
    return replace(basis, coupons=tuple(given))


COUPON_BASES = {
    "no tax": couponed(PARTIES, SPRING, ALL_OF_CPU),
    "taxed": couponed(TAXED, SPRING, ALL_OF_CPU),
    "two rates": couponed(TWO_RATES, SPRING),
    "inclusive": couponed(TAX_BASES["inclusive"], SPRING, ALL_OF_CPU),
    "all of it": couponed(TAXED, replace(SPRING, percent=Decimal(100))),
}
CONVERTED = replace(
    PARTIES,
    subscription=replace(PARTIES.subscription, currency="EUR"),
    rates=tuple(
        DatedRate(
            day=day,
            rate=ExchangeRate(
                base=currency("USD"),
                quote=currency("EUR"),
                value=Decimal("0.8971"),
                on=date(2026, 1, 30),
                source="ecb",
            ),
        )
        for day in (date(2026, 1, 31), date(2026, 2, 1))
    ),
)
EVENTS = (
    cpu(1, "2026-01-10T00:00:00Z", "112321"),
    *(call(at, "2026-01-20T00:00:00Z", "eu" if at % 3 else "us-east-1") for at in range(2, 45)),
)


def draft_of(events: Sequence[Event] = EVENTS, *, basis: Basis = PARTIES) -> Invoice:
    """Return January's draft."""
    return the_invoice(drafted(events, Asked(basis=basis)))


def invoice_of(events: Sequence[Event] = EVENTS, *, basis: Basis = PARTIES) -> Invoice:
    """Return January's invoice."""
    return issue(draft_of(events, basis=basis), "INV-2026-000001")


def credit_note_of(*, basis: Basis = PARTIES) -> Invoice:
    """Return the credit note to January's invoice after most of the processor time was voided."""
    invoice = invoice_of(basis=basis)
    less = [cpu(150, "2026-01-10T00:00:00Z", "-72000"), *EVENTS]
    asked = Asked(
        purpose=Purpose.CORRECTION, position=200, billed=as_billed([invoice]), basis=basis
    )
    (note,) = drafted(less, asked).credit_notes
    return issue(note, "INV-CN-2026-000001", date(2026, 2, 20))


def ordered_note_of(order: CreditOrder | VoidOrder | None = None) -> Invoice:
    """Return a note that was ordered on January's invoice; a credit of goodwill unless told."""
    invoice = invoice_of()
    outcome = draft_note(
        NoteFacts(
            original=invoice,
            basis=PARTIES,
            order=order
            or CreditOrder(
                document=invoice.id, kind=CreditKind.GOODWILL, reason="an outage", amount="5.00"
            ),
            history=[invoice],
            billed=as_billed([invoice]),
            issue_on=date(2026, 2, 20),
        )
    )
    assert isinstance(outcome, Done), outcome
    return issue(outcome.value, "INV-CN-2026-000001", date(2026, 2, 20))


def void_note_of() -> Invoice:
    """Return the note that takes January's invoice back."""
    disposition = Disposition.REBILL
    document = invoice_of().id
    return ordered_note_of(VoidOrder(document=document, disposition=disposition, reason="address"))


def anew_of() -> Invoice:
    """Return what was issued in the place of January's invoice."""
    invoice = invoice_of()
    billed = as_billed([invoice, void_note_of()])
    anew = the_invoice(drafted(EVENTS, Asked(billed=billed, basis=PARTIES)))
    return issue(anew, "INV-2026-000002", date(2026, 2, 20))


def view(invoice: Invoice | None = None, *, basis: Basis = PARTIES) -> DocumentView:
    """Return what a document shows; January's invoice unless told otherwise."""
    return view_of(invoice or invoice_of(basis=basis), basis)


def figures_of(
    invoice: Invoice, basis: Basis = PARTIES, *, events: Sequence[Event] = EVENTS, past: int = 3
) -> Figures:
    """Return what the charts of a document show: its usage by day, and so many documents before."""
    usage = []
    for line in charted_lines(invoice):
        query = line_query(basis, line)
        assert query is not None
        (window,), zone = query.windows, query.zone_of(0)
        days = windows_of(window, WindowSize.DAY, zone) or ()
        rows = measure_usage(replace(query, windows=days, zones=(zone,), evidence=False), events)
        found = usage_by_day(line, basis, rows, zone=zone)
        usage += [] if found is None else [found]
    return Figures(usage=tuple(usage), past=past_of(invoice, count=past))


def past_of(invoice: Invoice, *, count: int) -> tuple[PastDocument, ...]:
    """Return documents of the months before: 10.00, 11.00, and so on."""
    return tuple(
        PastDocument(
            number=f"INV-2025-{number + 1:06}",
            issued_on=date(2025, 13 - count + number, 1),
            total=Money(minor=1000 + 100 * number, currency=invoice.currency),
        )
        for number in range(count)
    )


def paid_before(invoice: Invoice, minor: int) -> Invoice:
    """Return an invoice of which so much was paid as it was issued."""
    money = Money(minor=minor, currency=invoice.currency)
    return replace(invoice, prepaid=(Prepaid(source="pay_1", money=money),))
