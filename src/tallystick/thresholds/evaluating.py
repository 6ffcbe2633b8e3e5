"""
Which thresholds a new value passes: each once for every crossing and period.

    limit 1,000, thresholds 80, 90 and 100 %       told             remembered
    790                                                             nothing
    950                                            80 %, 90 %       80 %, 90 %
    780 (a correction), then 820                                    80 %, 90 %
    the next period begins with 10                                  nothing
    810                                            80 %             80 %

A *new limit* is a new measure for percentages.  Those that the value is below of then may tell
again: who buys 2,000 because of a notice at 850 of 1,000 is told at 1,600.  Those that it is still
beyond of stay told: after 850 of 1,000, a limit of 900 tells 90 % alone.  Absolute ones do not
care.

A *projected* threshold that the value itself has reached already is remembered, not told: what is
here is no news about the future.

A reading that is older than the last, or of an earlier period, changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from tallystick.kernel import Misuse, Period
from tallystick.thresholds.passing import Crossing, Measure, level_of, times_passed
from tallystick.thresholds.threshold import Basis, Threshold, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    A value as it stands at an instant.

    Attributes:
        value: of what is watched; exact.
        at: when it was read.
        limit: what percentages are of: quota, commitment, granted credit, budget; None: none.
        period: in which each threshold tells once; None for what has no periods, as a balance.
        projected: what the value is expected to be when the period ends; None: not known.

    Raises:
        Misuse: a limit below 0.
    """

    value: Decimal
    at: datetime
    limit: Decimal | None = None
    period: Period | None = None
    projected: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse a limit that nothing can be a share of."""
        if self.limit is not None and self.limit < 0:
            raise Misuse(f"a limit is 0 or more, not {self.limit}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """
    What was told of one watch so far; begin with ``WatchState()``.

    Attributes:
        at: the last reading; None: there was none.
        period_start: the period that it was in.
        limit: the limit that it had.
        told: by the name of a threshold, how often it was passed; at most one entry each.
    """

    at: datetime | None = None
    period_start: datetime | None = None
    limit: Decimal | None = None
    told: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """
    What a reading brings.

    Attributes:
        state: to be kept for the next reading.
        crossings: what is to be told, in the order of the watch's thresholds.
        over: names of thresholds whose last crossing is over: the period ended, the value came
            back, the limit changed, or nobody declares them any more.
    """

    state: WatchState
    crossings: tuple[Crossing, ...] = ()
    over: tuple[str, ...] = ()


def evaluate(watch: Watch, state: WatchState, reading: Reading) -> Evaluation:
    """
    Return what is told of a reading, and what to remember.

    The same reading again tells nothing.  A watch that begins late tells what is passed already.

    Example:
        >>> from tallystick.kernel import instant
        >>> from tallystick.thresholds import Watched, default_watch
        >>> watch, limit = default_watch(Watched.USAGE), Decimal(1000)
        >>> at = instant("2026-03-10T00:00:00Z")
        >>> found = evaluate(watch, WatchState(), Reading(value=Decimal(950), at=at, limit=limit))
        >>> [one.threshold.name for one in found.crossings]
        ['80 %', '90 %']
        >>> again = Reading(value=Decimal(960), at=at, limit=limit)
        >>> evaluate(watch, found.state, again).crossings
        ()
    """
    if _is_late(state, reading):
        return Evaluation(state=state)
    start = reading.period.start if reading.period else None
    goes_on = state.at is not None and state.period_start == start
    begun = state if goes_on else WatchState(limit=reading.limit)
    judged = [_judge(watch, one, begun, reading) for one in watch.thresholds]
    told = {one.name: each.times for one, each in zip(watch.thresholds, judged, strict=True)}
    armed = {one.name: each.before for one, each in zip(watch.thresholds, judged, strict=True)}
    return Evaluation(
        state=WatchState(
            at=reading.at,
            period_start=start,
            limit=reading.limit,
            told={name: times for name, times in told.items() if times},
        ),
        crossings=tuple(each.crossing for each in judged if each.crossing),
        over=tuple(name for name, times in state.told.items() if armed.get(name, 0) < times),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What a threshold remembers: from before, and now; and what is told."""

    before: int
    times: int
    crossing: Crossing | None = None


def _is_late(state: WatchState, reading: Reading) -> bool:
    if state.at is not None and reading.at < state.at:
        return True
    if reading.period is None or state.period_start is None:
        return False
    return reading.period.start < state.period_start


def _judge(watch: Watch, one: Threshold, state: WatchState, reading: Reading) -> _Judged:
    told = state.told.get(one.name, 0)
    seen = reading.projected if one.basis is Basis.PROJECTED else reading.value
    if seen is None:
        return _Judged(before=told, times=told)
    measure = Measure(value=seen, limit=reading.limit)
    before = told
    if _may_rearm(one, state, reading):
        back = one.rearm_by or Decimal(0)
        before = min(told, times_passed(watch, one, measure, back=back))
    times = times_passed(watch, one, measure)
    here = replace(measure, value=reading.value)
    if times <= before or (one.basis is Basis.PROJECTED and times_passed(watch, one, here)):
        return _Judged(before=before, times=max(before, times))
    crossing = Crossing(
        threshold=one,
        at=reading.at,
        value=seen,
        limit=reading.limit,
        level=level_of(watch, one, reading.limit, times),
        times=times - before,
        by_limit=_new_limit(one, state, reading)
        and times_passed(watch, one, replace(measure, limit=state.limit)) < times,
    )
    return _Judged(before=before, times=times, crossing=crossing)


def _may_rearm(one: Threshold, state: WatchState, reading: Reading) -> bool:
    return one.rearm_by is not None or reading.period is None or _new_limit(one, state, reading)


def _new_limit(one: Threshold, state: WatchState, reading: Reading) -> bool:
    return one.basis.is_relative and state.limit != reading.limit
