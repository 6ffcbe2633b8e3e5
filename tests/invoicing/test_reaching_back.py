"""Prices that look at periods before: allowances that go on, tiers over the contract."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.catalog import ContractChange
from tallystick.invoicing import (
    Claim,
    Purpose,
    answer,
    basis_document,
    document_of,
    due_items,
    folding,
    questions,
    verification_queries,
    verify_document,
)
from tallystick.invoicing.whole import beside, priced
from tallystick.kernel import Done, PriceKey, Refused, SubjectSpan, digest
from tallystick.metering import needed_events
from tallystick.pricing import (
    GraduatedPrice,
    InvalidPrice,
    Price,
    Rollover,
    Tier,
    UnitPrice,
    price_from_document,
)
from tests.invoicing.contract import Contract, day, plan, shown, subscribed, to_plan, total
from tests.invoicing.test_coupons import FOREVER, given
from tests.invoicing.world import CPU, WORKSPACE, cpu

HOUR = 3600
BY_TIER = GraduatedPrice(
    tiers=(
        Tier(up_to=Decimal(10), unit_price=Decimal(1)),
        Tier(up_to=None, unit_price=Decimal("0.10"), flat=Decimal(5)),
    )
)


def hours(**fields: object) -> Price:
    """Return a price of hours at 1.00, in a plan by the month."""
    frame = Price(
        key=PriceKey("hours"),
        model=UnitPrice(unit_price=Decimal(1)),
        meter=CPU.key,
        unit="hour",
        currency="USD",
    )
    return replace(frame, **fields)  # type: ignore[arg-type] # fields by name


def rolling(allowance: str = "10", cap: str | None = None) -> Price:
    """Return hours of which some are included, and go on."""
    return hours(
        allowance=Decimal(allowance), rollover=Rollover(cap=None if cap is None else Decimal(cap))
    )


def used(price: Price, by_month: Sequence[int]) -> Contract:
    """Return a contract from January on with so many hours in the middle of each month."""
    contract = subscribed(plan("p", price), day("2026-01-01"), meters=[CPU])
    spans = (SubjectSpan(subject="vm-1", start=None, end=None),)
    contract.basis = replace(contract.basis, workspace=WORKSPACE, spans=spans)
    contract.events = [
        cpu(month, f"2026-{month:02}-15T00:00:00Z", str(number * HOUR))
        for month, number in enumerate(by_month, start=1)
    ]
    return contract


def money(contract: Contract) -> list[str]:
    """Return what each line comes to."""
    return [f"{line.money.decimal:f}" for one in contract.documents for line in one.lines]


def test_what_was_not_used_goes_on() -> None:
    """Hours that were included and not used pay for more in later months, each once."""
    contract = used(rolling(), [4, 12, 20])
    contract.bill(day("2026-04-01"))
    # 6 go on, of 16 included 4 go on, of 14 included 6 are paid.
    assert money(contract) == ["0.00", "0.00", "6.00"]
    steps = contract.documents[2].lines[0].charge
    assert steps is not None
    assert [(step.label, step.quantity) for step in steps.steps[:2]] == [
        ("left over before", Decimal(4)),
        ("allowance", Decimal(10)),
    ]


def test_a_cap_bounds_what_goes_on() -> None:
    """More than the cap is lost with its month."""
    contract = used(rolling(cap="3"), [0, 0, 20])
    contract.bill(day("2026-04-01"))
    assert money(contract) == ["0.00", "0.00", "7.00"]


def test_usage_that_is_late_takes_from_what_went_on() -> None:
    """A month that turns out fuller leaves less to those after it, which are corrected."""
    contract = used(rolling(), [4, 16])
    contract.bill(day("2026-03-01"))
    contract.events.append(cpu(20, "2026-01-20T00:00:00Z", str(5 * HOUR)))
    made = contract.bill(day("2026-04-01"))
    assert "hours 02-01..03-01 5.00" in shown(made)
    at_once = used(rolling(), [9, 16])
    at_once.bill(day("2026-04-01"))
    assert total(contract.documents) == total(at_once.documents)


def test_tiers_over_the_contract_go_on_from_month_to_month() -> None:
    """A bound is reached once in the contract, and its fee is due once."""
    contract = used(hours(model=BY_TIER, tiers_over="contract"), [6, 6, 10])
    contract.bill(day("2026-04-01"))
    assert money(contract) == ["6.00", "9.20", "1.00"]


def test_a_change_may_begin_tiers_over_the_contract_anew() -> None:
    """Tiers that are begun anew forget what was before."""
    price = hours(model=BY_TIER, tiers_over="contract")
    contract = used(price, [10, 6, 6])
    contract.agree(ContractChange(at=day("2026-03-01"), restart_tiers=True))
    contract.bill(day("2026-04-01"))
    assert money(contract) == ["10.00", "5.60", "6.00"]


def test_another_plan_takes_over_what_was_left() -> None:
    """A price of the same key and meter goes on with what the one before it left."""
    large = plan("large", rolling("20"))
    contract = used(rolling(), [4, 40])
    contract.agree(to_plan(day("2026-02-01"), large), plans=[large])
    contract.bill(day("2026-03-01"))
    assert money(contract) == ["0.00", "14.00"]


def test_an_owner_who_came_to_light_late_explains_every_month() -> None:
    """Whose usage it was in January decides what February includes: that is a reason to correct."""
    contract = used(rolling(), [8, 16])
    contract.basis = replace(
        contract.basis, spans=(SubjectSpan(subject="vm-1", start=day("2026-02-01"), end=None),)
    )
    contract.bill(day("2026-03-01"))
    assert money(contract) == ["0.00", "0.00"]
    contract.basis = replace(
        contract.basis, spans=(SubjectSpan(subject="vm-1", start=None, end=None),)
    )
    made = contract.bill(day("2026-04-01"))
    assert "hours 02-01..03-01 4.00" in shown(made)


def test_an_owner_who_came_to_light_late_explains_what_coupons_take_off() -> None:
    """A coupon on February changes nothing of that: what it follows from began in January."""
    contract = used(rolling(), [8, 16])
    later = (SubjectSpan(subject="vm-1", start=day("2026-02-01"), end=None),)
    spans = contract.basis.spans
    contract.basis = replace(contract.basis, spans=later, coupons=(given(FOREVER),))
    contract.bill(day("2026-03-01"))
    assert money(contract) == ["0.00", "0.00"]
    contract.basis = replace(contract.basis, spans=spans)
    made = contract.bill(day("2026-04-01"))
    assert "hours 02-01..03-01 3.60" in shown(made)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rollover": Rollover()}, "rollover"),
        (
            {"rollover": Rollover(), "allowance": Decimal(1), "group_by": ("subject",)},
            "rollover",
        ),
        ({"tiers_over": "contract"}, "tiers_over"),
        (
            {"tiers_over": "contract", "model": replace(BY_TIER, prorated=True)},
            "tiers_over",
        ),
    ],
)
def test_what_cannot_go_on_is_refused(fields: dict[str, object], field: str) -> None:
    """Each fault is found when the price is built, and names its field."""
    with pytest.raises(InvalidPrice) as caught:
        hours(**fields)
    assert field in [problem.field for problem in caught.value.problems]


def test_a_document_says_both() -> None:
    """Rollover and scope are read from documents."""
    outcome = price_from_document(
        {
            "key": "hours",
            "model": "graduated",
            "meter": "cpu",
            "currency": "USD",
            "allowance": "10",
            "rollover": {"cap": "30"},
            "tiers_over": "contract",
            "tiers": [{"unit_price": "1"}],
        }
    )
    assert isinstance(outcome, Done)
    assert outcome.value.rollover == Rollover(cap=Decimal(30))
    assert outcome.value.tiers_over == "contract"


def test_a_proof_holds_the_months_before() -> None:
    """What a line goes on from is proven with it: its events are among those that it needs."""
    contract = used(rolling(), [4, 16])
    contract.bill(day("2026-03-01"))
    second, basis = contract.documents[1], contract.basis
    needed = [
        event
        for query in verification_queries(second, basis)
        for event in needed_events(query, contract.events)
    ]
    assert {event.id for event in needed} == {"e1", "e2"}
    claim = Claim(
        invoice=second,
        digest=digest(document_of(second)),
        basis=basis,
        basis_digest=digest(basis_document(basis)),
        previous=tuple(contract.documents[:1]),
    )
    assert isinstance(verify_document(claim, needed), Done)
    assert isinstance(verify_document(claim, needed[1:]), Refused)


def test_a_preview_goes_on_from_the_months_before() -> None:
    """A month that is priced by itself asks for the months before, and charges none of them."""
    contract = used(rolling(), [4, 17])
    basis = contract.basis
    february = basis.billing_periods(through=day("2026-02-01"))[-1].span
    items = due_items(basis, period=february, purpose=Purpose.PERIOD)
    answers = [
        one
        for question in questions(basis, (*items, *beside(basis, items)), position=9)
        for one in answer(question, folding(contract.events))
    ]
    (found,) = priced(basis, items, answers)
    assert found.key.period == february
    assert found.charge.amount.value == 1
