"""
The usage of the window that is running now: what a stream is told again and again.

The window is the calendar's hour, day ... around the present, in the account's zone or another; its
quantity is that from the window's start up to now. When it is over, its last quantity is told once
more, closed, and the next window begins at zero.
"""

from dataclasses import dataclass
from datetime import datetime

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.metering.ports import UsageReader
from tallystick.app.metering.query_usage import UsageAnswer, UsageQuestion, query_usage
from tallystick.app.metering.windows import WindowSize
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    MeterKey,
    Misuse,
    Outcome,
    Period,
    Refused,
    calendar_anchor,
    period_at,
    refuse,
    time_zone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUsage:
    """
    What is followed.

    Attributes:
        meter: key of the meter.
        account: whose usage; None for all subjects.
        size: of the window; ``total`` is none that ends, and refused.
        zone: whose calendar; empty for the account's, else UTC.
        subject: only this resource; None for all.
        at: in which window; None for the present one.
    """

    meter: MeterKey
    account: AccountKey | None
    size: WindowSize
    zone: str = ""
    subject: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageNow:
    """
    The usage of one window as of one position.

    Attributes:
        window: half-open, whole; the quantity counts what lies in it up to now.
        closed: whether the window is over; late events may still change it.
        quantity: exact text, in ``unit``.
    """

    meter: MeterKey
    unit: str
    zone: str
    window: Period
    closed: bool
    quantity: str
    events: int
    unmeterable: int
    position: int


def usage_now(
    followed: FollowUsage,
    *,
    caller: Caller,
    uow: UnitOfWork,
    usage: UsageReader,
    clock: Clock,
) -> Outcome[UsageNow]:
    """
    Return the usage of the window around an instant.

    Args:
        followed: what.
        caller: who asks.
        uow: not entered.
        usage: the projection.
        clock: says what is now.

    Problems:
        Those of `query_usage`; wrong_value: a window without end.
    """
    now = clock.now()
    zone = _zone(followed, caller, uow)
    if followed.size is WindowSize.TOTAL:
        return refuse("wrong_value", "follow an hour, a day, a week, a month ...", "window")
    try:
        window = window_around(followed.at or now, followed.size, zone)
    except Misuse as error:
        return refuse("wrong_value", str(error), "zone")
    question = UsageQuestion(
        meter=followed.meter,
        account=followed.account,
        subject=followed.subject,
        start=window.start,
        end=window.end,
        zone=zone,
    )
    outcome = query_usage(question, caller=caller, uow=uow, usage=usage, clock=clock)
    if isinstance(outcome, Refused):
        return outcome
    return Done(_now(outcome.value, window, closed=window.end <= now))


def window_around(at: datetime, size: WindowSize, zone: str) -> Period:
    """
    Return the calendar's window that contains an instant.

    Raises:
        Misuse: unknown zone, or a size that is no window.

    Example:
        >>> from tallystick.kernel import instant
        >>> print(window_around(instant("2026-03-29T12:00:00Z"), WindowSize.DAY, "Europe/Berlin"))
        [2026-03-28T23:00:00.000000Z, 2026-03-29T22:00:00.000000Z)
    """
    interval = Interval(count=1, of=IntervalUnit(size))
    day = at.astimezone(time_zone(zone)).date()
    return period_at(at, anchor=calendar_anchor(day, interval), interval=interval, zone=zone)


def _zone(followed: FollowUsage, caller: Caller, uow: UnitOfWork) -> str:
    if followed.zone:
        return followed.zone
    account = caller.account or followed.account
    if account is None:
        return "UTC"
    with uow:
        known = uow.accounts.load_account(account)
    return "UTC" if known is None else known.zone


def _now(answer: UsageAnswer, window: Period, *, closed: bool) -> UsageNow:
    (line,) = answer.lines
    return UsageNow(
        meter=answer.meter,
        unit=answer.unit,
        zone=answer.zone,
        window=window,
        closed=closed,
        quantity=line.quantity,
        events=line.events,
        unmeterable=line.unmeterable,
        position=answer.position,
    )
