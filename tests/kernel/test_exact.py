"""Exact decimals: what is read, what is refused, how it is written."""

from decimal import Decimal

import pytest

from tallystick.kernel import EXACT, Misuse, parse_decimal, plain

TWENTY_NINES = "9" * 20
EIGHTEEN_NINES = "9" * 18


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("0e99", "0"),
        ("12.50", "12.50"),
        ("007", "7"),
        ("1e3", "1000"),
        ("1.5E+2", "150"),
        ("-5e-18", "-0.000000000000000005"),
        (f"{TWENTY_NINES}.{EIGHTEEN_NINES}", f"{TWENTY_NINES}.{EIGHTEEN_NINES}"),
        ("1e19", "10000000000000000000"),
    ],
)
def test_numbers_are_read_exactly(text: str, value: str) -> None:
    """A number within 20 and 18 digits is read without loss, and never with an exponent."""
    number = parse_decimal(text)
    assert number == Decimal(value)
    assert int(number.as_tuple().exponent) <= 0
    assert not (number == 0 and number.is_signed())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1\n",
        "+1",
        "1.",
        ".5",
        "1,5",
        "1_000",
        "0x10",
        "NaN",
        "Infinity",
        "-inf",
        "1e",
        "1e1.5",
        "٣",
        "--1",
        "1e20",
        "1" + "0" * 20,
        "1e-19",
        "0." + "0" * 18 + "1",
        "1.0000000000000000000",
        "9e999",
        "1e9999",
        "1" * 65,
        "0" * 100_000,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    """What is no plain finite number, or has too many digits, is misuse and never a guess."""
    with pytest.raises(Misuse):
        parse_decimal(text)


def test_a_refusal_does_not_repeat_a_long_text() -> None:
    """A message stays short however long the input was."""
    with pytest.raises(Misuse) as caught:
        parse_decimal("x" * 10_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("-0.000", "0"),
        ("0E+5", "0"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("1.500", "1.5"),
        ("-0.10", "-0.1"),
        ("5E-18", "0.000000000000000005"),
    ],
)
def test_a_number_has_one_text(number: str, text: str) -> None:
    """No exponent, no trailing zeros, no negative zero."""
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_has_no_text(number: str) -> None:
    """Infinities and NaN never leave as numbers."""
    with pytest.raises(Misuse):
        plain(Decimal(number))


def test_division_is_right_to_76_digits() -> None:
    """A quotient that does not end keeps 76 digits, half to even."""
    assert EXACT.divide(Decimal(2), Decimal(3)) == Decimal("0." + "6" * 75 + "7")
