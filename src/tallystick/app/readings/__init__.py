"""Values that alert rules watch and no counter holds: money, and what usage comes to."""

from tallystick.app.readings.budget import BudgetRead, budget_window, read_budget
from tallystick.app.readings.keep_readings import ReadingsKeeping, keep_readings
from tallystick.app.readings.spending import Spent

__all__ = [
    "BudgetRead",
    "ReadingsKeeping",
    "Spent",
    "budget_window",
    "keep_readings",
    "read_budget",
]
