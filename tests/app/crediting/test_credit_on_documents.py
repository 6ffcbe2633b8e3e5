"""Credit of a payer on documents: lines lowered before tax, documents paid after it, the books."""

from dataclasses import replace

import msgspec
import pytest

from tallystick.accounts import Consolidation
from tallystick.app.credits import GiveCreditBack, GrantCredit, give_credit_back, grant_credit
from tallystick.credits import GrantOrder, balance
from tallystick.invoicing import Disposition, Invoice, Status
from tallystick.kernel import Done, currency, instant, plain
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_notes import goodwill, proven, void
from tests.app.invoicing.test_one_off import balances
from tests.app.invoicing.test_taxed_billing import HOME, JANUARY, declare, move
from tests.app.payments.paying import ACME, sell, stands, summary
from tests.invoicing.world import cpu

USD = currency("USD")
WELCOME = GrantOrder(
    account="acme", amount="8.00", currency="USD", effective_at="2026-01-01T00:00:00Z"
)
DEPOSIT = msgspec.structs.replace(WELCOME, amount="20.00", kind="paid", treatment="payment")
TAXED = msgspec.structs.replace(DEPOSIT, treatment="prepaid_taxed")


@pytest.fixture
def taxed(billing: Billing) -> Billing:
    """Lend a workspace whose legal entity collects taxes from a buyer in Germany."""
    declare(billing, HOME)
    move(billing, country="DE")
    return billing


def give(billing: Billing, order: GrantOrder) -> None:
    """Give the payer credit."""
    outcome = grant_credit(
        GrantCredit(order=order), caller=billing.caller, uow=billing.unit(), clock=billing.clock
    )
    assert isinstance(outcome, Done), outcome


def left(billing: Billing) -> str:
    """Return what the payer's credit comes to now."""
    with billing.unit() as uow:
        history = uow.credits.load(ACME)
    return plain(balance(history, billing.clock.now(), USD))


def billed(billing: Billing) -> list[Invoice]:
    """Bill January, and return its documents: the fee in advance, then the period."""
    billing.record(JANUARY)
    return [one.invoice for one in billing.documents(billing.run(through=FEBRUARY_2))]


def test_credit_lowers_lines_before_tax(taxed: Billing) -> None:
    """The fee of 10.00 is lowered by 8.00, and so is its tax; a second run finds nothing."""
    give(taxed, WELCOME)
    opening, period = billed(taxed)
    assert [str(one) for one in (opening.net, opening.tax)] == ["2.00 USD", "0.38 USD"]
    assert str(period.net) == "11.54 USD"
    assert left(taxed) == "0"
    assert "prepaid_credit:acme" not in balances(taxed)
    proven(taxed, [opening, period])
    assert taxed.run(through=FEBRUARY_2).issued == ()


def test_late_usage_and_a_void(taxed: Billing) -> None:
    """What is left covers usage that comes late; a void frees it, and billing anew takes it."""
    give(taxed, msgspec.structs.replace(WELCOME, amount="11.00", prices=("base", "cpu")))
    opening, period = billed(taxed)
    assert str(opening.net) == "0.00 USD"
    assert left(taxed) == "0"
    voided = void(taxed, opening.id, Disposition.REBILL, regenerate=True)
    assert [str(one.net) for one in voided.anew] == ["0.00 USD"]
    assert left(taxed) == "0"
    taxed.record([cpu(20, "2026-01-30T00:00:00Z", "7200")])
    taxed.clock.forward(days=28)
    later = [one.invoice for one in taxed.documents(taxed.run(through=MARCH_2))]
    proven(taxed, [opening, period, voided.note, *voided.anew, *later])
    assert taxed.run(through=MARCH_2).issued == ()


def test_a_deposit_pays_after_tax(taxed: Billing) -> None:
    """A document says what a deposit paid of it; a note leaves over what was paid too much."""
    give(taxed, DEPOSIT)
    assert balances(taxed) == {"cash:bank": 2000, "prepaid_credit:acme": -2000}
    sold = sell(taxed, "30.00")
    assert (str(sold.total), str(sold.due)) == ("35.70 USD", "15.70 USD")
    assert stands(taxed) == ("15.70", "0.00")
    assert summary(taxed, sold.id).status is Status.PARTLY_PAID
    assert left(taxed) == "0"
    assert balances(taxed) == {
        "cash:bank": 2000,
        "receivable:acme": 1570,
        "revenue:setup": -3000,
        "tax:VAT:DE": -570,
    }
    goodwill(taxed, sold.id, "20.00")
    assert stands(taxed) == ("0.00", "8.10")
    proven(taxed, [sold])


def test_a_promotional_payment_lessens_revenue(billing: Billing) -> None:
    """What nobody paid for pays a document all the same: it is given away."""
    give(billing, msgspec.structs.replace(WELCOME, treatment="payment"))
    sold = sell(billing, "30.00")
    assert str(sold.due) == "22.00 USD"
    assert balances(billing) == {
        "receivable:acme": 2200,
        "revenue:promotion": 800,
        "revenue:setup": -3000,
    }


def test_taxed_when_it_was_paid(taxed: Billing) -> None:
    """Credit that bore its tax lowers lines, and is earned by the prices that it covers."""
    give(taxed, TAXED)
    opening, period = billed(taxed)
    assert [str(one.total) for one in (opening, period)] == ["0.00 USD", "1.83 USD"]
    booked = balances(taxed)
    assert "prepaid_credit:acme" not in booked
    assert booked["cash:bank"] == 2000
    proven(taxed, [opening, period])


def test_credit_stays_with_what_is_billed_together_later(taxed: Billing) -> None:
    """Consolidating begins behind January: late usage of it keeps its credit, nothing is parked."""
    give(taxed, msgspec.structs.replace(WELCOME, amount="25.00"))
    opening, period = billed(taxed)
    assert [str(one.net) for one in (opening, period)] == ["0.00 USD", "0.00 USD"]
    with taxed.unit() as uow:
        payer = uow.accounts.load_account(ACME)
        assert payer is not None
        since = Consolidation(start=instant("2026-02-01T00:00:00Z"))
        uow.accounts.save_accounts([replace(payer, consolidated=(since,))])
        uow.commit()
    taxed.record([cpu(20, "2026-01-30T00:00:00Z", "7200")])
    taxed.clock.forward(days=28)
    report = taxed.run(through=MARCH_2)
    assert report.parked == ()
    (february,) = [one.invoice for one in taxed.documents(report)]
    assert left(taxed) == "0"
    proven(taxed, [opening, period, february])


def test_a_grant_behind_the_service_pays_what_is_issued_while_it_stands(taxed: Billing) -> None:
    """Given on February 2, used for January as of that instant; older balances stay."""
    taxed.record(JANUARY)
    give(taxed, msgspec.structs.replace(WELCOME, effective_at=""))
    opening, period = [one.invoice for one in taxed.documents(taxed.run(through=FEBRUARY_2))]
    assert [str(one.net) for one in (opening, period)] == ["2.00 USD", "11.54 USD"]
    with taxed.unit() as uow:
        history = uow.credits.load(ACME)
    (movement,) = history.movements
    assert movement.at >= history.grants[0].effective_at
    assert balance(history, instant("2026-02-01T00:00:00Z"), USD) == 0
    proven(taxed, [opening, period])


def test_what_a_document_took_is_not_given_back_by_hand(taxed: Billing) -> None:
    """Its line would say that it covers it still."""
    give(taxed, WELCOME)
    billed(taxed)
    with taxed.unit() as uow:
        (movement,) = uow.credits.load(ACME).movements
    back = GiveCreditBack(account=ACME, key="b", of=movement.key, amount="8.00")
    outcome = give_credit_back(back, caller=taxed.caller, uow=taxed.unit(), clock=taxed.clock)
    assert codes(outcome) == ["document_credit"]
