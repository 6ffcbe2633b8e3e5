"""Properties of tiered prices, compared with a naive model that walks fractions."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import EXACT, PriceKey
from tallystick.pricing import (
    Charge,
    GraduatedPrice,
    Model,
    PackagePrice,
    Price,
    Tier,
    UnitPrice,
    VolumePrice,
    rate,
)
from tests.strategies import decimals, graduated_prices, quantities, unit_prices, volume_prices


def charge(model: Model, quantity: Decimal, allowance: Decimal = Decimal(0)) -> Charge:
    """Rate a quantity of a countable unit."""
    key = PriceKey("tested")
    return rate(Price(key=key, model=model, currency="USD", allowance=allowance), quantity)


def total(model: Model, quantity: Decimal, allowance: Decimal = Decimal(0)) -> Fraction:
    """Return the charged amount as a fraction."""
    return Fraction(charge(model, quantity, allowance).amount.value)


def naive_graduated(model: GraduatedPrice, quantity: Decimal) -> Fraction:
    """Walk the tiers from zero, taking what fits into each."""
    amount, above = Fraction(0), Fraction(0)
    for number, tier in enumerate(model.tiers):
        reached = quantity > above or (number == 0 and model.flat_at_zero)
        upper = Fraction(quantity) if tier.up_to is None else Fraction(tier.up_to)
        part = max(min(Fraction(quantity), upper) - above, Fraction(0))
        amount += part * Fraction(tier.unit_price) + (Fraction(tier.flat) if reached else 0)
        above = max(above, upper)
    return amount


def naive_volume(model: VolumePrice, quantity: Decimal) -> Fraction:
    """Take the first tier whose bound is not below the quantity."""
    fitting = [tier for tier in model.tiers if tier.up_to is None or quantity <= tier.up_to]
    fee = fitting[0].flat if quantity > 0 or model.flat_at_zero else Decimal(0)
    return Fraction(quantity) * Fraction(fitting[0].unit_price) + Fraction(fee)


@given(graduated_prices(), quantities())
def test_graduated_agrees_with_the_naive_model(model: GraduatedPrice, quantity: Decimal) -> None:
    """Each unit is priced in the tier into which it falls, and each tier reached bears its fee."""
    assert total(model, quantity) == naive_graduated(model, quantity)


@given(volume_prices(), quantities())
def test_volume_agrees_with_the_naive_model(model: VolumePrice, quantity: Decimal) -> None:
    """The tier into which the whole quantity falls prices all of it."""
    assert total(model, quantity) == naive_volume(model, quantity)


@given(graduated_prices(), quantities(), quantities())
def test_graduated_is_monotone(model: GraduatedPrice, one: Decimal, other: Decimal) -> None:
    """Who uses more never pays less."""
    less, more = sorted((one, other))
    assert total(model, less) <= total(model, more)


@given(graduated_prices(flats=False), st.integers(0, 4))
def test_graduated_without_fees_is_continuous(model: GraduatedPrice, at: int) -> None:
    """Just above a bound the total is just above the total at the bound."""
    bounds = [tier.up_to for tier in model.tiers if tier.up_to is not None]
    if not bounds:
        return
    bound = bounds[at % len(bounds)]
    little = Decimal("1e-18")
    step = total(model, EXACT.add(bound, little)) - total(model, bound)
    dearest = max(tier.unit_price for tier in model.tiers)
    assert 0 <= step <= Fraction(little) * Fraction(dearest)


@given(graduated_prices(), quantities())
def test_the_whole_equals_the_sum_of_its_tiers(model: GraduatedPrice, quantity: Decimal) -> None:
    """The parts in the tiers add up to the quantity, and their amounts to the charge."""
    rated = charge(model, quantity)
    assert sum(Fraction(step.quantity or 0) for step in rated.steps) == quantity
    assert sum(Fraction(step.amount) for step in rated.steps) == Fraction(rated.amount.value)


@given(graduated_prices(), quantities(), quantities())
def test_every_step_is_its_quantity_times_its_price(
    model: GraduatedPrice, quantity: Decimal, allowance: Decimal
) -> None:
    """A step that shows a price multiplies by it and adds its fee, exactly."""
    for step in charge(model, quantity, allowance).steps:
        product = Fraction(step.quantity or 0) * Fraction(step.unit_price or 0)
        assert Fraction(step.amount) == product + Fraction(step.flat)


@given(graduated_prices(), quantities(), quantities())
def test_an_allowance_shifts_the_quantity(
    model: GraduatedPrice, quantity: Decimal, allowance: Decimal
) -> None:
    """What exceeds the allowance is priced as if it alone had been used; the charge keeps all."""
    left = max(EXACT.subtract(quantity, allowance), Decimal(0))
    assert total(model, quantity, allowance) == total(model, left)
    assert charge(model, quantity, allowance).quantity == quantity


@given(quantities(), unit_prices())
def test_one_open_tier_is_a_unit_price(quantity: Decimal, unit_price: Decimal) -> None:
    """Graduated, volume and unit agree where there is a single tier without fee."""
    tiers = (Tier(up_to=None, unit_price=unit_price),)
    expected = total(UnitPrice(unit_price=unit_price), quantity)
    assert total(GraduatedPrice(tiers=tiers), quantity) == expected
    assert total(VolumePrice(tiers=tiers), quantity) == expected


@given(quantities(), decimals("0.001", "1000"), unit_prices())
def test_packages_hold_the_quantity_and_not_one_too_many(
    quantity: Decimal, size: Decimal, package_price: Decimal
) -> None:
    """The packages charged hold everything used, and one fewer would not."""
    model = PackagePrice(package_size=size, package_price=package_price)
    packages = Fraction(charge(model, quantity).steps[0].quantity or 0)
    assert packages.denominator == 1
    assert packages * Fraction(size) >= quantity
    assert (packages - 1) * Fraction(size) < quantity


@given(graduated_prices(), st.integers(-(10**6), -1).map(Decimal))
def test_a_negative_quantity_is_priced_as_zero(model: GraduatedPrice, quantity: Decimal) -> None:
    """More returned than used never pays out; the charge still shows the quantity."""
    assert total(model, quantity) == total(model, Decimal(0))
    assert charge(model, quantity).steps[0].quantity == quantity
