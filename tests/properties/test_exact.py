"""Properties of exact decimals."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import EXACT, parse_decimal, plain
from tests.strategies import decimals


@given(decimals())
def test_a_number_survives_being_written_and_read(number: Decimal) -> None:
    """Parsing the plain text of a number gives the number."""
    assert parse_decimal(plain(number)) == number


@given(st.integers(-(10**20) + 1, 10**20 - 1), st.integers(0, 18))
def test_an_exponent_changes_nothing(digits: int, places: int) -> None:
    """A text with an exponent writes the same number as one without."""
    assert parse_decimal(f"{digits}e-{places}") == Fraction(digits, 10**places)


@given(decimals(), st.integers(0, 20))
def test_equal_numbers_have_one_text(number: Decimal, zeros: int) -> None:
    """Trailing zeros do not show."""
    padded = EXACT.multiply(number, Decimal("1." + "0" * zeros))
    assert plain(padded) == plain(number)


@given(decimals(), decimals())
def test_a_product_of_two_parsed_numbers_is_exact(one: Decimal, other: Decimal) -> None:
    """No product of two numbers of 38 digits is rounded."""
    assert Fraction(EXACT.multiply(one, other)) == Fraction(one) * Fraction(other)
