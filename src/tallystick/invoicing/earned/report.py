"""
Revenue by days: earned on each day, deferred and unbilled at its end.

    recognised   earned from the first day of the report on
    deferred     charged and not yet earned
    unbilled     earned by usage, or behind a fee in arrears, and not yet charged

Usage is earned on the day on which it was used, not on that of its document; the document only
turns what was unbilled into a receivable.  What a person gives back is taken off on its day.
Revenue is net of taxes.  The books earn by months and know usage from its document on; this report
is of the same facts by days, and agrees with them at the end of each month but for what is
unbilled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.earned.accrued import is_in_arrears
from tallystick.invoicing.earned.booked_days import Booking, earned_by_day
from tallystick.invoicing.line import LineKind
from tallystick.invoicing.orders import Disposition
from tallystick.invoicing.replay import Billed
from tallystick.kernel import Currency, Money, Period
from tallystick.tax import net_of

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """
    Where the income of a contract, or of what was sold once, comes from.

    Attributes:
        booked: what documents charged, or gave back, by their days; usage apart.
        earned: what of that is earned on which day.
        accrued: what usage and fees in arrears have earned on which day.
        charged: what documents charged of that, by their days.
    """

    booked: tuple[Booking, ...] = ()
    earned: Mapping[date, Money] = field(default_factory=dict)
    accrued: Mapping[date, Money] = field(default_factory=dict)
    charged: tuple[Booking, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRevenue:
    """
    The revenue of one day in one currency.

    Attributes:
        earned: on this day.
        recognised: from the first day of the report up to this one.
        deferred, unbilled: what stands at the end of the day.
    """

    day: date
    earned: Money
    recognised: Money
    deferred: Money
    unbilled: Money


def income_of(
    basis: Basis | None, billed: Iterable[Billed], *, accrued: Mapping[date, Money], zone: str
) -> Income:
    """
    Return the income of a contract.

    Args:
        basis: the contract; None: of what was sold once, of none.
        billed: its issued lines, in the order of issue.
        accrued: see `Income`.
        zone: the payer's.
    """
    services: dict[object, list[Booking]] = {}
    periods: dict[object, Period] = {}
    charged: list[Booking] = []
    for line in billed:
        booking = Booking(on=_day_of(line), money=net_of(line.money, line.taxes))
        if basis is not None and _charges_usage(basis, line):
            charged.append(booking)
            continue
        place = line.key.identity
        period = line.key.period
        if basis is not None and is_in_arrears(basis, line.key):
            period = Period(start=period.start, end=period.start + _MOMENT)
        periods[place] = period
        services.setdefault(place, []).append(booking)
    earned: dict[date, Money] = {}
    for identity, bookings in services.items():
        for day, money in earned_by_day(bookings, periods[identity], zone=zone).items():
            earned[day] = earned[day] + money if day in earned else money
    return Income(
        booked=tuple(one for bookings in services.values() for one in bookings),
        earned=earned,
        accrued=accrued,
        charged=tuple(charged),
    )


def revenue_rows(
    incomes: Sequence[Income], *, since: date, until: date, currency: Currency
) -> tuple[DayRevenue, ...]:
    """Return a row for each day, first and last included, of all incomes of one currency."""
    nothing = Money(minor=0, currency=currency)
    booked = _by_day(one for income in incomes for one in income.booked)
    charged = _by_day(one for income in incomes for one in income.charged)
    earned = _merged(income.earned for income in incomes)
    accrued = _merged(income.accrued for income in incomes)

    def up_to(days: Mapping[date, Money], last: date) -> Money:
        return sum(
            (money for day, money in days.items() if day <= last and money.currency == currency),
            nothing,
        )

    rows: list[DayRevenue] = []
    recognised, day = nothing, since
    while day <= until:
        on_day = up_to(earned, day) - up_to(earned, day - _DAY)
        on_day += up_to(accrued, day) - up_to(accrued, day - _DAY)
        recognised += on_day
        rows.append(
            DayRevenue(
                day=day,
                earned=on_day,
                recognised=recognised,
                deferred=up_to(booked, day) - up_to(earned, day),
                unbilled=up_to(accrued, day) - up_to(charged, day),
            )
        )
        day += _DAY
    return tuple(rows)


def _charges_usage(basis: Basis, line: Billed) -> bool:
    """Tell whether a line settles what usage earned; what a person gives back does not."""
    waived = line.disposition is Disposition.WAIVE
    return line.kind is LineKind.DERIVED and not waived and is_in_arrears(basis, line.key)


def _day_of(line: Billed) -> date:
    """Return the day on which a line's document was issued."""
    return line.key.period.start.date() if line.reference is None else line.reference.issued_on


def _by_day(bookings: Iterable[Booking]) -> dict[date, Money]:
    return _merged({one.on: one.money} for one in bookings)


def _merged(parts: Iterable[Mapping[date, Money]]) -> dict[date, Money]:
    found: dict[date, Money] = {}
    for part in parts:
        for day, money in part.items():
            found[day] = found[day] + money if day in found else money
    return found
