"""Taxes on lines: settled once for each, spread exactly, corrected as a whole."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.catalog import TaxCategory
from tallystick.kernel import Money, currency
from tallystick.tax import (
    AppliedTax,
    LineTax,
    TaxableLine,
    TaxedLine,
    gross_of,
    levy,
    net_of,
    subtotals,
)

EUR = currency("EUR")


def vat(rate: str, *, name: str = "VAT", inclusive: bool = False) -> AppliedTax:
    """Return a tax that charges."""
    return AppliedTax(
        tax=name,
        country="DE",
        category=TaxCategory.STANDARD,
        rate=Decimal(rate),
        inclusive=inclusive,
    )


def line(minor: int, *taxes: AppliedTax, whole: str = "new") -> TaxableLine:
    """Return a line of so many cents."""
    return TaxableLine(whole=whole, money=Money(minor=minor, currency=EUR), taxes=taxes)


def minors(levied: Sequence[Sequence[LineTax]]) -> list[list[int]]:
    """Return the taxes of each line in cents."""
    return [[one.money.minor for one in taxes] for taxes in levied]


def standing(
    lines: Sequence[TaxableLine], levied: Sequence[tuple[LineTax, ...]]
) -> list[TaxedLine]:
    """Return lines as they were issued."""
    return [
        TaxedLine(whole=one.whole, money=one.money, taxes=taxes)
        for one, taxes in zip(lines, levied, strict=True)
    ]


def half_up(exact: Fraction) -> int:
    """Round half away from zero, by another way than the product does."""
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    return int(quotient.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def test_tax_is_settled_on_the_sum() -> None:
    """Three lines of 0.33 at 19 % bear 0.19 together, not three times 0.06."""
    assert minors(levy([line(33, vat("19"))] * 3)) == [[7], [6], [6]]


def test_tax_inside_prices() -> None:
    """A price of 10.00 that holds 19 % holds 1.60 of tax."""
    assert minors(levy([line(1000, vat("19", inclusive=True))])) == [[160]]


def test_several_taxes_on_a_line() -> None:
    """GST and QST are each taken of the net line."""
    taxes = (vat("5", name="GST"), vat("9.975", name="QST"))
    assert minors(levy([line(10000, *taxes)])) == [[500, 998]]


def test_several_taxes_inside_a_price() -> None:
    """Two taxes within one price share one net: 114.98 holds 5.00 and 9.98."""
    taxes = (vat("5", name="GST", inclusive=True), vat("9.975", name="QST", inclusive=True))
    assert minors(levy([line(11498, *taxes)])) == [[500, 998]]


def test_rates_are_taxed_apart() -> None:
    """Lines of two rates make two sums."""
    lines = [line(1000, vat("19")), line(1000, vat("7")), line(3, vat("19"))]
    assert minors(levy(lines)) == [[190], [70], [1]]


def test_a_correction_is_taxed_as_a_whole() -> None:
    """Of 14.01 (2.66 issued) 0.02 are taken back: the whole bears 2.66 still, so no tax moves."""
    first = [line(1001, vat("19"), whole="d"), line(400, vat("19"), whole="d")]
    issued = standing(first, levy(first))
    assert sum(one.taxes[0].money.minor for one in issued) == 266
    assert minors(levy([line(-2, vat("19"), whole="d")], issued)) == [[0]]


def test_taking_all_back_takes_back_all_tax() -> None:
    """What was issued in full is taken back in full, to the cent."""
    first = [line(33, vat("19"), whole="d")] * 3
    issued = standing(first, levy(first))
    back = levy([line(-33, vat("19"), whole="d")] * 3, issued)
    assert sum(one for taxes in minors(back) for one in taxes) == -19


def test_lines_of_both_signs() -> None:
    """A line that gives and one that takes share the tax of their sum."""
    found = minors(levy([line(10, vat("19")), line(-7, vat("19"))]))
    assert found[0][0] + found[1][0] == 1
    assert found[0][0] in {1, 2}
    assert found[1][0] in {-1, -2}


moneys = st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=12)
rates = st.sampled_from(["19", "7", "25.5", "9.975", "0.5"])


@given(amounts=moneys, rate=rates, inclusive=st.booleans())
def test_parts_add_up(amounts: list[int], rate: str, *, inclusive: bool) -> None:
    """The taxes of the lines add up to the tax of their sum; none is off by two units."""
    tax = vat(rate, inclusive=inclusive)
    levied = minors(levy([line(minor, tax) for minor in amounts]))
    base = 100 + Fraction(rate) if inclusive else Fraction(100)
    exact = [minor * Fraction(rate) / base for minor in amounts]
    assert sum(one for (one,) in levied) == half_up(sum(exact, Fraction(0)))
    off = Fraction(3, 2)  # half a unit of the settled sum, and one of the spread
    assert all(abs(one - share) < off for (one,), share in zip(levied, exact, strict=True))


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=10, unique=True).flatmap(
        lambda amounts: st.tuples(st.just(amounts), st.permutations(amounts))
    ),
    rates,
)
def test_order_does_not_matter(orders: tuple[list[int], list[int]], rate: str) -> None:
    """Lines of different amounts bear the same in any order; ties alone go by position."""
    one, other = (
        dict(zip(amounts, minors(levy([line(minor, vat(rate)) for minor in amounts])), strict=True))
        for amounts in orders
    )
    if len({minor * Fraction(rate) / 100 % 1 for minor in orders[0]}) == len(orders[0]):
        assert one == other
    assert sum(tax for (tax,) in one.values()) == sum(tax for (tax,) in other.values())


@given(moneys, rates)
def test_inclusive_prices_are_kept(amounts: list[int], rate: str) -> None:
    """Net and tax of a line add up to its price, and so do those of the document."""
    lines = [line(minor, vat(rate, inclusive=True)) for minor in amounts]
    levied = levy(lines)
    for one, taxes in zip(lines, levied, strict=True):
        assert net_of(one.money, taxes) + taxes[0].money == one.money == gross_of(one.money, taxes)
    (whole,) = subtotals(zip([one.money for one in lines], levied, strict=True))
    assert whole.net.minor + whole.money.minor == sum(amounts)


@given(st.lists(moneys, min_size=2, max_size=5), rates)
def test_corrections_come_to_the_whole(documents: list[list[int]], rate: str) -> None:
    """However often a document is corrected, all its taxes are those of the last whole."""
    issued: list[TaxedLine] = []
    for amounts in documents:
        lines = [line(minor, vat(rate), whole="d") for minor in amounts]
        issued += standing(lines, levy(lines, issued))
    whole = sum(sum(amounts) for amounts in documents)
    assert sum(one.taxes[0].money.minor for one in issued) == half_up(whole * Fraction(rate) / 100)
