"""Documents in euros, books in dollars: what a payment in dollars realizes when it pays them."""

from dataclasses import replace

import pytest

from tallystick.app.payments import RecordPayment
from tallystick.kernel import Done
from tests.app.invoicing.billing import Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_converted_billing import publish
from tests.app.payments.paying import ACME, refund, sell, standing, try_pay

IN_DOLLARS = RecordPayment(account=ACME, amount="100.00", currency="EUR", received="120.00")


@pytest.fixture
def euro(billing: Billing) -> Billing:
    """Lend a workspace whose payer gets documents in EUR, the books being in USD."""
    with billing.unit() as uow:
        account = uow.accounts.load_account(ACME)
        assert account is not None
        uow.accounts.save_accounts([replace(account, currency="EUR")])
        uow.commit()
    return billing


def moved(billing: Billing) -> dict[tuple[str, str], int]:
    """Return what stands on each account but revenue, by account and currency."""
    with billing.unit() as uow:
        found = uow.journal.balances(as_of=billing.clock.now())
    return {
        place: money.minor
        for place, money in found.items()
        if money.minor and not place[0].startswith("revenue")
    }


def test_a_gain_is_realized_and_undone(euro: Billing) -> None:
    """100.00 EUR booked at 1.25 fetch 120.00 USD: a loss of 5.00, undone as the money goes back."""
    publish(euro, "2026-02-02", "0.8")
    sell(euro, "40.00")
    sell(euro, "60.00")
    outcome = try_pay(euro, IN_DOLLARS)
    assert isinstance(outcome, Done), outcome
    assert moved(euro) == {
        ("cash:bank", "USD"): 12000,
        ("currency_position:EUR", "EUR"): 10000,
        ("currency_position:EUR", "USD"): -12500,
        ("exchange_difference:EUR", "USD"): 500,
    }
    refund(euro, outcome.value.payment.id)
    assert moved(euro) == {("receivable:acme", "EUR"): 10000}


def test_without_a_rate_nothing_is_recorded(euro: Billing) -> None:
    """What a payment realizes must be told: no rate of the document's day is a refusal."""
    sell(euro, "40.00")
    assert codes(try_pay(euro, IN_DOLLARS)) == ["no_exchange_rate"]
    assert standing(euro).credit.minor == 0


def test_such_money_waits_for_a_person(euro: Billing) -> None:
    """What is issued later is not paid by it, since a missing rate must not hold up the issue."""
    assert isinstance(try_pay(euro, IN_DOLLARS), Done)
    pay_in_euros = replace(IN_DOLLARS, amount="10.00", received="")
    assert isinstance(try_pay(euro, pay_in_euros), Done)
    sell(euro, "40.00")
    assert (standing(euro).due.minor, standing(euro).credit.minor) == (3000, 10000)


def test_the_same_currency_realizes_nothing(euro: Billing) -> None:
    """Euros that pay euros need no rate."""
    sell(euro, "40.00")
    assert isinstance(try_pay(euro, replace(IN_DOLLARS, amount="40.00", received="")), Done)
    assert moved(euro) == {("cash:bank", "EUR"): 4000}
