"""Levels with prorated prices, billed through changes of the contract, late usage and an end."""

from dataclasses import replace
from decimal import Decimal

from tallystick.kernel import PriceKey, SubjectSpan
from tallystick.metering import Event
from tallystick.pricing import GraduatedPrice, Price, Tier
from tests.cases.level_stories import SEATS
from tests.invoicing.contract import Contract, day, plan, shown, subscribed, to_plan, total
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
