"""The earlier period that usage is compared with."""

import pytest

from tallystick.app.metering import previous_period, year_before
from tallystick.kernel import Period, instant

BERLIN = "Europe/Berlin"


def period(start: str, end: str) -> Period:
    """Return a period between two instants."""
    return Period(start=instant(start), end=instant(end))


@pytest.mark.parametrize(
    ("zone", "start", "end", "expected"),
    [
        ("UTC", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        ("UTC", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z", "2025-10-01T00:00:00Z"),
        ("UTC", "2026-03-05T00:00:00Z", "2026-03-12T00:00:00Z", "2026-02-26T00:00:00Z"),
        ("UTC", "2026-03-01T06:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T03:00:00Z"),
        # March in Berlin begins at 23:00 UTC; February there as well.
        (BERLIN, "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z", "2026-01-31T23:00:00Z"),
        # The day after the clocks went forward is compared with the day of 23 hours.
        (BERLIN, "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z", "2026-03-28T23:00:00Z"),
    ],
)
def test_previous_lies_directly_before(zone: str, start: str, end: str, expected: str) -> None:
    """Months are compared with months, days with days of the zone, the rest by elapsed time."""
    assert previous_period(period(start, end), zone) == period(expected, start)


@pytest.mark.parametrize(
    ("zone", "start", "end", "expected"),
    [
        (
            BERLIN,
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
            ("2025-03-28T23:00:00Z", "2025-03-29T23:00:00Z"),
        ),
        (
            "UTC",
            "2024-02-01T00:00:00Z",
            "2024-03-01T00:00:00Z",
            ("2023-02-01T00:00:00Z", "2023-03-01T00:00:00Z"),
        ),
        (
            "UTC",
            "2024-02-29T10:00:00Z",
            "2024-02-29T12:00:00Z",
            ("2023-02-28T10:00:00Z", "2023-02-28T12:00:00Z"),
        ),
        (
            "UTC",
            "2024-02-28T23:00:00Z",
            "2024-02-29T01:00:00Z",
            ("2023-02-28T23:00:00Z", "2023-03-01T01:00:00Z"),
        ),
    ],
)
def test_a_year_before_has_the_same_local_dates(
    zone: str, start: str, end: str, expected: tuple[str, str]
) -> None:
    """The same dates and clock times a year earlier, never an empty stretch."""
    assert year_before(period(start, end), zone) == period(*expected)
