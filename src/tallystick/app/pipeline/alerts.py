"""
Alerts about the pipeline: which measure crossed its threshold, when, and when it came back.

An alert opens when a measure reaches its threshold and closes when it is below again: once each,
however long it lasts and however often it is looked at. Pure: what is due is computed from readings
and from what stands open.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

import msgspec


class Condition(StrEnum):
    """
    What is watched; each is a whole number.

    ``lag_events``, ``lag_seconds``, ``queued_events``, ``rejected_percent``, ``conflict_percent``:
    of the process, seen in each workspace; percents of the events since the look before.
    ``dead_letters``, ``unattributed_events``, ``reconcile_differences``: of the workspace.
    ``newest_age_seconds``: of each sender's newest event, by its time of use.
    ``gap_seconds``: of a meter's resource in the last day. ``open_offsets``: of a part of a source,
    to be read or lost.
    """

    LAG_EVENTS = "lag_events"
    LAG_SECONDS = "lag_seconds"
    QUEUED_EVENTS = "queued_events"
    REJECTED_PERCENT = "rejected_percent"
    CONFLICT_PERCENT = "conflict_percent"
    DEAD_LETTERS = "dead_letters"
    UNATTRIBUTED_EVENTS = "unattributed_events"
    NEWEST_AGE_SECONDS = "newest_age_seconds"
    GAP_SECONDS = "gap_seconds"
    OPEN_OFFSETS = "open_offsets"
    RECONCILE_DIFFERENCES = "reconcile_differences"


Thresholds = Mapping[Condition, int]
"""From which value on there is an alert; a condition that is not there is not watched."""

DEFAULT_THRESHOLDS: Thresholds = MappingProxyType(
    {
        Condition.LAG_EVENTS: 2_000_000,
        Condition.LAG_SECONDS: 60,
        Condition.QUEUED_EVENTS: 300_000,
        Condition.REJECTED_PERCENT: 5,
        Condition.CONFLICT_PERCENT: 5,
        Condition.DEAD_LETTERS: 1_000,
        Condition.UNATTRIBUTED_EVENTS: 1_000,
        Condition.NEWEST_AGE_SECONDS: 43_200,
        Condition.GAP_SECONDS: 3_600,
        Condition.OPEN_OFFSETS: 1,
        Condition.RECONCILE_DIFFERENCES: 1,
    }
)
LISTED = frozenset({Condition.GAP_SECONDS, Condition.OPEN_OFFSETS})
"""Conditions whose readings name everything that is wrong: what they do not name is right."""
STANDING_MAX = 1000
"""Alerts of a workspace that stand at a time: behind so many nothing opens until some close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One value of a condition; ``about`` says of what, empty where there is only one."""

    condition: Condition
    about: str = ""
    value: int


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """
    A crossing.

    Attributes:
        about: of what; empty where a condition has only one measure.
        value, threshold: when it opened.
        closed_at, closed_value: when it was below again, and at what; None while it stands.
    """

    id: int
    condition: Condition
    about: str
    value: int
    threshold: int
    opened_at: datetime
    closed_at: datetime | None = None
    closed_value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is due: measures that open an alert, and alerts that close, each with its value now."""

    opened: tuple[Measure, ...]
    closed: tuple[tuple[Alert, int], ...]


def due_changes(
    measures: Iterable[Measure],
    standing: Iterable[Alert],
    thresholds: Thresholds,
    *,
    cut_short: AbstractSet[Condition] = frozenset(),
) -> Changes:
    """
    Return which alerts open and close.

    A measure that could not be taken leaves its alert as it is, except where a condition names
    everything that is wrong. An alert whose condition is not watched any more closes. Not more than
    `STANDING_MAX` stand at a time.

    Args:
        measures: readings.
        standing: every alert that stands.
        thresholds: from which values on there is an alert.
        cut_short: conditions of which there were more readings than could be given: what they do
            not name may be wrong.

    Example:
        >>> late = Measure(condition=Condition.LAG_SECONDS, value=90)
        >>> due_changes([late], [], {Condition.LAG_SECONDS: 60}).opened == (late,)
        True
    """
    found = {(one.condition, one.about): one for one in measures}
    open_now = {(one.condition, one.about): one for one in standing}
    opened = [
        one
        for key, one in found.items()
        if key not in open_now
        and one.condition in thresholds
        and one.value >= thresholds[one.condition]
    ]
    closed = []
    for key, alert in open_now.items():
        measure = found.get(key)
        if measure is None and alert.condition in LISTED - cut_short:
            measure = Measure(condition=alert.condition, about=alert.about, value=0)
        threshold = thresholds.get(alert.condition)
        if threshold is None:
            closed.append((alert, alert.value if measure is None else measure.value))
        elif measure is not None and measure.value < threshold:
            closed.append((alert, measure.value))
    room = max(0, STANDING_MAX - len(open_now))
    return Changes(opened=tuple(opened[:room]), closed=tuple(closed))


class AlertStore(Protocol):
    """The alerts of one workspace; facts are only added."""

    def standing(self, *, lock: bool = False) -> tuple[Alert, ...]:
        """Return the alerts that stand; with a lock, until the end of the transaction."""
        ...

    def open(self, measure: Measure, *, threshold: int, at: datetime) -> Alert:
        """Add that a measure crossed its threshold."""
        ...

    def close(self, alert: Alert, *, value: int, at: datetime) -> None:
        """Add that an alert is over."""
        ...

    def page(self, *, before: int | None, limit: int) -> list[Alert]:
        """Return alerts, the last first, those before an id."""
        ...


class AlertFigures(Protocol):
    """Alerts of all workspaces, for background work."""

    def standing(self) -> Mapping[str, int]:
        """Return how many alerts stand, by condition; those with any."""
        ...
