"""How usage goes on: trends, when a limit is reached, and what is not as it was."""

from tallystick.forecasting.anomalies import (
    CALM,
    Anomaly,
    AnomalyKind,
    Observed,
    close_hour,
    observe,
)
from tallystick.forecasting.expecting import LEARNING_HOURS, Tolerance
from tallystick.forecasting.pattern import Expectation, Pattern, RunningHour, SeenHour

__all__ = [
    "CALM",
    "LEARNING_HOURS",
    "Anomaly",
    "AnomalyKind",
    "Expectation",
    "Observed",
    "Pattern",
    "RunningHour",
    "SeenHour",
    "Tolerance",
    "close_hour",
    "observe",
]
