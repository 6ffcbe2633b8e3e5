"""Income by days: evenly on the days of a service, credits on their own, months as in the books."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.invoicing import Booking, earned_by_day
from tallystick.kernel import Money, Period, currency, instant
from tallystick.ledger import Service, divide_income, month_of

EUR = currency("EUR")
JANUARY = Period(start=instant("2026-01-01T00:00:00Z"), end=instant("2026-02-01T00:00:00Z"))
QUARTER = Period(start=JANUARY.start, end=instant("2026-04-01T00:00:00Z"))
DONE = Period(start=JANUARY.start, end=JANUARY.start + timedelta(microseconds=1))


def booked(*bookings: tuple[str, int]) -> list[Booking]:
    """Return bookings of cents by their days."""
    return [
        Booking(on=date.fromisoformat(on), money=Money(minor=minor, currency=EUR))
        for on, minor in bookings
    ]


def cents(bookings: list[Booking], period: Period = JANUARY) -> dict[str, int]:
    """Return the cents of each day."""
    found = earned_by_day(bookings, period, zone="UTC")
    return {str(day): money.minor for day, money in sorted(found.items())}


def by(found: dict[str, int], last: str) -> int:
    """Return the cents of all days up to one."""
    return sum(minor for day, minor in found.items() if day <= last)


def test_days_gone_are_earned_on_the_day_of_the_document() -> None:
    """A fee for January that is charged on the 10th has earned ten days on it."""
    found = cents(booked(("2026-01-10", 3100)))
    assert found["2026-01-10"] == 1000
    assert found["2026-01-11"] == 100
    assert sum(found.values()) == 3100


def test_what_is_done_is_earned_when_it_is_charged() -> None:
    """And a credit on it is undone on its own day; the days before stay."""
    assert cents(booked(("2026-01-05", 100_000), ("2026-01-20", -30_000)), DONE) == {
        "2026-01-05": 100_000,
        "2026-01-20": -30_000,
    }


def test_a_credit_takes_what_waits_first() -> None:
    """Of 31.00 on January 20 19.00 are earned; 6.00 credited leave 6.00 for the last 12 days."""
    found = cents(booked(("2026-01-01", 3100), ("2026-01-20", -600)))
    assert by(found, "2026-01-19") == 1900
    assert by(found, "2026-01-31") == 2500
    assert found["2026-01-20"] == 50


def test_more_than_waits_is_undone_at_once() -> None:
    """All of it is given back on January 20: the 19.00 earned are taken back on that day."""
    found = cents(booked(("2026-01-01", 3100), ("2026-01-20", -3100)))
    assert by(found, "2026-01-19") == 1900
    assert found["2026-01-20"] == -1900
    assert max(found) == "2026-01-20"


@given(
    first=st.integers(1, 10**6),
    later=st.lists(st.tuples(st.integers(1, 89), st.integers(-(10**5), 10**5)), max_size=4),
)
def test_months_are_those_of_the_books(first: int, later: list[tuple[int, int]]) -> None:
    """Whatever is booked when, the days add up to it, and each month to what the books earn."""
    start = date(2026, 1, 1)
    bookings = [Booking(on=start, money=Money(minor=first, currency=EUR))]
    for offset, minor in sorted(later):
        if minor:
            on = start + timedelta(days=offset)
            bookings.append(Booking(on=on, money=Money(minor=minor, currency=EUR)))
    months: dict[object, int] = {}
    waiting: dict[object, Money] = {}
    for number, booking in enumerate(bookings):
        at = instant(f"{booking.on}T00:00:00Z")
        division = divide_income(
            booking.money,
            Service(period=QUARTER, zone="UTC", known=number > 0),
            at=at,
            posted=month_of(booking.on),
            waiting=waiting,  # type: ignore[arg-type]  # the same months
        )
        month = month_of(booking.on)
        months[month] = months.get(month, 0) + division.now.minor
        for place, change in division.later.items():
            waiting[place] = waiting[place] + change if place in waiting else change
            months[place] = months.get(place, 0) + change.minor
    found: dict[object, int] = {}
    for day, money in earned_by_day(bookings, QUARTER, zone="UTC").items():
        found[month_of(day)] = found.get(month_of(day), 0) + money.minor
    assert {month: minor for month, minor in found.items() if minor} == {
        month: minor for month, minor in months.items() if minor
    }


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_days_are_the_payers(zone: str) -> None:
    """A service of one local month lies on the days of that month, wherever the payer is."""
    local = Period(start=instant("2026-03-01T05:00:00Z"), end=instant("2026-04-01T04:00:00Z"))
    period = Period(start=instant("2026-03-01T00:00:00Z"), end=instant("2026-04-01T00:00:00Z"))
    wanted = local if zone != "UTC" else period
    found = earned_by_day(booked(("2026-03-01", 3100)), wanted, zone=zone)
    assert {money.minor for money in found.values()} == {100}
    assert (min(found), max(found)) == (date(2026, 3, 1), date(2026, 3, 31))
