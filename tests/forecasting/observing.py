"""Series of usage as the tests of anomalies write them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.forecasting import Anomaly, Pattern, Tolerance, observe
from tallystick.kernel import instant

MONDAY = instant("2026-03-02T00:00:00Z")
HOUR = timedelta(hours=1)

Series = list[tuple[datetime, Decimal]]


def hourly(count: int, usage: Callable[[datetime], int], start: datetime = MONDAY) -> Series:
    """Return so many hours of usage, as a function of the instant says."""
    return [(at, Decimal(usage(at))) for at in (start + number * HOUR for number in range(count))]


def follow(
    series: Iterable[tuple[datetime, Decimal]],
    *,
    pattern: Pattern | None = None,
    zone: str = "UTC",
    tolerance: Tolerance | None = None,
) -> tuple[Pattern, list[Anomaly]]:
    """Return what is remembered of a series, and all that was told of it."""
    found: list[Anomaly] = []
    pattern = pattern or Pattern()
    for at, value in series:
        seen = observe(pattern, value, at=at, zone=zone, tolerance=tolerance or Tolerance())
        pattern = seen.pattern
        found += seen.anomalies
    return pattern, found


def told(series: Series, zone: str = "UTC", tolerance: Tolerance | None = None) -> list[str]:
    """Return kind, day and hour of what was told of a series."""
    _, found = follow(series, zone=zone, tolerance=tolerance)
    return [f"{one.kind.value} {one.at:%d %H:%M}" for one in found]
