"""Income by days: what was earned on each, what waits, and what was earned and not yet charged."""

from tallystick.invoicing.earned.accrued import accrued_lines, is_in_arrears
from tallystick.invoicing.earned.booked_days import Booking, earned_by_day
from tallystick.invoicing.earned.report import DayRevenue, Income, income_of, revenue_rows

__all__ = [
    "Booking",
    "DayRevenue",
    "Income",
    "accrued_lines",
    "earned_by_day",
    "income_of",
    "is_in_arrears",
    "revenue_rows",
]
