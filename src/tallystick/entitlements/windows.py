"""
The window of a metered feature that holds an instant: a billing period, or one of the calendar.

Calendar windows are counted in the payer's zone from 1970, so that every second week is the same
one for everybody.  A change of zone takes effect where the window that holds it ends, as with
billing periods; the next one bridges the two.
"""

from datetime import date, datetime

from tallystick.accounts import Account
from tallystick.catalog import PlanVersion, Subscription
from tallystick.kernel import (
    Interval,
    IntervalUnit,
    Period,
    calendar_anchor,
    period_at,
)
from tallystick.subscriptions import timeline, walk_periods

_FIRST_DAY = date(1970, 1, 1)
MONTH = Interval(count=1, of=IntervalUnit.MONTH)


def calendar_window(every: Interval, payer: Account, at: datetime) -> Period:
    """
    Return the calendar window that holds an instant.

    Example:
        >>> from tallystick.kernel import instant
        >>> acme = Account(key="acme", name="Acme", zone="Europe/Berlin", currency="EUR",
        ...                invoiced=True)
        >>> print(calendar_window(MONTH, acme, instant("2026-03-31T22:30:00Z")))
        [2026-03-31T22:00:00.000000Z, 2026-04-30T22:00:00.000000Z)
    """
    anchor = calendar_anchor(_FIRST_DAY, every)
    zone, begins = payer.zone, None
    for change in payer.zone_changes:
        if change.at > at:
            break
        ends = period_at(change.at, anchor=anchor, interval=every, zone=zone).end
        if at < ends:
            break
        zone, begins = change.zone, ends
    window = period_at(at, anchor=anchor, interval=every, zone=zone)
    if begins is None or window.start >= begins:
        return window
    return Period(start=begins, end=window.end)


def billing_window(
    contract: Subscription, plans: tuple[PlanVersion, ...], payer: Account, at: datetime
) -> Period | None:
    """
    Return the billing period that holds an instant; None after the contract, or before its use.

    Before a contract begins, where it may be used already, the window ends as it begins.
    """
    segments = timeline(contract, plans)
    if contract.usable_from is not None and contract.usable_from <= at < contract.start:
        return Period(start=contract.usable_from, end=contract.start)
    walk = walk_periods(contract, segments, payer.zone, zone_changes=payer.zone_changes, since=at)
    for period in walk:
        if period.span.contains(at):
            return period.span
        if period.span.start > at:
            break
    return None
