"""Payments across currencies: balanced in both, with the gain or loss in plain sight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Misuse, Money, currency
from tallystick.ledger import ForeignPayment, payment_postings

USD, EUR = currency("USD"), currency("EUR")
MINOR = st.integers(1, 10**12)


def payment(paid: int, booked: int, received: int) -> ForeignPayment:
    """Return a payment of a dollar receivable into books of euros."""
    return ForeignPayment(
        payer="acme",
        cash="bank",
        paid=Money(minor=paid, currency=USD),
        booked=Money(minor=booked, currency=EUR),
        received=Money(minor=received, currency=EUR),
    )


@given(paid=MINOR, booked=MINOR, received=MINOR)
def test_both_currencies_balance(paid: int, booked: int, received: int) -> None:
    """Whatever was received, each currency sums to nothing, and the difference is the gain."""
    made = payment(paid, booked, received)
    legs = payment_postings(made)
    for unit in (USD, EUR):
        assert sum(leg.money.minor for leg in legs if leg.money.currency == unit) == 0
    gained = [leg.money.minor for leg in legs if leg.account == "exchange_difference:USD"]
    assert sum(gained) == booked - received
    assert made.difference == Money(minor=received - booked, currency=EUR)
    assert all(leg.money.minor for leg in legs)


def test_the_same_rate_has_no_difference() -> None:
    """Nothing is gained where the payment fetches what was booked."""
    accounts = [leg.account for leg in payment_postings(payment(10000, 9000, 9000))]
    assert "exchange_difference:USD" not in accounts


def test_a_payment_in_one_currency_is_none_of_these() -> None:
    """What is booked and received is of the books' currency, and what is paid is not."""
    euro = Money(minor=100, currency=EUR)
    dollar = Money(minor=100, currency=USD)
    for paid, booked, received in ((euro, euro, euro), (dollar, euro, dollar)):
        with pytest.raises(Misuse):
            ForeignPayment(payer="acme", cash="bank", paid=paid, booked=booked, received=received)
