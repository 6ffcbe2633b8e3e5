"""
The month of the published example: 847,293 of 1,000,000 calls, and the limit on 25 March.

34,347 calls on 1 March and 600 more each day, six of the days with one more: 847,293 in 21 days.
Asked at the beginning of 22 March (UTC), the line says 46,947 for that day; the limit is reached on
the fourth day from then.
"""

from datetime import date
from decimal import Decimal

from tallystick.forecasting import DailyUsage
from tallystick.kernel import instant

CALLS = tuple(34_347 + 600 * day + (1 if day % 4 == 0 else 0) for day in range(21))
USED = 847_293
LIMIT = 1_000_000
ASKED_AT = instant("2026-03-22T00:00:00Z")
MONTH_END = instant("2026-04-01T00:00:00Z")
DAYS = DailyUsage(first=date(2026, 3, 1), values=tuple(Decimal(calls) for calls in CALLS))
