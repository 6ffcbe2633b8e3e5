"""The instants that an advance of a test clock stops at, and how far `1M` is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time

from tallystick.app.invoicing import load_basis
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import instants_due
from tallystick.kernel import Done, Interval, IntervalUnit, Misuse, boundary
from tallystick.ledger import Books

_TEXT = re.compile(r"([1-9][0-9]{0,2})([hdwMqy])")
_UNITS = {
    "h": IntervalUnit.HOUR,
    "d": IntervalUnit.DAY,
    "w": IntervalUnit.WEEK,
    "M": IntervalUnit.MONTH,
    "q": IntervalUnit.QUARTER,
    "y": IntervalUnit.YEAR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    A stop of the clock.

    Attributes:
        bills: whether documents may fall due there.
        recognizes: whether a month of some books is over there.
        settles: whether credit may expire there.
    """

    at: datetime
    bills: bool
    recognizes: bool
    settles: bool


def interval_from(text: str) -> Interval:
    """
    Return the interval of a text such as ``1M``: a number and h, d, w, M, q or y.

    Raises:
        Misuse: it is none.

    Example:
        >>> interval_from("6M").count, interval_from("36h").of.value
        (6, 'hour')
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        message = f"{text[:20]!r} is no interval: write a number and h, d, w, M, q or y, as 1M"
        raise Misuse(message)
    return Interval(count=int(found[1]), of=_UNITS[found[2]])


def moved_by(at: datetime, interval: Interval) -> datetime:
    """
    Return the instant an interval later, in UTC; the day is clamped to the month's last.

    Raises:
        Misuse: it lies behind the year 9999.

    Example:
        >>> moved_by(datetime(2024, 1, 31, 9, tzinfo=UTC), interval_from("1M")).isoformat()
        '2024-02-29T09:00:00+00:00'
    """
    midnight = datetime.combine(at.date(), time(), UTC)
    return boundary(at.date(), interval, 1, "UTC") + (at - midnight)


def steps_between(uow: UnitOfWork, after: datetime, through: datetime) -> tuple[Step, ...]:
    """
    Return where the clock stops on its way, in order; the last is where it goes.

    A contract that cannot be loaded stops it nowhere: billing parks it with the reason.
    """
    billed = set(_due(uow, after, through)) | {through}
    over = set(_months_over(uow, after, through)) | {through}
    lapsing = set(uow.endings.endings(after, through)) | {through}
    return tuple(
        Step(at=at, bills=at in billed, recognizes=at in over, settles=at in lapsing)
        for at in sorted(billed | over | lapsing)
    )


def _due(uow: UnitOfWork, after: datetime, through: datetime) -> Iterator[datetime]:
    definitions = uow.catalog.load_definitions()
    for subscription in uow.subscriptions.load_subscriptions().values():
        basis = load_basis(uow, definitions, subscription)
        if isinstance(basis, Done):
            yield from instants_due(basis.value, after=after, through=through)


def _months_over(uow: UnitOfWork, after: datetime, through: datetime) -> Iterator[datetime]:
    """Yield the instants at which a month of a legal entity's books is over."""
    for entity in uow.catalog.load_definitions().legal_entities.values():
        books = Books(key=entity.key, zone=entity.zone)
        month = books.month_at(after)
        while (end := books.end_of(month)) <= through:
            if end > after:
                yield end
            month = month.following()
