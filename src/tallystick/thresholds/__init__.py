"""When to tell that usage, spend, credit or a budget passed a threshold, once."""

from tallystick.thresholds.evaluating import Evaluation, Reading, WatchState, evaluate
from tallystick.thresholds.notices import Notice, gather
from tallystick.thresholds.passing import Crossing, percent_of
from tallystick.thresholds.quiet import QuietHours, tell_at
from tallystick.thresholds.threshold import (
    Basis,
    Severity,
    Threshold,
    Watch,
    Watched,
    default_watch,
    watch_problems,
)

__all__ = [
    "Basis",
    "Crossing",
    "Evaluation",
    "Notice",
    "QuietHours",
    "Reading",
    "Severity",
    "Threshold",
    "Watch",
    "WatchState",
    "Watched",
    "default_watch",
    "evaluate",
    "gather",
    "percent_of",
    "tell_at",
    "watch_problems",
]
