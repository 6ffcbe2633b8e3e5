"""Contracts that change within a period: parts, tiers that carry on, fees given back, and why."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tallystick.catalog import ContractChange
from tallystick.invoicing import (
    Purpose,
    as_billed,
    basis_document,
    basis_from_document,
    missing_documents,
)
from tallystick.kernel import Done, MeterKey, PriceKey
from tallystick.metering import Aggregation, ChangeKind, Meter, Reach
from tallystick.pricing import GraduatedPrice, Price, StairstepPrice, Tier, UnitPrice
from tests.invoicing.contract import (
    day,
    fee,
    metered,
    plan,
    seats,
    shown,
    subscribed,
    to_plan,
    total,
    used,
)

CALLS = Meter(
    key=MeterKey("calls"), event_type="call", aggregation=Aggregation.COUNT, value=None, unit="call"
)
USERS = Meter(
    key=MeterKey("users"), event_type="seen", aggregation=Aggregation.MAX, value="n", unit="user"
)


def calls(first: str, above: str, *, allowance: str = "0") -> Price:
    """Return a price of two tiers, the first of ten calls."""
    return Price(
        key=PriceKey("calls"),
        model=GraduatedPrice(
            tiers=(
                Tier(up_to=Decimal(10), unit_price=Decimal(first)),
                Tier(up_to=None, unit_price=Decimal(above)),
            )
        ),
        meter=CALLS.key,
        currency="USD",
        allowance=Decimal(allowance),
    )


OLD = plan("old", calls("1.00", "0.50"))
NEW = plan("new", calls("2.00", "0.10"))
CHANGE = day("2026-03-16")
APRIL = day("2026-04-01")


@pytest.mark.parametrize(
    ("model", "unit_price", "expected"),
    [
        pytest.param(GraduatedPrice, "1.00", ["5.00", "1.00"], id="graduated"),
        pytest.param(StairstepPrice, "0", ["5.00", "0.00"], id="stairstep"),
    ],
)
def test_the_first_fee_is_due_once_where_it_is_due_without_usage(
    model: type[GraduatedPrice | StairstepPrice], unit_price: str, expected: list[str]
) -> None:
    """A part without usage has paid it, or the step that it is: the part after pays its call."""

    def priced(flat: str) -> Price:
        tier = Tier(up_to=None, unit_price=Decimal(unit_price), flat=Decimal(flat))
        return replace(calls("0", "0"), model=model(tiers=(tier,), flat_at_zero=True))

    new = plan("new", priced("6.00"))
    contract = metered(plan("old", priced("5.00")), CALLS)
    contract.agree(to_plan(CHANGE, new), plans=[new])
    used(contract, "call", day("2026-03-20"))
    amounts = [line.rpartition(" ")[2] for line in shown(contract.bill(APRIL))]
    assert amounts == expected


def test_tiers_carry_on_over_a_change() -> None:
    """What was used before the change fills the tiers of the plan after it."""
    contract = metered(OLD, CALLS)
    contract.agree(to_plan(CHANGE, NEW), plans=[NEW])
    used(contract, "call", day("2026-03-05"), times=8)
    used(contract, "call", day("2026-03-20"), times=5)
    # 8 at 1.00; then 2 that are left of the first tier at 2.00, and 3 at 0.10.
    assert shown(contract.bill(APRIL)) == [
        "calls 03-01..03-16 8.00",
        "calls 03-16..04-01 4.30",
    ]


@pytest.mark.parametrize(("restart", "after"), [(False, "300.00"), (True, "100.00")])
def test_a_step_that_was_paid_before_a_change_is_not_paid_again(
    *, restart: bool, after: str
) -> None:
    """The parts of a stairstep come to what the whole does; begun anew, each pays its own step."""
    steps = (
        Tier(up_to=Decimal(10), unit_price=Decimal(0), flat=Decimal(100)),
        Tier(up_to=None, unit_price=Decimal(0), flat=Decimal(400)),
    )
    stairs = replace(calls("1", "1"), model=StairstepPrice(tiers=steps))
    old, new = plan("old", stairs), plan("new", replace(stairs, tax_category="saas"))
    contract = metered(old, CALLS)
    contract.agree(replace(to_plan(CHANGE, new), restart_tiers=restart), plans=[new])
    used(contract, "call", day("2026-03-05"), times=8)
    used(contract, "call", day("2026-03-20"), times=5)
    assert shown(contract.bill(APRIL)) == [
        "calls 03-01..03-16 100.00",
        f"calls 03-16..04-01 {after}",
    ]


def test_tiers_begin_anew_where_the_change_says_so() -> None:
    """With `restart_tiers` nothing used before counts, also where the price stays the same."""
    contract = metered(OLD, CALLS)
    contract.agree(ContractChange(at=CHANGE, restart_tiers=True))
    used(contract, "call", day("2026-03-05"), times=12)
    used(contract, "call", day("2026-03-20"), times=5)
    assert shown(contract.bill(APRIL)) == [
        "calls 03-01..03-16 11.00",
        "calls 03-16..04-01 5.00",
    ]


def test_what_is_included_fills_no_tier_and_is_shared_by_days() -> None:
    """Each version's allowance is scaled by its share, and taken off before tiers fill."""
    old, new = plan("old", calls("1", "1", allowance="31")), plan("new", calls("2", "0.10"))
    contract = metered(old, CALLS)
    contract.agree(to_plan(CHANGE, new), plans=[new])
    used(contract, "call", day("2026-03-05"), times=19)
    used(contract, "call", day("2026-03-20"), times=8)
    # 15 of 31 days: 15 included, 4 fill the tier; then 6 at 2.00 and 2 at 0.10.
    assert shown(contract.bill(APRIL)) == [
        "calls 03-01..03-16 4.00",
        "calls 03-16..04-01 12.20",
    ]


def test_a_late_event_before_the_change_corrects_what_came_after_it() -> None:
    """It moves the tiers of the later part; both differences are explained by it."""
    contract = metered(OLD, CALLS)
    contract.agree(to_plan(CHANGE, NEW), plans=[NEW])
    used(contract, "call", day("2026-03-05"), times=8)
    used(contract, "call", day("2026-03-20"), times=5)
    contract.bill(APRIL)
    used(contract, "call", day("2026-03-07"), times=2)
    used(contract, "call", day("2026-04-02"))
    corrected = shown(contract.bill(day("2026-05-01")))
    assert corrected == [
        "calls 04-01..05-01 2.00",
        "calls 03-01..03-16 2.00",
        "calls 03-16..04-01 -3.80",
    ]


def test_a_void_before_the_change_corrects_what_came_after_it() -> None:
    """What is taken back moves the tiers of the later part, and accounts for both differences."""
    contract = metered(OLD, CALLS)
    contract.agree(to_plan(CHANGE, NEW), plans=[NEW])
    used(contract, "call", day("2026-03-05"), times=8)
    used(contract, "call", day("2026-03-20"), times=5)
    contract.bill(APRIL)
    gone = contract.events.pop(0)
    until = gone.used_at + timedelta(microseconds=1)
    contract.reaches.append(
        Reach(
            kind=ChangeKind.CORRECTED,
            position=20,
            meter=CALLS.key,
            subject="vm",
            start=gone.used_at,
            end=until,
        )
    )
    used(contract, "call", day("2026-04-02"))
    corrected = contract.bill(day("2026-05-01"))
    assert shown(corrected) == [
        "calls 04-01..05-01 2.00",
        "calls 03-16..04-01 1.90",
        "calls 03-01..03-16 -1.00",
    ]


def test_a_meter_that_does_not_add_bills_each_part_by_its_share() -> None:
    """The most users of each part, times its share: together a weighted mean."""
    price = Price(
        key=PriceKey("users"),
        model=UnitPrice(unit_price=Decimal(31)),
        meter=USERS.key,
        currency="USD",
    )
    old, new = (
        plan("old", price),
        plan("new", replace(price, model=UnitPrice(unit_price=Decimal(62)))),
    )
    contract = metered(old, USERS)
    contract.agree(to_plan(CHANGE, new), plans=[new])
    used(contract, "seen", day("2026-03-05"), data='{"n":4}')
    used(contract, "seen", day("2026-03-20"), data='{"n":2}')
    assert shown(contract.bill(APRIL)) == [
        "users 03-01..03-16 60.00",
        "users 03-16..04-01 64.00",
    ]


def test_a_version_may_bill_a_changed_period_whole_at_its_end() -> None:
    """With `at_period_end` the quantity of the whole period is billed by what is in force last."""
    price = Price(
        key=PriceKey("users"),
        model=UnitPrice(unit_price=Decimal(31)),
        meter=USERS.key,
        currency="USD",
    )
    dearer = replace(price, model=UnitPrice(unit_price=Decimal(62)))
    for whole_at_end, billed in (
        (True, ["users 03-01..04-01 248.00"]),
        (False, ["users 03-01..03-16 60.00", "users 03-16..04-01 64.00"]),
    ):
        new = replace(plan("new", dearer), at_period_end=whole_at_end)
        contract = metered(plan("old", price), USERS)
        contract.agree(to_plan(CHANGE, new), plans=[new])
        used(contract, "seen", day("2026-03-05"), data='{"n":4}')
        used(contract, "seen", day("2026-03-20"), data='{"n":2}')
        assert shown(contract.bill(APRIL)) == billed
        outcome = basis_from_document(basis_document(contract.basis))
        assert isinstance(outcome, Done)
        assert outcome.value == contract.basis


def test_a_meter_that_adds_is_billed_in_parts_whatever_the_version_says() -> None:
    """`at_period_end` is of meters that do not add; tiers of others go on as ever."""
    new = replace(NEW, at_period_end=True)
    contract = metered(OLD, CALLS)
    contract.agree(to_plan(CHANGE, new), plans=[new])
    used(contract, "call", day("2026-03-05"), times=8)
    assert shown(contract.bill(APRIL)) == ["calls 03-01..03-16 8.00", "calls 03-16..04-01 0.00"]


def test_a_change_of_seats_leaves_other_prices_whole() -> None:
    """A price is due for each part in which it and its quantity are the same; no other is cut."""
    both = plan("both", fee("10.00"), seats("31.00"), calls("1", "1"))
    contract = subscribed(both, day("2026-03-01"), quantities={"seats": "2"}, meters=[CALLS])
    assert shown(contract.bill(day("2026-03-01"))) == [
        "base 03-01..04-01 10.00",
        "seats 03-01..04-01 62.00",
    ]
    contract.agree(ContractChange(at=CHANGE, quantities=((PriceKey("seats"), Decimal(5)),)))
    # What is less goes back on a credit note, what is new is charged.
    assert shown(contract.bill(CHANGE)) == [
        "seats 03-16..04-01 80.00",
        "seats 03-01..03-16 -32.00",
    ]
    assert shown(contract.bill(APRIL)) == [
        "base 04-01..05-01 10.00",
        "seats 04-01..05-01 155.00",
        "calls 03-01..04-01 0.00",
    ]


def test_changing_back_at_one_instant_is_free() -> None:
    """Segments of no length are dropped and equal neighbours joined before anything is counted."""
    old, new = plan("old", fee("10.00")), plan("new", fee("20.00"))
    contract = subscribed(old, day("2026-03-01"))
    contract.bill(day("2026-03-01"))
    contract.agree(to_plan(CHANGE, new), to_plan(CHANGE, old), plans=[new])
    assert contract.bill(day("2026-03-20")) == []


def test_a_pause_charges_neither_fees_nor_usage() -> None:
    """Days of a pause are given back, and usage within it stands on no line."""
    sold = plan("p", fee("31.00"), calls("1", "1"))
    contract = metered(sold, CALLS)
    contract.bill(day("2026-03-01"))
    contract.agree(ContractChange(at=day("2026-03-11"), paused=True))
    assert shown(contract.bill(day("2026-03-11"))) == ["base 03-01..03-11 -21.00"]
    contract.agree(ContractChange(at=CHANGE, paused=False))
    assert shown(contract.bill(CHANGE)) == ["base 03-16..04-01 16.00"]
    used(contract, "call", day("2026-03-05"), times=2)
    used(contract, "call", day("2026-03-12"), times=4)
    used(contract, "call", day("2026-03-20"), times=1)
    assert shown(contract.bill(APRIL)) == [
        "base 04-01..05-01 31.00",
        "calls 03-01..03-11 2.00",
        "calls 03-16..04-01 1.00",
    ]


def test_nothing_is_due_before_a_change_takes_effect() -> None:
    """A change that lies ahead corrects what was charged in advance when it comes, not earlier."""
    old, new = plan("old", fee("31.00")), plan("new", fee("62.00"))
    contract = subscribed(old, day("2026-03-01"))
    contract.bill(day("2026-03-01"))
    contract.agree(to_plan(CHANGE, new), plans=[new])
    billed = as_billed(contract.documents)
    assert missing_documents(contract.basis, billed, through=day("2026-03-15")) == ()
    (due,) = missing_documents(contract.basis, billed, through=CHANGE)
    assert (due.purpose, due.at) == (Purpose.CORRECTION, CHANGE)


def test_an_end_that_is_dated_back_into_the_trial_gives_the_fee_back() -> None:
    """Nothing remains due then, so no document remains either; what was charged goes back."""
    contract = subscribed(plan("pro", fee("31.00")), day("2026-03-01"), trial_end=day("2026-03-16"))
    assert shown(contract.bill(day("2026-03-01"))) == ["base 03-16..04-01 16.00"]
    contract.end(day("2026-03-16"))
    assert shown(contract.bill(APRIL)) == ["base 03-16..04-01 -16.00"]


def test_a_change_ahead_waits_though_another_has_taken_effect() -> None:
    """Whether something changed before does not decide when a pause gives its fee back."""
    contract = subscribed(plan("pro", fee("31.00"), seats("31.00")), day("2026-03-01"))
    contract.bill(day("2026-03-01"))
    contract.agree(
        ContractChange(at=day("2026-03-06"), quantities=((PriceKey("seats"), Decimal(2)),)),
        ContractChange(at=day("2026-03-21"), paused=True),
    )
    contract.bill(day("2026-03-06"))
    assert contract.bill(day("2026-03-10")) == []
    contract.bill(day("2026-03-21"))
    assert total(contract.documents) == "55.00"  # 20.00, and 5.00 and 30.00 for seats


def test_a_document_that_falls_due_late_holds_what_fell_due_since() -> None:
    """A fee in advance by a change dated back, of a contract that has ended, verifies."""
    contract = metered(OLD, CALLS)
    used(contract, "call", day("2026-03-05"), times=2)
    used(contract, "call", day("2026-04-05"), times=2)
    contract.end(day("2026-04-11"))
    contract.bill(day("2026-04-11"))
    new = plan("new", calls("2.00", "0.10"), fee("30.00"))
    contract.agree(to_plan(day("2026-03-02"), new), plans=[new])
    contract.bill(day("2026-04-12"))
    # 4 calls at 2.00, 30/31 of 30.00 for March and 10/30 for April; an end at midnight.
    assert total(contract.documents) == "47.03"


def test_a_fee_that_becomes_due_in_arrears_is_given_back_and_charged_again() -> None:
    """What was charged in advance is not due before its period is over, where a change says so."""
    old, new = plan("old", fee("10.00")), plan("new", fee("4.00", arrears=True))
    contract = subscribed(old, day("2026-02-01"))
    contract.bill(day("2026-02-01"))
    assert shown(contract.bill(day("2026-03-01"))) == ["base 03-01..04-01 10.00"]
    contract.agree(to_plan(day("2026-03-01"), new), plans=[new])
    assert shown(contract.bill(day("2026-03-31"))) == ["base 03-01..04-01 -10.00"]
    assert shown(contract.bill(APRIL)) == ["base 03-01..04-01 4.00"]


def test_a_fee_in_arrears_that_was_charged_in_advance_comes_to_less_at_its_end() -> None:
    """Where no document was made in between, the one of the period takes off what is too much."""
    old, new = plan("old", fee("10.00")), plan("new", fee("4.00", arrears=True))
    contract = subscribed(old, day("2026-02-01"))
    contract.bill(day("2026-03-01"))
    contract.agree(to_plan(day("2026-03-01"), new), plans=[new])
    assert shown(contract.bill(APRIL)) == ["base 03-01..04-01 -6.00"]


def test_a_pause_of_no_day_that_was_counted_stays_with_the_correction_of_another_change() -> None:
    """A part without a day has no line; the pause behind it was counted with its end."""
    start = day("2026-03-01")
    contract = subscribed(plan("pro", fee("31.00"), seats("3.10")), start)
    contract.agree(
        ContractChange(at=start + timedelta(minutes=5), paused=True),
        ContractChange(at=start + timedelta(minutes=150), paused=False),
    )
    contract.bill(start)
    at = start + timedelta(minutes=2)
    contract.agree(ContractChange(at=at, quantities=((PriceKey("seats"), Decimal(0)),)))
    changes = sorted(contract.basis.subscription.changes, key=lambda one: one.at)
    agreed = replace(contract.basis.subscription, changes=tuple(changes))
    contract.basis = replace(contract.basis, subscription=agreed)
    assert shown(contract.bill(at)) == ["seats 03-01..04-01 -3.10"]
    assert contract.bill(start + timedelta(minutes=150)) == []
