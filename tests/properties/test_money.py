"""Properties of settling and splitting, compared with fractions."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Amount, Currency, Money, currency, settle, split, take
from tests.strategies import currencies, decimals, money, weights

HALF = Fraction(1, 2)


def naive_settle(value: Decimal, exponent: int) -> int:
    """Round half away from zero the way one would on paper."""
    scaled = Fraction(value) * 10**exponent
    magnitude = int(abs(scaled) + HALF)
    return -magnitude if scaled < 0 else magnitude


@given(decimals(), currencies())
def test_settling_rounds_half_away_from_zero(value: Decimal, unit: Currency) -> None:
    """An exact amount settles to the nearest minor unit, a half away from zero."""
    settled = settle(Amount(value=value, currency=unit))
    assert settled.minor == naive_settle(value, unit.exponent)


@given(st.integers(-(10**12), 10**12), currencies())
def test_a_half_settles_away_from_zero(minor: int, unit: Currency) -> None:
    """Exactly half a minor unit moves the amount away from zero, whatever its sign."""
    half = Decimal(minor * 2 + (1 if minor >= 0 else -1)) / 2
    settled = settle(Amount(value=half.scaleb(-unit.exponent), currency=unit))
    assert settled.minor == (minor + 1 if minor >= 0 else minor - 1)


@given(money())
def test_settled_money_settles_to_itself(whole: Money) -> None:
    """Crossing to exact and back changes nothing."""
    assert settle(whole.amount) == whole


@given(money(), weights())
def test_a_split_hands_out_exactly_the_whole(whole: Money, shares: list[Decimal]) -> None:
    """The parts add up to what was given, to the minor unit."""
    assert sum(part.minor for part in split(whole, shares)) == whole.minor


@given(money(), weights())
def test_each_part_is_within_one_minor_unit(whole: Money, shares: list[Decimal]) -> None:
    """A part differs from its exact share by less than one minor unit; no share, no part."""
    total = sum(map(Fraction, shares))
    for part, share in zip(split(whole, shares), shares, strict=True):
        assert abs(part.minor - whole.minor * Fraction(share) / total) < 1
        assert share or part.minor == 0


@given(money(), weights())
def test_the_order_of_weights_matters_to_ties_alone(whole: Money, shares: list[Decimal]) -> None:
    """Who asks in another order gets the same, up to the one unit that a tie decides."""
    backwards = split(whole, shares[::-1])[::-1]
    direct = split(whole, shares)
    assert all(abs((one - other).minor) <= 1 for one, other in zip(direct, backwards, strict=True))


@given(money(), weights(), decimals("0.001", "1000"))
def test_only_the_ratio_of_weights_counts(
    whole: Money, shares: list[Decimal], factor: Decimal
) -> None:
    """Weights in another unit give the same parts."""
    scaled = [Fraction(share) * Fraction(factor) for share in shares]
    whole_numbers = [int(share * 10**60) for share in scaled]
    assert split(whole, whole_numbers) == split(whole, shares)


@given(money(), weights())
def test_a_negative_sum_is_split_as_its_opposite(whole: Money, shares: list[Decimal]) -> None:
    """A credit is handed out exactly as the charge was."""
    assert [(-part).minor for part in split(-whole, shares)] == [
        part.minor for part in split(whole, shares)
    ]


@given(
    minors=st.lists(st.integers(0, 10**9), min_size=1, max_size=9),
    share=st.fractions(0, 1),
    sign=st.sampled_from([1, -1]),
)
def test_no_more_is_taken_than_there_is(minors: list[int], share: Fraction, sign: int) -> None:
    """Parts add up to what is taken, and none is more than the sum it is taken of."""
    eur = currency("EUR")
    of = [Money(minor=sign * minor, currency=eur) for minor in minors]
    wanted = sign * (sum(minors) * share.numerator // share.denominator)
    parts = take(Money(minor=wanted, currency=eur), of)
    assert sum(part.minor for part in parts) == wanted
    for part, whole in zip(parts, of, strict=True):
        assert 0 <= part.minor * sign <= whole.minor * sign
