"""Each price model at its boundaries: quantity in, exact amount and steps out."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest

from tallystick.kernel import PriceKey
from tallystick.pricing import (
    MODEL_KINDS,
    Charge,
    FlatPrice,
    GraduatedPrice,
    InvalidPrice,
    Model,
    PackagePrice,
    Price,
    Tier,
    UnitPrice,
    VolumePrice,
    rate,
)


def tiers(*rows: tuple[str | None, str, str]) -> tuple[Tier, ...]:
    """Return tiers from (bound, unit price, flat)."""
    return tuple(
        Tier(
            up_to=None if bound is None else Decimal(bound),
            unit_price=Decimal(unit_price),
            flat=Decimal(flat),
        )
        for bound, unit_price, flat in rows
    )


def charge(model: Model, quantity: str) -> Charge:
    """Rate a quantity."""
    price = Price(key=PriceKey("tested"), model=model, currency="USD")
    return rate(price, Decimal(quantity))


def amount(model: Model, quantity: str) -> Decimal:
    """Return the exact amount for a quantity."""
    return charge(model, quantity).amount.value


@pytest.mark.parametrize("quantity", ["0", "0.5", "1000000"])
def test_a_flat_price_ignores_the_quantity(quantity: str) -> None:
    """The fee is the fee."""
    assert amount(FlatPrice(amount=Decimal("10.00")), quantity) == 10


@pytest.mark.parametrize(
    ("unit_price", "quantity", "expected"),
    [
        ("5.12345", "10", "51.2345"),
        ("5.12345", "0", "0"),
        ("0.000001", "0.000001", "0.000000000001"),
        ("0.0006", "65000", "39"),
        ("0.09", "2.74728274", "0.2472554466"),
        ("0", "12", "0"),
    ],
)
def test_a_unit_price_is_exact(unit_price: str, quantity: str, expected: str) -> None:
    """Quantity times price, far below the minor unit."""
    assert amount(UnitPrice(unit_price=Decimal(unit_price)), quantity) == Decimal(expected)


def test_the_largest_numbers_that_can_be_read_are_priced_exactly() -> None:
    """Two numbers of 38 digits give all digits of their product."""
    largest = "99999999999999999999.999999999999999999"
    found = amount(UnitPrice(unit_price=Decimal(largest)), largest)
    assert Fraction(found) == Fraction(largest) ** 2


@pytest.mark.parametrize(
    ("quantity", "packages", "expected"),
    [
        ("0", "0", "0"),
        ("0.000001", "1", "0.5"),
        ("1", "1", "0.5"),
        ("999.999", "1", "0.5"),
        ("1000", "1", "0.5"),
        ("1000.000000000000000001", "2", "1.0"),
        ("1001", "2", "1.0"),
        ("2000", "2", "1.0"),
        ("99999999999999999999", "100000000000000000", "50000000000000000"),
    ],
)
def test_a_package_is_paid_once_it_is_started(quantity: str, packages: str, expected: str) -> None:
    """Full packages count once, a started one in full, none at zero."""
    model = PackagePrice(package_size=Decimal(1000), package_price=Decimal("0.5"))
    (step,) = charge(model, quantity).steps
    assert (step.quantity, step.amount) == (Decimal(packages), Decimal(expected))


@pytest.mark.parametrize(
    ("quantity", "packages"), [("0.3", "3"), ("0.30000000001", "4"), ("1", "10")]
)
def test_a_package_may_be_a_fraction(quantity: str, packages: str) -> None:
    """A third package of 0.1 ends at exactly 0.3; no binary fraction starts a fourth."""
    model = PackagePrice(package_size=Decimal("0.1"), package_price=Decimal(1))
    assert amount(model, quantity) == Decimal(packages)


GRADUATED = tiers(("10", "10", "2"), ("20", "5", "3"), (None, "1", "4"))


@pytest.mark.parametrize(
    ("quantity", "expected", "reached"),
    [
        ("0", "0", 1),
        ("0.000000000000000001", "2.00000000000000001", 1),
        ("1", "12", 1),
        ("9.5", "97", 1),
        ("10", "102", 1),
        ("10.000000000000000001", "105.000000000000000005", 2),
        ("10.5", "107.5", 2),
        ("11", "110", 2),
        ("20", "155", 2),
        ("20.5", "159.5", 3),
        ("21", "160", 3),
        ("1020", "1159", 3),
    ],
)
def test_graduated_prices_each_part_in_its_tier(quantity: str, expected: str, reached: int) -> None:
    """A bound belongs to its tier; a fee is due when its tier is reached."""
    rated = charge(GraduatedPrice(tiers=GRADUATED), quantity)
    assert rated.amount.value == Decimal(expected)
    assert len(rated.steps) == reached


@pytest.mark.parametrize("model", [GraduatedPrice, VolumePrice])
def test_the_first_fee_is_due_at_zero_only_when_told(
    model: type[GraduatedPrice | VolumePrice],
) -> None:
    """Without usage tier one's fee is due with flat_at_zero, and tier two's never."""
    assert amount(model(tiers=GRADUATED), "0") == 0
    assert amount(model(tiers=GRADUATED, flat_at_zero=True), "0") == 2


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("0", "0"),
        ("0.5", "100"),
        ("5", "100"),
        ("5.000001", "150"),
        ("10", "150"),
        ("10.5", "105"),
        ("15", "150"),
        ("15.000001", "75.000005"),
        ("16", "80"),
        ("100", "500"),
    ],
)
def test_volume_prices_all_in_the_tier_reached(quantity: str, expected: str) -> None:
    """The whole quantity is priced in its tier, even where that makes the total fall."""
    rows = tiers(("5", "0", "100"), ("10", "0", "150"), ("15", "10", "0"), (None, "5", "0"))
    rated = charge(VolumePrice(tiers=rows), quantity)
    assert rated.amount.value == Decimal(expected)
    assert len(rated.steps) == 1


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ((), ("no_tiers", "tiers")),
        ((("10", "1", "0"),), ("last_tier_bounded", "tiers[0].up_to")),
        (((None, "1", "0"), (None, "1", "0")), ("open_tier_not_last", "tiers[0].up_to")),
        ((("0", "1", "0"), (None, "1", "0")), ("tiers_not_ascending", "tiers[0].up_to")),
        (
            (("10", "1", "0"), ("10", "1", "0"), (None, "1", "0")),
            ("tiers_not_ascending", "tiers[1].up_to"),
        ),
        (
            (("10", "1", "0"), ("NaN", "1", "0"), (None, "1", "0")),
            ("tiers_not_ascending", "tiers[1].up_to"),
        ),
        (((None, "-1", "0"),), ("negative", "tiers[0].unit_price")),
        (((None, "1", "-1"),), ("negative", "tiers[0].flat")),
        (((None, "Infinity", "0"),), ("negative", "tiers[0].unit_price")),
    ],
)
@pytest.mark.parametrize("model", [GraduatedPrice, VolumePrice])
def test_tiers_cover_everything_once(
    model: type[GraduatedPrice | VolumePrice],
    rows: tuple[tuple[str | None, str, str], ...],
    problem: tuple[str, str],
) -> None:
    """Tiers ascend, the last and only the last is open, and no price is negative."""
    with pytest.raises(InvalidPrice) as caught:
        model(tiers=tiers(*rows))
    assert problem in [(found.code, found.field) for found in caught.value.problems]


def test_a_price_has_at_most_a_thousand_tiers() -> None:
    """More tiers are a mistake in a file."""
    rows = [(str(bound), "1", "0") for bound in range(1, 1001)]
    with pytest.raises(InvalidPrice, match="1001 tiers"):
        GraduatedPrice(tiers=tiers(*rows, (None, "1", "0")))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: FlatPrice(amount=Decimal(-1)), "amount"),
        (lambda: UnitPrice(unit_price=Decimal("-0.01")), "unit_price"),
        (
            lambda: PackagePrice(package_size=Decimal(0), package_price=Decimal(1)),
            "package_size",
        ),
        (
            lambda: PackagePrice(package_size=Decimal("NaN"), package_price=Decimal(1)),
            "package_size",
        ),
        (
            lambda: PackagePrice(package_size=Decimal(1), package_price=Decimal(-1)),
            "package_price",
        ),
    ],
)
def test_a_model_that_exists_can_be_rated(make: Callable[[], Model], field: str) -> None:
    """Negative prices and blocks that hold nothing are refused when built, by field."""
    with pytest.raises(InvalidPrice) as caught:
        make()
    assert [problem.field for problem in caught.value.problems] == [field]


def test_every_model_has_one_line_in_the_registry() -> None:
    """Names and types of the registry are unique and cover every model."""
    names = {kind.name for kind in MODEL_KINDS}
    types = {kind.type for kind in MODEL_KINDS}
    assert len(names) == len(types) == len(MODEL_KINDS)
    assert types == set(Model.__args__)
