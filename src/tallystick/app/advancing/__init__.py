"""The clock of a test workspace: where it stands, and advancing it through all that falls due."""

from tallystick.app.advancing.advance_clock import (
    AdvanceClock,
    AdvanceProgress,
    AdvanceReport,
    advance_clock,
)
from tallystick.app.advancing.show_clock import ClockStanding, show_clock
from tallystick.app.advancing.steps import Step, interval_from, moved_by

__all__ = [
    "AdvanceClock",
    "AdvanceProgress",
    "AdvanceReport",
    "ClockStanding",
    "Step",
    "advance_clock",
    "interval_from",
    "moved_by",
    "show_clock",
]
