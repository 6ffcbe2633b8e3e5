"""Amounts that are set by hand: recorded with who and why, shown, corrected, verified."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.catalog import AmountByHand, ContractChange
from tallystick.invoicing import basis_document, basis_from_document
from tallystick.kernel import Done, PriceKey
from tests.invoicing.contract import Contract, day, fee, metered, plan, shown, subscribed, used
from tests.invoicing.test_contract_changes import CALLS, calls

MARCH, APRIL, MAY = day("2026-03-01"), day("2026-04-01"), day("2026-05-01")


def by_hand(price: str = "calls", **numbers: str) -> ContractChange:
    """Return a fact about an amount of March."""
    given = {name: Decimal(text) for name, text in numbers.items()}
    fact = AmountByHand(
        price=PriceKey(price),
        quantity=given.get("quantity"),
        unit_price=given.get("unit_price"),
        amount=given.get("amount"),
        reason="agreed on the phone",
        by="key:7f3a",
    )
    return ContractChange(at=MARCH, amounts=(fact,))


def used_in_march() -> Contract:
    """Return a contract with 12 calls: 10 at 1.00, 2 at 0.50."""
    contract = metered(plan("p", calls("1.00", "0.50")), CALLS)
    used(contract, "call", day("2026-03-05"), times=12)
    return contract


@pytest.mark.parametrize(
    ("numbers", "money"),
    [
        ({"quantity": "20"}, "15.00"),
        ({"unit_price": "0.125"}, "1.50"),
        ({"quantity": "20", "unit_price": "0.125"}, "2.50"),
        ({"amount": "7.77"}, "7.77"),
        ({}, "11.00"),
    ],
)
def test_a_number_stands_in_for_what_is_derived(numbers: dict[str, str], money: str) -> None:
    """A quantity is rated by the price, a price of one multiplied, an amount taken as it is."""
    contract = used_in_march()
    contract.agree(by_hand(**numbers))
    (document,) = contract.bill(APRIL)
    assert shown([document]) == [f"calls 03-01..04-01 {money}"]
    assert document.lines[0].description == ("calls, set by hand" if numbers else "calls")


def test_the_line_says_who_and_why() -> None:
    """The last step of the charge names them, and the steps add up to the amount."""
    contract = used_in_march()
    contract.agree(by_hand(quantity="20"))
    (document,) = contract.bill(APRIL)
    charge = document.lines[0].charge
    assert charge is not None
    assert charge.steps[-1].label == "set by hand by key:7f3a: agreed on the phone"
    assert sum(step.amount for step in charge.steps) == charge.amount.value


def test_what_was_issued_is_corrected_by_the_whole_and_back() -> None:
    """A fact about a closed period is settled as a difference; let go, the derived holds again."""
    contract = used_in_march()
    assert shown(contract.bill(APRIL)) == ["calls 03-01..04-01 11.00"]
    contract.agree(by_hand(amount="7.77"))
    assert shown(contract.bill(MAY))[1:] == ["calls 03-01..04-01 -3.23"]
    contract.agree(by_hand())
    june = shown(contract.bill(day("2026-06-01")))
    assert june == ["calls 05-01..06-01 0.00", "calls 03-01..04-01 3.23"]


def test_late_usage_does_not_move_an_amount_by_hand() -> None:
    """What a person fixed stays, whatever is found out about the usage behind it."""
    contract = used_in_march()
    contract.agree(by_hand(amount="7.77"))
    contract.bill(APRIL)
    used(contract, "call", day("2026-03-06"), times=5)
    assert shown(contract.bill(MAY)) == ["calls 04-01..05-01 0.00"]


def test_a_fee_by_hand_is_corrected_at_once() -> None:
    """What was charged in advance is given back by a correction, without waiting."""
    contract = subscribed(plan("p", fee("10.00")), MARCH)
    contract.bill(MARCH)
    contract.agree(by_hand("base", amount="4.00"))
    assert shown(contract.bill(day("2026-03-10"))) == ["base 03-01..04-01 -6.00"]


def test_a_basis_keeps_facts_by_hand() -> None:
    """What is written of them is read back, so that a document can be made again from it."""
    contract = used_in_march()
    contract.agree(by_hand(quantity="20", unit_price="0.125"))
    fact = replace(contract.basis.subscription.changes[0].amounts[0], group=("eu",), amount=None)
    changed = replace(contract.basis.subscription.changes[0], amounts=(fact,))
    contract.agree(changed)
    outcome = basis_from_document(basis_document(contract.basis))
    assert isinstance(outcome, Done), outcome
    assert outcome.value == contract.basis
