"""How amounts are shown, and how fast a bill is said to grow."""

from decimal import Decimal

import pytest

from tallystick.web.bill import BillView, Pace
from tallystick.web.figures import grouped, head_and_tail, quantity_text


@pytest.mark.parametrize(
    ("amount", "exponent", "shown"),
    [
        ("0", 2, ("0.00", "000000")),
        ("12.3456789", 2, ("12.34", "567890")),
        ("12.999999999", 2, ("12.99", "999999")),
        ("1234567.5", 2, ("1\u2009234\u2009567.50", "000000")),
        ("-0.019", 2, ("-0.01", "900000")),
        ("77.5", 0, ("77", "500000")),
        ("1.2345", 3, ("1.234", "500000")),
    ],
)
def test_amounts_are_cut_and_never_rounded_up(
    amount: str, exponent: int, shown: tuple[str, str]
) -> None:
    """What is shown has been reached; the digits beyond the currency's stand apart."""
    assert head_and_tail(Decimal(amount), exponent=exponent) == shown


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [
        ("0", "0.000000"),
        ("0.0000019", "0.000001"),
        ("3", "3.0000"),
        ("99999.99999", "99\u2009999.9999"),
    ],
)
def test_quantities_keep_their_width(quantity: str, shown: str) -> None:
    """A quantity that grows by little is shown with the same number of decimals."""
    assert quantity_text(Decimal(quantity)) == shown


def test_thousands_are_grouped() -> None:
    """Three digits each, on the left of the point alone."""
    assert grouped("1234567.1234567") == "1\u2009234\u2009567.1234567"
    assert grouped("-100") == "-100"


def bill(exact: str) -> BillView:
    """Return a bill of an amount."""
    return BillView(
        account="a",
        name="A",
        currency="EUR",
        head="",
        tail="",
        settled="",
        digits=2,
        period="",
        percent="",
        next_on="",
        position=0,
        exact=Decimal(exact),
        lines=(),
    )


def test_the_pace_is_what_the_last_minute_gained() -> None:
    """Unknown at first; then gain over time, of the last minute alone; begun anew after a fall."""
    pace = Pace()
    told = [
        pace.note(bill(exact), at_milliseconds=at)
        for at, exact in (
            (0, "5.00"),
            (2_000, "5.01"),
            (36_000, "5.02"),
            (96_000, "5.03"),
            (97_000, "0.00"),
            (101_000, "0.01"),
        )
    ]
    assert told == ["", "", "2.00", "0.60", "", "9.00"]
