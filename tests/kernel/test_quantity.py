"""Units, and converting between them."""

from decimal import Decimal

import pytest

from tallystick.kernel import Misuse, Quantity, UnitMismatch, conversion, convert, unit


def quantity(value: str, name: str) -> Quantity:
    """Return so much of a unit."""
    return Quantity(value=Decimal(value), unit=unit(name))


@pytest.mark.parametrize(
    ("value", "of", "to", "expected"),
    [
        ("2747282740", "byte", "GB", "2.74728274"),
        ("2147483648", "byte", "GiB", "2"),
        ("1", "GiB", "byte", "1073741824"),
        ("1", "GB", "MB", "1000"),
        ("1", "TiB", "GiB", "1024"),
        ("7", "B", "byte", "7"),
        ("5400", "second", "hour", "1.5"),
        ("1", "day", "hour", "24"),
        ("1", "month730", "hour", "730"),
        ("3600", "core.second", "core.hour", "1"),
        ("1", "GiB.hour", "byte.second", "3865470566400"),
        ("1", "hour.GiB", "GiB.hour", "1"),
        ("94849898", "vm.second", "vm.hour", "26347.19388888888888888888888888888888888889"),
        ("12", "request", "request", "12"),
        ("-3", "hour", "minute", "-180"),
    ],
)
def test_units_convert_by_declaration(value: str, of: str, to: str, expected: str) -> None:
    """GB is 10^9, GiB 2^30, a day 24 hours, month730 730 hours; a product converts by factors."""
    converted = convert(quantity(value, of), unit(to))
    assert converted.unit == unit(to)
    assert abs(converted.value - Decimal(expected)) < Decimal("1e-37")


def test_a_quotient_that_ends_is_exact() -> None:
    """The price of 2,747,282,740 bytes per GiB agrees to ten digits, per GB exactly."""
    used = quantity("2747282740", "byte")
    in_gb, in_gib = convert(used, unit("GB")).value, convert(used, unit("GiB")).value
    assert in_gb * Decimal("0.09") == Decimal("0.2472554466")
    assert str(in_gib * Decimal("0.09")).startswith("0.2302745791")


@pytest.mark.parametrize(
    ("of", "to"),
    [
        ("second", "byte"),
        ("request", "event"),
        ("core.second", "second"),
        ("core.second", "node.second"),
        ("GiB.second", "GiB.second.second"),
    ],
)
def test_what_measures_something_else_does_not_convert(of: str, to: str) -> None:
    """Time is not size, and requests are not events."""
    with pytest.raises(UnitMismatch, match="does not convert"):
        conversion(unit(of), unit(to))


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("hours", "hour"), ("gib", "GiB"), ("Gb", "GB"), ("core.secnd", "second"), ("reqest", "req")],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong: str, near: str) -> None:
    """A typo in a unit says what was probably meant."""
    with pytest.raises(Misuse, match=f"did you mean '{near}"):
        unit(wrong)


@pytest.mark.parametrize("text", ["", ".", "hour.", ".hour", "hour..hour", " hour", "hour\n"])
def test_malformed_units_are_refused(text: str) -> None:
    """A unit is names joined by single dots."""
    with pytest.raises(Misuse):
        unit(text)


def test_at_most_four_names_multiply() -> None:
    """A longer product is a mistake."""
    assert unit("core.GiB.hour.vm").name == "core.GiB.hour.vm"
    with pytest.raises(Misuse, match="more than 4"):
        unit("core.GiB.hour.vm.seat")


def test_a_declared_name_is_known_where_it_is_declared() -> None:
    """A catalog may declare countables; they convert like built-in ones."""
    with pytest.raises(Misuse):
        unit("credit.hour")
    declared = unit("credit.hour", declared=["credit"])
    assert conversion(declared, unit("credit.second", ["credit"])) == (3600, 1)


def test_a_declared_name_cannot_change_a_known_one() -> None:
    """Declaring ``GB`` leaves it 10^9 bytes."""
    assert conversion(unit("GB", ["GB"]), unit("byte")) == (10**9, 1)


def test_only_equal_units_add() -> None:
    """Quantities add within one unit; converting is explicit."""
    total = quantity("1", "hour") + quantity("0.5", "hour")
    assert total == quantity("1.5", "hour")
    with pytest.raises(UnitMismatch, match="do not add"):
        quantity("1", "hour") + quantity("30", "minute")
