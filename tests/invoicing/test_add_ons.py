"""Add-ons of a contract, and prices of its own: dated, prorated, corrected, verified."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tallystick.catalog import AddOn, ContractChange, PlanVersion
from tallystick.invoicing import basis_document, basis_from_document
from tallystick.kernel import Done, PriceKey
from tallystick.pricing import Price, UnitPrice
from tests.invoicing.contract import (
    Contract,
    day,
    fee,
    metered,
    plan,
    seats,
    shown,
    subscribed,
    to_plan,
    used,
)
from tests.invoicing.test_contract_changes import CALLS, calls

PRO = plan("pro", fee("10.00"))
TEAM = plan("team", fee("20.00"))
SUPPORT = replace(plan("support", fee("31.00"), seats("3.10")), add_on=True)
MARCH, APRIL, MAY = day("2026-03-01"), day("2026-04-01"), day("2026-05-01")


def taken(
    at: datetime,
    quantity: str = "1",
    *,
    of: PlanVersion = SUPPORT,
    until: datetime | None = None,
    trial_end: datetime | None = None,
) -> ContractChange:
    """Return a change that takes an add-on."""
    one = AddOn(
        plan=of.plan, version=1, quantity=Decimal(quantity), until=until, trial_end=trial_end
    )
    return ContractChange(at=at, add_ons=(one,))


def pro() -> Contract:
    """Return a contract whose month was charged."""
    contract = subscribed(PRO, MARCH)
    assert shown(contract.bill(MARCH)) == ["base 03-01..04-01 10.00"]
    return contract


def test_an_add_on_is_charged_from_when_it_is_taken() -> None:
    """Its fees are due for its days of the period, under keys that name it; the base stays."""
    contract = pro()
    contract.agree(taken(day("2026-03-11")), plans=[SUPPORT])
    assert shown(contract.bill(day("2026-03-11"))) == [
        "support/base 03-11..04-01 21.00",
        "support/seats 03-11..04-01 2.10",
    ]
    assert shown(contract.bill(APRIL)) == [
        "base 04-01..05-01 10.00",
        "support/base 04-01..05-01 31.00",
        "support/seats 04-01..05-01 3.10",
    ]


def test_an_add_on_that_begins_ahead_is_charged_when_it_begins() -> None:
    """A correction due earlier, for another change, leaves it alone."""
    contract = pro()
    contract.agree(
        to_plan(day("2026-03-06"), TEAM), taken(day("2026-03-21")), plans=[TEAM, SUPPORT]
    )
    assert shown(contract.bill(day("2026-03-06"))) == [
        "base 03-06..04-01 16.77",
        "base 03-01..03-06 -8.39",
    ]
    assert contract.bill(day("2026-03-20")) == []
    assert shown(contract.bill(day("2026-03-21"))) == [
        "support/base 03-21..04-01 11.00",
        "support/seats 03-21..04-01 1.10",
    ]
    assert len(contract.bill(APRIL)) == 1


def test_an_add_on_ahead_that_was_charged_stays_charged() -> None:
    """A correction due for another change gives nothing back that a document counted already."""
    contract = subscribed(PRO, MARCH)
    contract.agree(taken(day("2026-03-21")), plans=[SUPPORT])
    assert shown(contract.bill(MARCH))[1:] == [
        "support/base 03-21..04-01 11.00",
        "support/seats 03-21..04-01 1.10",
    ]
    contract.basis = replace(
        contract.basis,
        subscription=replace(
            contract.basis.subscription,
            changes=(
                to_plan(day("2026-03-06"), TEAM),
                *contract.basis.subscription.changes,
            ),
        ),
        later_plans=(SUPPORT, TEAM),
    )
    assert shown(contract.bill(day("2026-03-06"))) == [
        "base 03-06..04-01 16.77",
        "base 03-01..03-06 -8.39",
    ]
    assert contract.bill(day("2026-03-21")) == []


def test_an_add_on_is_taken_several_times() -> None:
    """A quantity multiplies its fees; a price that counts on its own has its own quantity."""
    contract = pro()
    two = replace(
        taken(day("2026-03-11"), "2"), quantities=((PriceKey("support/seats"), Decimal(10)),)
    )
    contract.agree(two, plans=[SUPPORT])
    assert shown(contract.bill(day("2026-03-11"))) == [
        "support/base 03-11..04-01 42.00",
        "support/seats 03-11..04-01 21.00",
    ]


def test_an_add_on_that_is_given_up_is_given_back() -> None:
    """What was charged beyond that instant is credited, and nothing is due of it any more."""
    contract = pro()
    contract.agree(taken(day("2026-03-11")), plans=[SUPPORT])
    contract.bill(day("2026-03-11"))
    contract.agree(taken(day("2026-03-21"), "0"))
    assert shown(contract.bill(day("2026-03-21"))) == [
        "support/base 03-11..03-21 -11.00",
        "support/seats 03-11..03-21 -1.10",
    ]
    assert shown(contract.bill(APRIL)) == ["base 04-01..05-01 10.00"]


def test_an_add_on_ends_at_its_own_end_or_with_the_contract() -> None:
    """With `until` it ends there; without, it ends when the contract does."""
    contract = pro()
    contract.agree(taken(APRIL, until=day("2026-04-16")), plans=[SUPPORT])
    assert shown(contract.bill(APRIL)) == [
        "base 04-01..05-01 10.00",
        "support/base 04-01..04-16 15.50",
        "support/seats 04-01..04-16 1.55",
    ]
    contract.agree(taken(MAY))
    contract.end(day("2026-05-11"))
    assert shown(contract.bill(MAY))[1:] == [
        "support/base 05-01..05-11 10.00",
        "support/seats 05-01..05-11 1.00",
    ]


def test_an_add_on_is_free_while_the_contract_is_or_until_its_own_day() -> None:
    """Its trial is the contract's, unless it names its own end of it."""
    until = day("2026-03-11")
    for trial_end, charged in ((None, "21.00"), (day("2026-03-21"), "11.00")):
        contract = subscribed(PRO, MARCH, trial_end=until)
        only = replace(SUPPORT, prices=(fee("31.00"),))
        contract.agree(taken(MARCH, of=only, trial_end=trial_end), plans=[only])
        start = until if trial_end is None else trial_end
        line = f"support/base {start:%m-%d}..04-01 {charged}"
        assert shown(contract.bill(MARCH)) == ["base 03-11..04-01 6.77", line]


def test_the_usage_of_an_add_on_is_charged_while_it_is_taken() -> None:
    """A metered price of an add-on counts from when it is taken until it is given up."""
    extra = replace(plan("extra", calls("1.00", "0.50")), add_on=True)
    contract = metered(plan("pro", fee("10.00", arrears=True)), CALLS)
    contract.agree(taken(day("2026-03-11"), of=extra), taken(day("2026-03-21"), "0", of=extra))
    contract.agree(plans=[extra])
    for at, times in (("2026-03-05", 3), ("2026-03-15", 12), ("2026-03-25", 4)):
        used(contract, "call", day(at), times=times)
    assert shown(contract.bill(APRIL)) == [
        "base 03-01..04-01 10.00",
        "extra/calls 03-11..03-21 11.00",
    ]


def test_usage_of_an_add_on_is_one_line_however_often_it_is_taken() -> None:
    """Three of it, then one: its usage goes on, with the allowance of the whole month."""
    price = calls("1.00", "1.00", allowance="10")
    extra = replace(plan("extra", price), add_on=True)
    contract = metered(plan("pro", fee("10.00", arrears=True)), CALLS)
    contract.agree(
        taken(MARCH, "3", of=extra), taken(day("2026-03-21"), "1", of=extra), plans=[extra]
    )
    used(contract, "call", day("2026-03-05"), times=12)
    assert shown(contract.bill(APRIL)) == [
        "base 03-01..04-01 10.00",
        "extra/calls 03-01..04-01 2.00",
    ]


def test_a_basis_keeps_add_ons_and_own_prices() -> None:
    """What is written of them is read back, so that a document can be made again from it."""
    contract = pro()
    changes = (taken(APRIL, "2", until=MAY), ContractChange(at=MAY, prices=(fee("9.00"),)))
    contract.agree(*changes, plans=[SUPPORT])
    began = replace(contract.basis.subscription, add_ons=changes[0].add_ons, prices=(fee("8.00"),))
    basis = replace(contract.basis, subscription=began)
    outcome = basis_from_document(basis_document(basis))
    assert isinstance(outcome, Done), outcome
    assert outcome.value == basis


def cheaper(unit_price: str) -> Price:
    """Return a contract's own price of a call."""
    return Price(
        key=PriceKey("calls"),
        model=UnitPrice(unit_price=Decimal(unit_price)),
        meter=CALLS.key,
        currency="USD",
    )


def test_a_contract_pays_its_own_price_from_an_instant_on() -> None:
    """Usage switches at the instant, over plans that have the price too, until it is given up."""
    first = plan("first", cheaper("0.10"))
    contract = metered(first, CALLS)
    contract.agree(ContractChange(at=day("2026-03-16"), prices=(cheaper("0.08"),)))
    used(contract, "call", day("2026-03-05"), times=100)
    used(contract, "call", day("2026-03-20"), times=100)
    assert shown(contract.bill(APRIL)) == ["calls 03-01..03-16 10.00", "calls 03-16..04-01 8.00"]
    other = plan("other", cheaper("0.20"))
    contract.agree(
        to_plan(APRIL, other),
        ContractChange(at=day("2026-04-16"), plan_prices=(PriceKey("calls"),)),
        plans=[other],
    )
    used(contract, "call", day("2026-04-05"), times=100)
    used(contract, "call", day("2026-04-20"), times=100)
    assert shown(contract.bill(MAY)) == ["calls 04-01..04-16 8.00", "calls 04-16..05-01 20.00"]


def test_a_price_that_is_dated_back_corrects_closed_periods() -> None:
    """The difference is given back on a credit note, and explained by the change."""
    contract = metered(plan("first", cheaper("0.10")), CALLS)
    used(contract, "call", day("2026-03-05"), times=100)
    assert shown(contract.bill(APRIL)) == ["calls 03-01..04-01 10.00"]
    contract.agree(ContractChange(at=MARCH, prices=(cheaper("0.08"),)))
    assert shown(contract.bill(MAY)) == ["calls 04-01..05-01 0.00", "calls 03-01..04-01 -2.00"]


def test_a_fee_of_its_own_is_corrected_at_once() -> None:
    """A cheaper fee agreed on within a period gives back what is left of the period."""
    contract = pro()
    contract.agree(ContractChange(at=day("2026-03-11"), prices=(fee("6.90"),)))
    assert shown(contract.bill(day("2026-03-11"))) == [
        "base 03-11..04-01 4.67",
        "base 03-01..03-11 -6.77",
    ]


def once(at: datetime, amount: str = "50.00", key: str = "setup") -> ContractChange:
    """Return a change that charges something once."""
    return ContractChange(at=at, fees=(fee(amount, key=key),))


def test_a_fee_is_charged_once_and_in_full() -> None:
    """Agreed on within a period it is charged at once, not prorated, and never again."""
    contract = pro()
    contract.agree(once(day("2026-03-11")))
    assert shown(contract.bill(day("2026-03-11"))) == ["setup 03-11..04-01 50.00"]
    assert shown(contract.bill(APRIL)) == ["base 04-01..05-01 10.00"]
    outcome = basis_from_document(basis_document(contract.basis))
    assert isinstance(outcome, Done), outcome
    assert outcome.value == contract.basis


def test_a_fee_of_the_start_stands_on_the_first_document() -> None:
    """Also in a trial, and where the plan has no fee in advance."""
    first = plan("p", fee("10.00", arrears=True))
    contract = subscribed(first, MARCH, trial_end=APRIL)
    contract.agree(once(MARCH))
    assert shown(contract.bill(MARCH)) == ["setup 03-01..04-01 50.00"]
    assert shown(contract.bill(MAY)) == ["base 04-01..05-01 10.00"]
