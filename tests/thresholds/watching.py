"""Watches and readings as the tests of thresholds write them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.kernel import Period, instant
from tallystick.thresholds import (
    Basis,
    Evaluation,
    Reading,
    Threshold,
    Watch,
    Watched,
    WatchState,
    evaluate,
)

START = instant("2026-03-01T00:00:00Z")
MONTHS = tuple(instant(f"2026-{month:02}-01T00:00:00Z") for month in range(3, 10))


def month(number: int) -> Period:
    """Return a month from March 2026 on, the first being 0."""
    return Period(start=MONTHS[number], end=MONTHS[number + 1])


def reading(
    value: str | int, hour: int = 0, *, limit: int | None = 1000, period: int | None = 0
) -> Reading:
    """Return what stands so many hours after the beginning of a month."""
    at = MONTHS[period or 0] + timedelta(hours=hour)
    return Reading(
        value=Decimal(value),
        at=at,
        limit=None if limit is None else Decimal(limit),
        period=None if period is None else month(period),
    )


def percent(amount: int, rearm_by: int | None = None, basis: Basis = Basis.PERCENT) -> Threshold:
    """Return a threshold in percent."""
    by = None if rearm_by is None else Decimal(rearm_by)
    return Threshold(amount=Decimal(amount), basis=basis, rearm_by=by)


def absolute(amount: int, *, recurring: bool = False, rearm_by: int | None = None) -> Threshold:
    """Return a threshold in the unit of what is watched."""
    by = None if rearm_by is None else Decimal(rearm_by)
    return Threshold(amount=Decimal(amount), basis=Basis.ABSOLUTE, recurring=recurring, rearm_by=by)


def usage(*thresholds: Threshold) -> Watch:
    """Return a watch of usage."""
    return Watch(watched=Watched.USAGE, thresholds=thresholds)


def follow(watch: Watch, readings: Iterable[Reading]) -> list[Evaluation]:
    """Return what each of several readings brings, the state carried from one to the next."""
    state, found = WatchState(), []
    for one in readings:
        found.append(evaluate(watch, state, one))
        state = found[-1].state
    return found


def told(watch: Watch, *readings: Reading) -> list[str]:
    """Return for each reading the names of what is told, joined by commas."""
    return [
        ", ".join(one.threshold.name for one in each.crossings) for each in follow(watch, readings)
    ]


def at_hours(values: Iterable[int | str], limit: int | None = 1000) -> list[Reading]:
    """Return readings of values one hour apart, in one month."""
    return [reading(value, hour, limit=limit) for hour, value in enumerate(values)]


def local(text: str) -> datetime:
    """Return an instant by its text without seconds."""
    return instant(f"{text}:00Z")
