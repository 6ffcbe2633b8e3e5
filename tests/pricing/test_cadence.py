"""When a price falls due."""

from decimal import Decimal

import pytest

from tallystick.kernel import Period, PriceKey, instant
from tallystick.pricing import Cadence, FlatPrice, Price, due_at, is_due_in


def period(start: str, end: str) -> Period:
    """Return a period between two days of January 2026."""
    return Period(
        start=instant(f"2026-01-{start}T00:00:00Z"), end=instant(f"2026-01-{end}T00:00:00Z")
    )


WHOLE = period("05", "25")
SEGMENTS = (period("05", "10"), period("10", "20"), period("20", "25"))


def fee(cadence: Cadence) -> Price:
    """Return a fee with a cadence."""
    key = PriceKey("fee")
    return Price(key=key, model=FlatPrice(amount=Decimal(1)), currency="USD", cadence=cadence)


def test_advance_is_the_start_and_arrears_the_end() -> None:
    """A fee in advance falls due at the period's start, one in arrears at its end."""
    assert due_at(fee("advance"), WHOLE) == WHOLE.start
    assert due_at(fee("arrears"), WHOLE) == WHOLE.end


@pytest.mark.parametrize(
    ("cadence", "due"), [("advance", [True, False, False]), ("arrears", [False, False, True])]
)
def test_of_adjoining_segments_exactly_one_bears_the_fee(cadence: Cadence, due: list[bool]) -> None:
    """The first segment bears a fee in advance, the last one in arrears, the middle none."""
    assert [is_due_in(fee(cadence), WHOLE, segment=segment) for segment in SEGMENTS] == due
    assert is_due_in(fee(cadence), WHOLE, segment=WHOLE)
