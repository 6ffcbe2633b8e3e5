"""Money: settling, splitting, and what never mixes."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tallystick.kernel import (
    Amount,
    CurrencyMismatch,
    Misuse,
    Money,
    Quantity,
    convert,
    currency,
    custom_currency,
    settle,
    split,
    unit,
)

USD, EUR, JPY, KWD = map(currency, ("USD", "EUR", "JPY", "KWD"))


@pytest.mark.parametrize(
    ("value", "code", "minor"),
    [
        ("0", "USD", 0),
        ("0.004", "USD", 0),
        ("0.005", "USD", 1),
        ("-0.005", "USD", -1),
        ("0.0049999999999999999999", "USD", 0),
        ("0.015", "USD", 2),
        ("0.025", "USD", 3),
        ("-0.025", "USD", -3),
        ("0.2472554466", "USD", 25),
        ("0.2302745791", "USD", 23),
        ("0.5", "JPY", 1),
        ("1.4999", "JPY", 1),
        ("0.0005", "KWD", 1),
        ("0.00005", "CLF", 1),
        ("12345678901234567890.125", "USD", 1234567890123456789013),
    ],
)
def test_a_half_settles_away_from_zero(value: str, code: str, minor: int) -> None:
    """An exact amount becomes whole minor units of its currency, half away from zero."""
    assert settle(Amount(value=Decimal(value), currency=currency(code))).minor == minor


@pytest.mark.parametrize(
    ("seconds", "price"),
    [("1200", "0.285"), ("1200", "0.291"), ("2400", "0.1425"), ("-1200", "0.285"), ("84", "2.25")],
)
def test_half_behind_a_quotient_settles_away_from_zero(seconds: str, price: str) -> None:
    """An hour's third has no last digit; what it costs still settles as the true half it is."""
    used = Quantity(value=Decimal(seconds), unit=unit("second"))
    hours = convert(used, unit("hour")).value
    exact = Fraction(seconds) / 3600 * Fraction(price) * 100
    away = int(abs(exact) + Fraction(1, 2)) * (-1 if exact < 0 else 1)
    assert settle(Amount(value=Decimal(price), currency=USD).times(hours)).minor == away


def test_credits_settle_to_their_own_places() -> None:
    """A custom unit declares how many places it has."""
    credit = custom_currency("CREDIT", 4)
    assert settle(Amount(value=Decimal("0.00005"), currency=credit)).minor == 1


def test_settling_does_not_depend_on_the_thread_s_context() -> None:
    """Whatever precision somebody set for decimals, money settles the same."""
    amount = Amount(value=Decimal("123456789012345678901234567890.125"), currency=USD)
    assert settle(amount).minor == 12345678901234567890123456789013


def test_an_amount_beyond_all_bounds_is_misuse() -> None:
    """What has more digits than can be exact is refused, not approximated."""
    with pytest.raises(Misuse):
        settle(Amount(value=Decimal("1e76"), currency=USD))


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (200, [1, 1, 1], [67, 67, 66]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (0, [1, 2], [0, 0]),
        (1, [1, 1], [1, 0]),
        (100, [0, 1, 0], [0, 100, 0]),
        (100, [2, 1], [67, 33]),
        (5, [1, 1, 8], [1, 0, 4]),
        (10, [Decimal("0.3"), Decimal("0.7")], [3, 7]),
        (7, [5], [7]),
        (100, [50, 30, 20], [50, 30, 20]),
        (101, [50, 30, 20], [51, 30, 20]),
    ],
)
def test_a_split_goes_by_largest_remainder(
    minor: int, weights: list[int | Decimal], parts: list[int]
) -> None:
    """Units left over go to the largest remainders, ties to the earlier position."""
    split_parts = split(Money(minor=minor, currency=EUR), weights)
    assert [part.minor for part in split_parts] == parts
    assert {part.currency for part in split_parts} == {EUR}


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [-1], [2, -1]])
def test_a_split_needs_a_share(weights: list[int | Decimal]) -> None:
    """Without weights, or with a negative one, nothing can be handed out."""
    with pytest.raises(Misuse):
        split(Money(minor=100, currency=EUR), weights)


def test_currencies_never_mix() -> None:
    """Adding, subtracting and comparing need one currency."""
    one, other = Money(minor=1, currency=USD), Money(minor=1, currency=EUR)
    exact_one, exact_other = one.amount, other.amount
    for mix in (
        lambda: one + other,
        lambda: one - other,
        lambda: one < other,
        lambda: exact_one + exact_other,
        lambda: exact_one - exact_other,
    ):
        with pytest.raises(CurrencyMismatch, match="USD and EUR"):
            mix()


def test_sums_of_one_currency_add_and_compare() -> None:
    """Money adds in minor units, amounts exactly."""
    two, three = Money(minor=2, currency=USD), Money(minor=3, currency=USD)
    assert (two + three, two - three, -two) == (
        Money(minor=5, currency=USD),
        Money(minor=-1, currency=USD),
        Money(minor=-2, currency=USD),
    )
    assert two < three
    tiny = Amount(value=Decimal("1e-30"), currency=USD)
    assert (tiny + tiny - tiny).value == Decimal("1e-30")


def test_money_is_written_with_all_its_places() -> None:
    """The text of money has as many places as its currency."""
    assert [str(Money(minor=-5, currency=each)) for each in (USD, JPY, KWD)] == [
        "-0.05 USD",
        "-5 JPY",
        "-0.005 KWD",
    ]


@pytest.mark.parametrize("value", [0.1, 1, True, "1", None, Decimal("NaN"), Decimal("Infinity")])
def test_an_amount_is_a_finite_decimal(value: object) -> None:
    """Binary fractions, texts and what is not finite never become an amount."""
    with pytest.raises(Misuse):
        Amount(value=value, currency=USD)  # type: ignore[arg-type] # the wrong type is the test


@pytest.mark.parametrize("minor", [0.5, Decimal(1), True, "1", None])
def test_money_is_a_whole_number(minor: object) -> None:
    """Only whole minor units are money."""
    with pytest.raises(Misuse):
        Money(minor=minor, currency=USD)  # type: ignore[arg-type] # the wrong type is the test


def test_neither_has_a_truth_value() -> None:
    """An amount of zero is not "no amount"; whoever asks must say what is meant."""
    zero = Money(minor=0, currency=USD)
    with pytest.raises(Misuse, match="truth"):
        bool(zero)
    with pytest.raises(Misuse, match="truth"):
        bool(zero.amount)
