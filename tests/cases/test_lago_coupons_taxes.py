"""Discounts, tax on very small fees, and currencies as Lago's public suite observed them."""

from decimal import Decimal

import pytest

from tallystick.catalog import TaxCategory
from tallystick.kernel import Amount, Money, currency, settle
from tallystick.pricing.stages.discounts import Discount, discount_amount
from tallystick.tax import AppliedTax, TaxableLine, levy
from tests.notation import CaseBook, Check, NotBuilt, Reason, Row, first_number, numbers
from tests.tally import CaseNotes

FILE = "lago-coupons-taxes.md"
EUR = currency("EUR")


def fixed(amount: int) -> Discount:
    """Return a discount of so much."""
    return Discount(amount=Decimal(amount))


def percent(rate: int) -> Discount:
    """Return a discount of so many percent."""
    return Discount(percent=Decimal(rate))


def taken(total: int, *discounts: Discount) -> Decimal:
    """Return what discounts take off a total."""
    _, left = discount_amount(discounts, Decimal(total))
    return total - left


def off(*discounts: Discount) -> Check:
    """These discounts take off the row's base what it expects, behind its equals sign if any."""

    def check(row: Row) -> None:
        _, _, total = row["expected"].partition("=")
        base = int(row.number("inputs"))
        assert taken(base, *discounts) == first_number(total or row["expected"])

    return check


def check_limited(row: Row) -> None:
    """A discount of one price never takes more than that price comes to, and leaves the others."""
    assert taken(75, fixed(82)) + taken(12, fixed(5)) == numbers(row["expected"])[-1]


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
    "CT-004": off(percent(20)),
    "CT-005": off(fixed(10), percent(20)),
    "CT-006": off(percent(15), percent(20)),
    "CT-007": off(fixed(10), fixed(20)),
    "CT-009": check_limited,
    "CT-010": check_more_than_all,
    "CT-050": small(*["0.4"] * 6, "1", "1"),
    "CT-051": small(*["1.4"] * 8),
    "CT-060": check_yen,
    "CT-061": check_own_currency,
}
COUPONS = NotBuilt(feature="coupons, which are given to an account and used up")
LEFT_OUT: dict[str, Reason] = dict.fromkeys(
    ("CT-003", "CT-008", "CT-011", "CT-012", "CT-013", "CT-014", "CT-062"), COUPONS
)
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)


def test_every_row_is_accounted_for(case_notes: CaseNotes) -> None:
    """Each row of the file is checked, or left out for a reason that holds."""
    assert BOOK.problems() == []
    case_notes.left_out(FILE, BOOK.left_out)


@pytest.mark.parametrize("case", CHECKS)
def test_row(case: str, case_notes: CaseNotes) -> None:
    """The row's discount, tax or text comes out."""
    BOOK.check(case)
    case_notes.passed(FILE, case)
