"""Properties of units and their conversion."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import EXACT, Quantity, convert, unit
from tests.strategies import decimals

TIMES = ("second", "minute", "hour", "day", "month730")
SIZES = ("byte", "B", "kB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB")
EVENT_DIGITS = Decimal("1e-18")


def families() -> st.SearchStrategy[tuple[str, str]]:
    """Pairs of units that measure the same, simple and composed."""
    time, size = st.sampled_from(TIMES), st.sampled_from(SIZES)
    plain_pairs = st.one_of(st.tuples(time, time), st.tuples(size, size))
    level = st.tuples(size, time).map(".".join)
    return st.one_of(plain_pairs, st.tuples(level, level))


@given(decimals(), families())
def test_converting_there_and_back_gives_the_quantity(
    value: Decimal, names: tuple[str, str]
) -> None:
    """A round trip loses nothing that an event could have carried."""
    of, to = map(unit, names)
    back = convert(convert(Quantity(value=value, unit=of), to), of)
    assert back.unit == of
    assert back.value.quantize(EVENT_DIGITS, context=EXACT) == value


@given(decimals("-1000000000", "1000000000"), families())
def test_conversion_is_a_fixed_ratio(value: Decimal, names: tuple[str, str]) -> None:
    """Ten times the quantity is ten times the number, to the last of 76 digits."""
    of, to = map(unit, names)
    once = convert(Quantity(value=value, unit=of), to).value
    tenfold = convert(Quantity(value=EXACT.multiply(value, Decimal(10)), unit=of), to).value
    assert tenfold == EXACT.multiply(once, Decimal(10))


@given(st.integers(0, 10**15), st.sampled_from(SIZES))
def test_larger_units_of_bytes_are_whole_numbers_of_bytes(count: int, name: str) -> None:
    """Converting to bytes is exact: bytes are the smallest unit."""
    value = convert(Quantity(value=Decimal(count), unit=unit(name)), unit("byte")).value
    assert value == int(value)
    assert Fraction(value) >= count
