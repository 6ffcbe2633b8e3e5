"""Discounts, tax on very small fees, and currencies as Lago's public suite observed them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from tallystick.accounts import Account
from tallystick.catalog import Coupon, CouponDuration, GivenCoupon, TaxCategory
from tallystick.invoicing.orders import SaleOrder, SoldLine
from tallystick.invoicing.sales import Parties, SaleFacts, draft_sale, one_off_basis
from tallystick.invoicing.whole import Reducible, take_off
from tallystick.kernel import (
    AccountKey,
    Amount,
    Done,
    Money,
    PlanKey,
    PriceKey,
    WorkspaceId,
    currency,
    settle,
)
from tallystick.tax import AppliedTax, TaxableLine, levy
from tests.cases.couponed import coupon, given
from tests.cases.couponed import off as taken_off
from tests.invoicing.contract import day, fee, plan, subscribed
from tests.invoicing.world import ENTITY
from tests.notation import CaseBook, Check, Reason, Row, first_number, numbers
from tests.tally import row_tests

FILE = "lago-coupons-taxes.md"
EUR = currency("EUR")
BUYER = Account(key=AccountKey("a"), name="A", zone="UTC", currency="USD", invoiced=True)
ONCE = Coupon(key="c", amount=Decimal(40), currency="USD", duration=CouponDuration.ONCE)


def fixed(amount: int, *, prices: Sequence[str] = (), plans: Sequence[str] = ()) -> Coupon:
    """Return a coupon of so many cents, written as whole yen so that nothing else rounds."""
    return coupon(Decimal(amount), code="JPY", prices=prices, plans=plans)


def percent(rate: int) -> Coupon:
    """Return a coupon of so many percent."""
    return coupon(Decimal(rate), percent=True)


def taken(total: int, *coupons: Coupon) -> Decimal:
    """Return what coupons take off a total."""
    return sum(taken_off([Decimal(total)], coupons, code="JPY"), Decimal(0))


def off(*discounts: Coupon) -> Check:
    """These discounts take off the row's base what it expects, behind its equals sign if any."""

    def check(row: Row) -> None:
        _, _, total = row["expected"].partition("=")
        base = int(row.number("inputs"))
        assert taken(base, *discounts) == first_number(total or row["expected"])

    return check


def check_limited(row: Row) -> None:
    """A coupon of one price never takes more than that price comes to, and leaves the others."""
    coupons = [fixed(82, prices=["line-1"]), fixed(5, prices=["line-2"])]
    found = taken_off([Decimal(75), Decimal(12)], coupons, code="JPY")
    assert [*found, sum(found)] == numbers(row["expected"].replace("(capped by the fee)", ""))


def check_other_plan(row: Row) -> None:
    """A coupon of a plan that is not on the document takes nothing."""
    assert taken(300, fixed(12, plans=["another"])) == row.number("expected")


def check_rest(row: Row) -> None:
    """Of 12 that are used up once, 6 were used by documents before."""
    (one,) = given([replace(fixed(12), duration=CouponDuration.ONCE)])
    line = Reducible(price=PriceKey("line-1"), plan=PlanKey("plan"), money=yen(300))
    base, amount, used = numbers(row["inputs"])
    assert [base, amount] == [Decimal(300), Decimal(12)]
    left = yen(int(amount) - int(used))
    (cut,) = take_off([line], [one], kept={one.grant: left})
    assert cut.money.minor == row.number("expected")


def check_kept(row: Row) -> None:
    """40.00 off 30.00 and 30.00: the second document gets what the first left."""
    assert "kept for the next invoice" in row["expected"]
    assert totals(ONCE) == ["0.00", "20.00", "30.00"]


def check_lost(row: Row) -> None:
    """40.00 for one document of 30.00: the rest is lost, and the next one is due in full."""
    assert "one period consumed" in row["expected"]
    repeating = replace(ONCE, duration=CouponDuration.REPEATING, periods=1)
    assert totals(repeating) == ["0.00", "30.00", "30.00"]


def totals(one: Coupon) -> list[str]:
    """Return what the documents of three months of a fee of 30.00 come to with a coupon."""
    contract = subscribed(plan("pro", fee("30")), day("2026-01-01"))
    contract.basis = replace(
        contract.basis,
        coupons=(GivenCoupon(grant="g", coupon=one, at=day("2026-01-01")),),
    )
    return [f"{each.total.decimal:f}" for each in contract.bill(day("2026-03-01"))]


def check_order(row: Row) -> None:
    """Narrow coupons first, whatever the order they were given in; of a kind, as they were."""
    assert row["expected"].startswith("metric-limited, then plan-limited, then unlimited")
    wide, wide_too = fixed(1), fixed(2)
    of_plan, of_price = fixed(3, plans=["plan"]), fixed(4, prices=["line-1"])
    line = Reducible(price=PriceKey("line-1"), plan=PlanKey("plan"), money=yen(100))
    cuts = take_off([line], given([wide, wide_too, of_plan, of_price]), kept={})
    assert [cut.given.coupon for cut in cuts] == [of_price, of_plan, wide, wide_too]


def check_other_currency(row: Row) -> None:
    """An amount in yen takes nothing off a document in euros."""
    assert row["expected"] == "not applied"
    assert taken_off([Decimal(300)], [fixed(12)], code="EUR") == [Decimal(0)]


def check_one_off(row: Row) -> None:
    """What is sold once comes to its price, though the payer has a coupon of 10 %."""
    assert row["expected"] == "not applied"
    order = SaleOrder(
        lines=(SoldLine(code="setup", description="Setup", unit_price="75.00"),),
        start="2026-01-01T00:00:00.000000Z",
        end="2026-01-02T00:00:00.000000Z",
    )
    parties = Parties(workspace=WorkspaceId("w"), issuer=ENTITY, buyer=BUYER, tax=None)
    basis = one_off_basis(parties, order, number=1, at=day("2026-01-01"))
    facts = SaleFacts(
        basis=replace(basis, coupons=tuple(given([percent(10)]))),
        order=order,
        number=1,
        position=0,
        tzdata_version="2026a",
        issue_on=date(2026, 1, 1),
    )
    outcome = draft_sale(facts)
    assert isinstance(outcome, Done), outcome
    assert str(outcome.value.total) == "75.00 USD"


def yen(minor: int) -> Money:
    """Return so many yen."""
    return Money(minor=minor, currency=currency("JPY"))


def check_more_than_all(row: Row) -> None:
    """What is discounted in full bears no tax."""
    discount = taken(10000, fixed(1000), fixed(11000))
    left = Money(minor=10000 - int(discount), currency=EUR)
    assert [discount, tax_on([left], "20"), left.minor] == numbers(row["expected"])


def tax_on(lines: list[Money], rate: str) -> int:
    """Return the tax on lines, in cents."""
    tax = AppliedTax(tax="VAT", country="FR", category=TaxCategory.STANDARD, rate=Decimal(rate))
    levied = levy([TaxableLine(whole="new", money=line, taxes=(tax,)) for line in lines])
    return sum(one.money.minor for taxes in levied for one in taxes)


def small(*fees: str) -> Check:
    """Each fee settles into a line once; the tax is that of the sum of the lines."""

    def check(row: Row) -> None:
        lines = [settle(Amount(value=Decimal(fee).scaleb(-2), currency=EUR)) for fee in fees]
        net = sum(line.minor for line in lines)
        tax = tax_on(lines, "40")
        assert f"fees {net}, tax {tax}, total {net + tax}" in row["expected"]

    return check


def check_yen(row: Row) -> None:
    """A currency without minor units is shown and charged as it is."""
    said = settle(Amount(value=Decimal(1000), currency=currency("JPY")))
    assert (said.minor, str(said)) == (int(first_number(row["inputs"])), "1000 JPY")


def check_own_currency(row: Row) -> None:
    """Money is shown in the currency of its document."""
    assert row["inputs"].startswith("invoice currency EUR")
    assert str(Money(minor=1250, currency=EUR)) == "12.50 EUR"


CHECKS: dict[str, Check] = {
    "CT-001": off(fixed(12)),
    "CT-002": off(fixed(6)),
    "CT-003": check_rest,
    "CT-004": off(percent(20)),
    "CT-005": off(fixed(10), percent(20)),
    "CT-006": off(percent(15), percent(20)),
    "CT-007": off(fixed(10), fixed(20)),
    "CT-008": check_other_plan,
    "CT-009": check_limited,
    "CT-010": check_more_than_all,
    "CT-011": check_kept,
    "CT-012": check_lost,
    "CT-013": check_order,
    "CT-014": check_one_off,
    "CT-050": small(*["0.4"] * 6, "1", "1"),
    "CT-051": small(*["1.4"] * 8),
    "CT-060": check_yen,
    "CT-061": check_own_currency,
    "CT-062": check_other_currency,
}
LEFT_OUT: dict[str, Reason] = {}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
