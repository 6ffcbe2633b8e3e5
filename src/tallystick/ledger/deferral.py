"""
Deferred revenue: which part of an income is earned now, and in which months the rest will be.

What is charged for a service that is still running waits as deferred revenue. It is earned over the
local days of the service, each day counting to the calendar month in which it lies; the parts are
whole minor units by largest remainder and add up to what waits.

    90.00 on January 1 for January to March (31, 28 and 31 days):  31.00, 28.00, 31.00
    90.00 on February 10 for the same quarter:   February 59.00 (January has passed), March 31.00

A later document about the same service meets what still waits:

    more, while it runs    joins what waits; all of that is spread over the days that are left
    more, when it is over  is earned at once
    less                   first takes away from what waits, then from what was earned

    quarter as above, 40.00 credited on February 10:  59.00 wait, 19.00 stay,
        spread over February and March by days:       9.02, 9.98
    quarter as above, 90.00 credited on February 10:  59.00 no longer wait, 31.00 earned are undone

Months before the one of the document do not wait any more, whether or not their recognition has
been booked: so the division follows from the documents alone, not from when a job ran.

Source: decided here (decision record 0020); spreading by days is what IFRS 15.41 calls output over
time.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.kernel import Money, Period, split, time_zone
from tallystick.ledger.books import AccountingMonth, month_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """
    What an income is for, as far as earning it goes.

    Attributes:
        period: when the service is rendered, half-open.
        zone: IANA name of the zone in which its days are counted, the payer's.
        known: whether an earlier document deferred some of its income.
    """

    period: Period
    zone: str
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """
    An income divided.

    Attributes:
        now: what is earned, or undone, with the document.
        later: by how much what waits for each month changes; no zeros.
    """

    now: Money
    later: Mapping[AccountingMonth, Money]

    @property
    def deferred(self) -> Money:
        """Return by how much all that waits changes."""
        return sum(self.later.values(), Money(minor=0, currency=self.now.currency))


def service_days(period: Period, zone: str) -> Mapping[AccountingMonth, int]:
    """
    Return how many local days of a period lie in each calendar month.

    A day belongs to the period in which it ends, as in proration; a period in which none ends
    counts one day, that of its start.

    Example:
        >>> from datetime import UTC
        >>> quarter = Period(start=datetime(2026, 1, 15, tzinfo=UTC),
        ...                  end=datetime(2026, 3, 2, tzinfo=UTC))
        >>> {str(month): days for month, days in service_days(quarter, "UTC").items()}
        {'2026-01': 17, '2026-02': 28, '2026-03': 1}
    """
    place = time_zone(zone)
    day, end = period.start.astimezone(place).date(), period.end.astimezone(place).date()
    days: Counter[AccountingMonth] = Counter()
    while day < end:
        following = min(month_of(day).following().first_day, end)
        days[month_of(day)] += (following - day) // _DAY
        day = following
    return days or {month_of(day): 1}


def divide_income(
    money: Money,
    service: Service,
    *,
    at: datetime,
    posted: AccountingMonth,
    waiting: Mapping[AccountingMonth, Money],
) -> Division:
    """
    Return what of an income is earned at once, and how what waits for each month changes.

    Args:
        money: of the line, negative for a credit.
        service: what it is for.
        at: from when the document counts.
        posted: the calendar month of ``at`` in the books' zone.
        waiting: what waits for the same service by month, in the same currency; months before
            ``posted`` are left out of account.

    Example:
        >>> from datetime import UTC
        >>> from tallystick.kernel import currency
        >>> may = datetime(2026, 5, 1, tzinfo=UTC)
        >>> fee = Money(minor=9200, currency=currency("EUR"))
        >>> quarter = Service(period=Period(start=may, end=may.replace(month=8)), zone="UTC")
        >>> divided = divide_income(fee, quarter, at=may, posted=month_of(may), waiting={})
        >>> str(divided.now), [str(part) for part in divided.later.values()]
        ('0.00 EUR', ['31.00 EUR', '30.00 EUR', '31.00 EUR'])
    """
    standing = {month: part for month, part in waiting.items() if month >= posted}
    nothing = Money(minor=0, currency=money.currency)
    before = sum(standing.values(), nothing)
    change = _deferred(money, before, running=service.period.end > at, known=service.known)
    if change.minor == 0:
        return Division(now=money, later={})
    days = _days_left(service, posted)
    wanted = dict(zip(days, split(before + change, list(days.values())), strict=True))
    months = sorted(wanted.keys() | standing.keys())
    changes = {month: wanted.get(month, nothing) - standing.get(month, nothing) for month in months}
    later = {month: part for month, part in changes.items() if part.minor != 0}
    return Division(now=money - change, later=later)


def _deferred(money: Money, before: Money, *, running: bool, known: bool) -> Money:
    """Return by how much all that waits changes."""
    direction = before.minor or (1 if known else money.minor)
    if (money.minor > 0) == (direction > 0):
        return money if running else money - money
    least = min(abs(money.minor), abs(before.minor))
    return Money(minor=-least if before.minor > 0 else least, currency=money.currency)


def _days_left(service: Service, posted: AccountingMonth) -> Mapping[AccountingMonth, int]:
    """Return the days of a service from a month on; those before count to it if none waited yet."""
    days = service_days(service.period, service.zone)
    left = {month: count for month, count in days.items() if month > posted}
    first = days.get(posted, 0)
    if not service.known:
        first += sum(count for month, count in days.items() if month < posted)
    if first or not left:
        return {posted: max(first, 1)} | left
    return left
