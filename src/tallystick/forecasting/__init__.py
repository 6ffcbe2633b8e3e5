"""How usage goes on: trends, when a limit is reached, and what is not as it was."""

from tallystick.forecasting.anomalies import (
    CALM,
    Anomaly,
    AnomalyKind,
    Observed,
    close_hour,
    most_at,
    observe,
)
from tallystick.forecasting.expecting import LEARNING_HOURS, Tolerance
from tallystick.forecasting.line import Line, draw_line
from tallystick.forecasting.pattern import HOURS_KEPT, Expectation, Pattern, RunningHour, SeenHour
from tallystick.forecasting.projection import (
    Projection,
    Standing,
    project_level,
    project_total,
)
from tallystick.forecasting.trend import DAYS_MAX, DailyUsage, Direction, Trend, trend_of

__all__ = [
    "CALM",
    "DAYS_MAX",
    "HOURS_KEPT",
    "LEARNING_HOURS",
    "Anomaly",
    "AnomalyKind",
    "DailyUsage",
    "Direction",
    "Expectation",
    "Line",
    "Observed",
    "Pattern",
    "Projection",
    "RunningHour",
    "SeenHour",
    "Standing",
    "Tolerance",
    "Trend",
    "close_hour",
    "draw_line",
    "most_at",
    "observe",
    "project_level",
    "project_total",
    "trend_of",
]
