"""Which prices may be billed before their period's end: those whose total never falls."""

from decimal import Decimal

import pytest
from hypothesis import given

from tallystick.kernel import EXACT, PriceKey
from tallystick.pricing import (
    FormulaPrice,
    Price,
    StairstepPrice,
    Tier,
    VolumePrice,
    never_falls,
    rate,
)
from tests.strategies import quantities, volume_prices


def price(model: VolumePrice | StairstepPrice | FormulaPrice) -> Price:
    """Return a price of a model."""
    return Price(key=PriceKey("tested"), model=model, currency="USD")


@given(volume_prices(), quantities(), quantities())
def test_what_never_falls_costs_no_less_for_more(
    model: VolumePrice, one: Decimal, other: Decimal
) -> None:
    """Of two quantities the greater costs no less, where the price is said never to fall."""
    tested, (less, more) = price(model), sorted((one, other))
    if never_falls(tested):
        assert rate(tested, less).amount.value <= rate(tested, more).amount.value


@given(volume_prices())
def test_what_may_fall_does_at_a_bound(model: VolumePrice) -> None:
    """Where the price is said to fall, a quantity right above some bound costs less than at it."""
    tested, step = price(model), Decimal("1e-40")
    falls = any(
        rate(tested, EXACT.add(bound, step)).amount.value < rate(tested, bound).amount.value
        for bound in model.bounds
    )
    assert falls is not never_falls(tested)


@pytest.mark.parametrize(
    ("fees", "rises"), [(("1", "2", "2"), True), (("1", "3", "2"), False), (("1", "0", "5"), False)]
)
def test_stairs_rise_with_their_fees(fees: tuple[str, ...], *, rises: bool) -> None:
    """Stairs never fall where no step costs less than the one before it."""
    bounds = (Decimal(1), Decimal(2), None)
    stairs = tuple(
        Tier(up_to=bound, unit_price=Decimal(0), flat=Decimal(fee))
        for bound, fee in zip(bounds, fees, strict=True)
    )
    assert never_falls(price(StairstepPrice(tiers=stairs))) is rises


def test_a_formula_is_not_trusted() -> None:
    """A formula may do anything, also where it happens to rise."""
    assert not never_falls(price(FormulaPrice(formula="quantity * 2")))


@pytest.mark.parametrize(("size", "rises"), [("4", True), ("15", False)])
def test_packages_of_a_tier_are_counted_whole(size: str, *, rises: bool) -> None:
    """Right above a bound one more package is started; whether that costs less, its size tells."""
    low = Tier(up_to=Decimal(15), unit_price=Decimal(10))
    high = Tier(up_to=None, unit_price=Decimal(50), package_size=Decimal(size))
    assert never_falls(price(VolumePrice(tiers=(low, high)))) is rises
