"""The pipeline around a model: allowance, negative quantities, the sum of the steps."""

from decimal import Decimal, localcontext

import pytest

from tallystick.kernel import MeterKey, Misuse, PriceKey, custom_currency
from tallystick.pricing import GraduatedPrice, Price, Tier, UnitPrice, rate

TWO_TIERS = GraduatedPrice(
    tiers=(
        Tier(up_to=Decimal(100), unit_price=Decimal("0.05")),
        Tier(up_to=None, unit_price=Decimal("0.04"), flat=Decimal(2)),
    )
)


def price(allowance: str = "0") -> Price:
    """Return a price per hour of CPU."""
    return Price(
        key=PriceKey("cpu"),
        model=TWO_TIERS,
        meter=MeterKey("cpu_seconds"),
        unit="hour",
        currency="USD",
        allowance=Decimal(allowance),
    )


@pytest.mark.parametrize(
    ("quantity", "included", "expected"),
    [
        ("0", "0", "0"),
        ("0.5", "0.5", "0"),
        ("10", "10", "0"),
        ("10.5", "10", "0.025"),
        ("110", "10", "5"),
        ("110.5", "10", "7.02"),
    ],
)
def test_an_allowance_comes_before_the_model(quantity: str, included: str, expected: str) -> None:
    """What is included costs nothing and shifts the tiers up; its bound belongs to it."""
    charge = rate(price(allowance="10"), Decimal(quantity))
    assert charge.amount.value == Decimal(expected)
    assert charge.quantity == Decimal(quantity)
    assert charge.steps[0].label == "allowance"
    assert (charge.steps[0].quantity, charge.steps[0].amount) == (Decimal(included), Decimal(0))


def test_no_allowance_leaves_no_step() -> None:
    """A step stands for something that happened."""
    labels = [step.label for step in rate(price(), Decimal(130)).steps]
    assert labels == ["tier 1: up to 100", "tier 2: above 100"]


def test_a_charge_names_price_unit_and_currency() -> None:
    """The charge can be read without its price."""
    charge = rate(price(), Decimal(1))
    assert (charge.price, charge.unit, charge.amount.currency.code) == ("cpu", "hour", "USD")


def test_a_negative_quantity_is_priced_as_zero_and_says_so() -> None:
    """More returned than used is no payout: no allowance, no tier, and a step that tells why."""
    charge = rate(price(allowance="10"), Decimal(-5))
    assert charge.amount.value == 0
    assert [(step.label, step.quantity) for step in charge.steps] == [
        ("below zero, priced as 0", Decimal(-5)),
        ("tier 1: up to 100", Decimal(0)),
    ]


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_a_quantity_is_finite(quantity: str) -> None:
    """What is not a number is never priced."""
    with pytest.raises(Misuse, match="finite"):
        rate(price(), Decimal(quantity))


def test_the_thread_s_decimal_context_does_not_matter() -> None:
    """Whatever precision somebody set, rating is exact."""
    quantity = Decimal("1234567890.123456789")
    exact = rate(price(allowance="0.1"), quantity)
    with localcontext(prec=3):
        assert rate(price(allowance="0.1"), quantity) == exact


def test_a_price_may_be_in_a_custom_unit() -> None:
    """Credits are charged in credits, with the places declared."""
    model = UnitPrice(unit_price=Decimal("0.5"))
    credits_price = Price(
        key=PriceKey("calls"), model=model, currency="CREDIT", currency_exponent=4
    )
    assert rate(credits_price, Decimal(3)).amount.currency == custom_currency("CREDIT", 4)
