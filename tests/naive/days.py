"""Days and periods of the payer: the slow way, boundary by boundary and day by day."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from tests.naive.facts import Every, Year

Span: TypeAlias = tuple[datetime, datetime]
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A period of a contract: what lies in it, and the aligned whole around it."""

    span: Span
    whole: Span


def midnight(year: Year, day: date) -> datetime:
    """Return the instant at which a local day begins."""
    return _midnight(year.zone, day)


def local(year: Year, at: datetime) -> date:
    """Return the local day of an instant."""
    return at.astimezone(year.zone).date()


def boundary(year: Year, every: Every, number: int) -> datetime:
    """Return the k-th boundary from the anchor: so many months or weeks on, the day clamped."""
    anchor = anchored(year, every)
    if every.weeks:
        return midnight(year, anchor + number * 7 * every.weeks * DAY)
    index = anchor.year * 12 + anchor.month - 1 + number * every.months
    in_year, month = index // 12, index % 12 + 1
    last = monthrange(in_year, month)[1]
    return midnight(year, date(in_year, month, min(anchor.day, last)))


def anchored(year: Year, every: Every) -> date:
    """Return the day of the start; by the calendar the first of its month, quarter or year."""
    first = local(year, year.start)
    if not year.calendar:
        return first
    if every.weeks:
        return first - first.weekday() * DAY
    return date(first.year, (first.month - 1) // every.months * every.months + 1, 1)


def around(year: Year, every: Every, at: datetime) -> Span:
    """Return the aligned period in which an instant lies."""
    number = 0
    while boundary(year, every, number + 1) <= at:
        number += 1
    return boundary(year, every, number), boundary(year, every, number + 1)


def days_ending_in(year: Year, span: Span) -> int:
    """Count the local days whose end lies in a span: after its start, up to and with its end."""
    return _days(year.zone, *span)


@cache
def _days(zone: ZoneInfo, start: datetime, end: datetime) -> int:
    found = 0
    day = start.astimezone(zone).date() + DAY
    while (at := _midnight(zone, day)) <= end:
        found += at > start
        day += DAY
    return found


@cache
def _midnight(zone: ZoneInfo, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def share(year: Year, part: Span, whole: Span, *, mode: str, end: datetime | None) -> Fraction:
    """Return the share of a whole period that a part of it carries; ``end``: of the contract."""
    if mode == "none":
        return Fraction(1)
    if mode == "second":
        of = part[1] - part[0], whole[1] - whole[0]
        return Fraction(of[0] // TICK, of[1] // TICK)
    start, until = part
    if until == end:
        until = max(until, midnight(year, local(year, until - TICK) + DAY))
    return Fraction(days_ending_in(year, (start, until)), days_ending_in(year, whole))
