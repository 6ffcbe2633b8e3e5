"""
The labelled series of a public benchmark, two plain rules, and one way to score all of them.

Scored are *alarms*: the instants at which somebody is told.  What a rule flags within six hours of
what it flagged before belongs to the alarm that is open.  An alarm inside a labelled window finds
it; one outside of all windows is false; a window without alarm is missed.

    F1 = 2 x found / (2 x found + false + missed)

A rule that flags always opens one alarm a series, and finds next to nothing.  Beside it stands the
F1 where each flagged value outside of a window is false by itself.

Every rule sees the values once, in order, with the same parameters for all series.
"""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from tallystick.forecasting import CALM, Pattern, observe
from tests.notation import SHARED

DATA = SHARED / "data" / "nab"
_DAY = 288  # values of five minutes

Values = list[tuple[datetime, Decimal]]
Window = tuple[datetime, datetime]
Rule = Callable[[Values], list[datetime]]


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One series, and the windows in which persons saw something odd."""

    name: str
    values: Values
    windows: list[Window]


def read_series() -> list[Labelled]:
    """Return all series by name; skip the test where they are absent."""
    labels = DATA / "labels" / "realAWSCloudwatch_windows.json"
    if not labels.exists():
        pytest.skip("../shared/data/nab is absent")
    windows: dict[str, list[tuple[str, str]]] = json.loads(labels.read_text())
    return [
        Labelled(
            name=name,
            values=_values(name),
            windows=[(_at(start), _at(end)) for start, end in windows[name]],
        )
        for name in sorted(windows)
    ]


def _values(name: str) -> Values:
    with (DATA / name).open(newline="") as file:
        return [(_at(row["timestamp"]), Decimal(row["value"])) for row in csv.DictReader(file)]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def patterns(values: Values) -> list[datetime]:
    """Flag what the product tells, when it tells it."""
    pattern, flagged = Pattern(), []
    for at, value in values:
        seen = observe(pattern, value, at=at)
        pattern = seen.pattern
        flagged += [one.told_at for one in seen.anomalies]
    return flagged


def three_sigma(days: int) -> Rule:
    """Flag what is more than three standard deviations off the mean of the days before."""

    def rule(values: Values) -> list[datetime]:
        seen, width = np.array([float(value) for _, value in values]), days * _DAY
        if len(seen) <= width:
            return []
        before = np.lib.stride_tricks.sliding_window_view(seen, width)[:-1]
        off = np.abs(seen[width:] - before.mean(axis=1)) > 3 * before.std(axis=1)
        return [values[width + int(place)][0] for place in np.flatnonzero(off)]

    return rule


def above_the_mean(values: Values) -> list[datetime]:
    """Flag what is over the mean of up to seven days before by 30 %; from the second day on."""
    seen = np.concatenate([[0], np.cumsum([float(value) for _, value in values])])
    flagged = []
    for place in range(_DAY, len(values)):
        first = max(0, place - 7 * _DAY)
        mean = (seen[place] - seen[first]) / (place - first)
        if float(values[place][1]) > 1.3 * mean:
            flagged.append(values[place][0])
    return flagged


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a rule found, told falsely and missed, and how many values it flagged falsely."""

    found: int
    false: int
    missed: int
    flagged_falsely: int
    windows_touched: int

    @property
    def f1(self) -> float:
        """Return the score by alarms."""
        return 2 * self.found / (2 * self.found + self.false + self.missed)

    @property
    def f1_by_values(self) -> float:
        """Return the score by flagged values."""
        missed = self.found + self.missed - self.windows_touched
        return (2 * self.windows_touched) / (
            2 * self.windows_touched + self.flagged_falsely + missed
        )


def score(series: Sequence[Labelled], flagged: Mapping[str, list[datetime]]) -> Score:
    """Return the score of a rule over some series, given what it flagged in each."""
    found = false = windows = loose = touched = 0
    for one in series:
        times = flagged[one.name]
        alarms = [
            at for before, at in zip([None, *times], times, strict=False) if _opens(before, at)
        ]
        windows += len(one.windows)
        found += _touched(one.windows, alarms)
        touched += _touched(one.windows, times)
        false += sum(not _within(one.windows, at) for at in alarms)
        loose += sum(not _within(one.windows, at) for at in times)
    return Score(
        found=found,
        false=false,
        missed=windows - found,
        flagged_falsely=loose,
        windows_touched=touched,
    )


def _opens(before: datetime | None, at: datetime) -> bool:
    return before is None or at - before > CALM


def _within(windows: list[Window], at: datetime) -> bool:
    return any(start <= at <= end for start, end in windows)


def _touched(windows: list[Window], times: list[datetime]) -> int:
    return sum(any(start <= at <= end for at in times) for start, end in windows)


RULES: Mapping[str, Rule] = {
    "Tallystick": patterns,
    "3 sigma, one day": three_sigma(1),
    "3 sigma, seven days": three_sigma(7),
    "7-day mean + 30 %": above_the_mean,
}
