"""Levels with prorated prices, billed through changes of the contract, late usage and an end."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.kernel import PriceKey, SubjectSpan
from tallystick.metering import ChangeKind, Event, Reach
from tallystick.pricing import EachRun, GraduatedPrice, Price, Tier, UnitPrice
from tests.cases.level_stories import SEATS
from tests.invoicing.contract import Contract, day, plan, shown, subscribed, to_plan, total
from tests.invoicing.detailed_cases import MACHINE, machine
from tests.invoicing.world import WORKSPACE, event


def seats_price(unit_price: str, flat: str) -> Price:
    """Return a price of seats by day: the first two, with a fee, and all above at the double."""
    low = Tier(up_to=Decimal(2), unit_price=Decimal(unit_price), flat=Decimal(flat))
    high = Tier(up_to=None, unit_price=Decimal(unit_price) * 2, flat=Decimal(flat))
    return Price(
        key=PriceKey("seats"),
        model=GraduatedPrice(tiers=(low, high), prorated=True),
        meter=SEATS.key,
        currency="USD",
    )


SMALL = plan("small", seats_price("31", "100"))
LARGE = plan("large", seats_price("62", "7"))


def seat(position: int, at: str, change: int) -> Event:
    """Return that there are so many seats more from a day on."""
    data = f'{{"seats":{change},"id":"{position}"}}'
    used_at = f"{day(at):%Y-%m-%dT%H:%M:%SZ}"
    return event(position, used_at, data=data, type="seat", subject="acme")


def march(*events: Event) -> Contract:
    """Return a contract from March 1 with its usage."""
    contract = subscribed(SMALL, day("2026-03-01"), meters=[SEATS])
    contract.basis = replace(
        contract.basis,
        workspace=WORKSPACE,
        spans=(SubjectSpan(subject="acme", start=None, end=None),),
    )
    contract.events = list(events)
    return contract


def test_months_carry_the_level_and_charge_fees_anew() -> None:
    """A level that nobody changes is charged in each month in full, fees included."""
    contract = march(seat(1, "2026-03-11T10:00", 3))
    contract.bill(day("2026-05-01"))
    # Of March's 31 days 21: 2 x 31 x 21/31 + 62 x 21/31 + 200; April holds three seats throughout.
    assert shown(contract.documents) == [
        "seats 03-01..04-01 284.00",
        "seats 04-01..05-01 324.00",
    ]


def running(each: EachRun, *switched: tuple[str, int]) -> Contract:
    """Return a contract from March 1 on a machine that costs 1.00 a second."""
    price = Price(
        key=PriceKey("vm"),
        model=UnitPrice(unit_price=Decimal(1)),
        meter=MACHINE.key,
        unit="vm.second",
        currency="USD",
        each_run=each,
    )
    contract = subscribed(plan("vm", price), day("2026-03-01"), meters=[MACHINE])
    spans = (SubjectSpan(subject="vm-1", start=None, end=None),)
    contract.basis = replace(contract.basis, workspace=WORKSPACE, spans=spans)
    contract.events = [
        machine(position, at, number) for position, (at, number) in enumerate(switched, start=1)
    ]
    return contract


MINUTE, HOUR = EachRun(minimum_seconds=Decimal(60)), EachRun(step_seconds=Decimal(3600))


@pytest.mark.parametrize(
    ("each", "begins", "ends", "march", "april"),
    [
        (MINUTE, "03-31T23:59:30", "04-01T00:00:15", "30.00", "30.00"),
        (MINUTE, "03-31T23:59:30", "04-01T00:00:00", "30.00", "30.00"),
        (MINUTE, "03-31T23:58:00", "04-01T00:00:15", "120.00", "15.00"),
        (MINUTE, "03-31T23:59:00", "04-01T00:00:15", "60.00", "15.00"),
        (HOUR, "03-31T23:30:00", "04-01T00:10:00", "1800.00", "1800.00"),
        (HOUR, "03-31T22:30:00", "04-01T00:10:00", "5400.00", "3600.00"),
    ],
)
def test_a_run_over_the_end_of_a_period_is_rounded_by_all_that_it_lasted(
    each: EachRun, begins: str, ends: str, march: str, april: str
) -> None:
    """The part before is billed as it was; its least duration or step counts where it ends."""
    contract = running(each, (f"2026-{begins}Z", 1), (f"2026-{ends}Z", 0))
    contract.bill(day("2026-05-01"))
    assert shown(contract.documents) == [f"vm 03-01..04-01 {march}", f"vm 04-01..05-01 {april}"]


def test_a_run_that_turns_out_longer_takes_back_what_was_added() -> None:
    """A start that comes late, in the month before, accounts for the month in which it ends."""
    contract = running(MINUTE, ("2026-03-31T23:59:30Z", 1), ("2026-04-01T00:00:15Z", 0))
    contract.bill(day("2026-05-01"))
    contract.events.append(machine(9, "2026-03-31T23:58:30Z", 1))
    contract.reaches.append(
        Reach(
            kind=ChangeKind.LATE,
            position=9,
            meter=MACHINE.key,
            subject="vm-1",
            start=day("2026-03-31T23:58:30"),
            end=day("2026-03-31T23:59:30"),
        )
    )
    made = contract.bill(day("2026-06-01"))
    assert shown(made) == [
        "vm 05-01..06-01 0.00",
        "vm 03-01..04-01 60.00",
        "vm 04-01..05-01 -15.00",
    ]


def test_a_change_of_plan_goes_on_at_the_level_and_asks_no_fee_twice() -> None:
    """From the change on its prices hold for the level as it is; only a new tier's fee is due."""
    contract = march(seat(1, "2026-03-01", 2), seat(2, "2026-03-27", 1))
    contract.agree(to_plan(day("2026-03-16"), LARGE), plans=[LARGE])
    contract.bill(day("2026-04-01"))
    # 15 days of two seats at 31 and the first fee; 16 at 62; 5 of the third at 124, and its fee.
    assert shown(contract.documents) == [
        "seats 03-01..03-16 130.00",
        "seats 03-16..04-01 91.00",
    ]


def test_usage_that_is_known_late_moves_every_month_that_it_reaches() -> None:
    """A seat that came to light later is charged for its own month and those after it."""
    contract = march(seat(1, "2026-03-01", 1))
    contract.bill(day("2026-04-01"))
    contract.events.append(seat(20, "2026-03-22", 1))
    made = contract.bill(day("2026-05-01"))
    assert shown(made) == ["seats 04-01..05-01 162.00", "seats 03-01..04-01 10.00"]


def test_the_day_of_an_end_is_charged() -> None:
    """A contract that ends in the day is charged for the level of that day."""
    contract = march(seat(1, "2026-03-01", 1), seat(2, "2026-03-10T08:00", 1))
    contract.end(day("2026-03-10T12:00"))
    contract.bill(day("2026-04-01"))
    # Ten days of one seat and one of the second: 11 x 1.00, and the fee.
    assert shown(contract.documents)[0] == "seats 03-01..03-10 111.00"


def test_a_change_that_is_dated_back_comes_to_what_it_would_have() -> None:
    """What was billed and its correction add up to what is billed where the change was known."""
    events = (seat(1, "2026-03-01", 2), seat(2, "2026-03-27", 1))
    known = march(*events)
    known.agree(to_plan(day("2026-03-16"), LARGE), plans=[LARGE])
    known.bill(day("2026-05-01"))
    late = march(*events)
    late.bill(day("2026-04-01"))
    late.agree(to_plan(day("2026-03-16"), LARGE), plans=[LARGE])
    late.bill(day("2026-05-01"))
    assert total(late.documents) == total(known.documents)
