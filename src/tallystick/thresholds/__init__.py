"""When to tell that usage, spend, credit or a budget passed a threshold, once."""

from tallystick.thresholds.evaluating import Evaluation, Reading, WatchState, evaluate
from tallystick.thresholds.notices import Notice, gather
from tallystick.thresholds.passing import Crossing, Measure, percent_of, times_passed
from tallystick.thresholds.quiet import QuietHours, held_until, tell_at
from tallystick.thresholds.rule import Group, GroupBy, Rule, Step
from tallystick.thresholds.threshold import (
    AMOUNT_MAX,
    Basis,
    Severity,
    Threshold,
    Watch,
    Watched,
    default_watch,
    watch_problems,
)

__all__ = [
    "AMOUNT_MAX",
    "Basis",
    "Crossing",
    "Evaluation",
    "Group",
    "GroupBy",
    "Measure",
    "Notice",
    "QuietHours",
    "Reading",
    "Rule",
    "Severity",
    "Step",
    "Threshold",
    "Watch",
    "WatchState",
    "Watched",
    "default_watch",
    "evaluate",
    "gather",
    "held_until",
    "percent_of",
    "tell_at",
    "times_passed",
    "watch_problems",
]
