"""
The income of one service day by day, from what documents booked for it.

    50.00 booked on January 1 for January      1.61 on the 1st, 24.19 by the 15th, 50.00 by the 31st
    50.00 booked on January 10 for January     16.13 on the 10th (ten days of it), then by days
    1000.00 for work that is done              all on the day on which it was booked

Months are divided as the books do (`ledger.divide_income`), so that both agree at the end of each;
within a month the income lies evenly on its days, settled as it adds up, so that the last day
absorbs what rounding leaves.  What a credit takes away waits first, and is taken from what was
earned, on its own day, where more is given back than waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import TypeVar

from tallystick.kernel import EXACT, Amount, Money, Period, settle, time_zone
from tallystick.ledger import AccountingMonth, Service, divide_income, month_of

K = TypeVar("K", date, AccountingMonth)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What a document books for a service on its day of issue, negative for a credit."""

    on: date
    money: Money


def earned_by_day(
    bookings: Sequence[Booking], period: Period, *, zone: str
) -> Mapping[date, Money]:
    """
    Return what is earned on each day; the days add up to the bookings.

    Args:
        bookings: of one service and currency, in order of their days.
        period: when the service is rendered, half-open.
        zone: IANA name of the zone in which days are counted, the payer's.
    """
    days = service_dates(period, zone)
    at_once: dict[date, Money] = {}
    planned: dict[date, Money] = {}
    waiting: dict[AccountingMonth, Money] = {}
    for number, booking in enumerate(bookings):
        division = divide_income(
            booking.money,
            Service(period=period, zone=zone, known=number > 0),
            at=datetime.combine(booking.on, time(), time_zone(zone)).astimezone(UTC),
            posted=month_of(booking.on),
            waiting=waiting,
        )
        _add(at_once, {booking.on: division.now})
        _add(waiting, division.later)
        planned = {day: money for day, money in planned.items() if day < booking.on}
        for month, part in sorted(waiting.items()):
            if month >= month_of(booking.on):
                weights = _weights(days, month, booking.on, first=number == 0)
                _add(planned, _left(part, planned, month, weights))
    _add(at_once, planned)
    return {day: money for day, money in at_once.items() if money.minor != 0}


def _left(
    part: Money,
    planned: Mapping[date, Money],
    month: AccountingMonth,
    weights: Mapping[date, int],
) -> dict[date, Money]:
    """Return what is left of a month on the days that are left; below nothing at once."""
    nothing = part - part
    spent = sum((planned[day] for day in planned if month_of(day) == month), nothing)
    left = part - spent
    if left.minor * part.minor > 0:
        return _spread(left, weights)
    return {next(iter(weights)): left}


def _add(days: dict[K, Money], more: Mapping[K, Money]) -> None:
    for day, money in more.items():
        days[day] = days[day] + money if day in days else money


def service_dates(period: Period, zone: str) -> tuple[date, ...]:
    """Return the local days of a period; a day belongs to the period in which it ends."""
    place = time_zone(zone)
    first, end = period.start.astimezone(place).date(), period.end.astimezone(place).date()
    return tuple(first + number * _DAY for number in range((end - first).days)) or (first,)


def _weights(
    days: Sequence[date], month: AccountingMonth, on: date, *, first: bool
) -> dict[date, int]:
    """Return how many days' worth each day left of a month bears; those gone count to ``on``."""
    left = {day: 1 for day in days if month_of(day) == month and day >= on}
    gone = sum(day < on for day in days) if first and month == month_of(on) else 0
    if gone or not left:
        left[on] = left.get(on, 0) + max(gone, 1)
    return dict(sorted(left.items()))


def _spread(money: Money, weights: Mapping[date, int]) -> dict[date, Money]:
    """Return money laid on days by their weights, settled as it adds up."""
    whole = sum(weights.values())
    up_to = [_part(money, Fraction(sum_, whole)) for sum_ in accumulate(weights.values())]
    before = [money - money, *up_to]
    return {day: now - then for day, now, then in zip(weights, up_to, before, strict=False)}


def _part(money: Money, share: Fraction) -> Money:
    exact = Fraction(money.decimal) * share
    value = EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return settle(Amount(value=value, currency=money.currency))
