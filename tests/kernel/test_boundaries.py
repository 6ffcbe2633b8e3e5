"""Where periods begin: month ends, zones, clocks that jump."""

from datetime import date

import pytest

from tallystick.kernel import (
    Interval,
    IntervalUnit,
    Misuse,
    boundary,
    calendar_anchor,
    instant,
    instant_text,
    period_at,
)


def every(of: str, count: int = 1) -> Interval:
    """Return an interval by the name of its unit."""
    return Interval(count=count, of=IntervalUnit(of))


@pytest.mark.parametrize(
    ("anchor", "interval", "k", "zone", "at"),
    [
        ("2026-01-31", every("month"), 1, "UTC", "2026-02-28T00:00"),
        ("2026-01-31", every("month"), 2, "UTC", "2026-03-31T00:00"),
        ("2026-01-31", every("month"), 3, "UTC", "2026-04-30T00:00"),
        ("2024-01-31", every("month"), 1, "UTC", "2024-02-29T00:00"),
        ("2026-01-31", every("month"), -2, "UTC", "2025-11-30T00:00"),
        ("2024-02-29", every("year"), 1, "UTC", "2025-02-28T00:00"),
        ("2024-02-29", every("year"), 4, "UTC", "2028-02-29T00:00"),
        ("2026-08-31", every("half_year"), 1, "UTC", "2027-02-28T00:00"),
        ("2025-11-30", every("quarter"), 1, "UTC", "2026-02-28T00:00"),
        ("2026-01-01", every("month", 2), 3, "UTC", "2026-07-01T00:00"),
        ("2026-01-01", every("week", 2), 2, "UTC", "2026-01-29T00:00"),
        ("2026-03-01", every("month"), 0, "Europe/Berlin", "2026-02-28T23:00"),
        ("2026-03-01", every("month"), 1, "Europe/Berlin", "2026-03-31T22:00"),
        ("2022-03-01", every("month"), 1, "America/New_York", "2022-04-01T04:00"),
        # Midnight does not exist: the clock jumps from 00:00 to 01:00.
        ("2018-11-04", every("day"), 0, "America/Sao_Paulo", "2018-11-04T03:00"),
        # Midnight comes twice: the clock goes from 01:00 back to 00:00; the first counts.
        ("2025-11-02", every("day"), 0, "America/Havana", "2025-11-02T04:00"),
        # The day does not exist: it has no length.
        ("2011-12-30", every("day"), 0, "Pacific/Apia", "2011-12-30T10:00"),
        ("2011-12-30", every("day"), 1, "Pacific/Apia", "2011-12-30T10:00"),
        # Hours are elapsed hours: 24 of them end at 01:00 on the day that has 23.
        ("2026-03-29", every("hour"), 24, "Europe/Berlin", "2026-03-29T23:00"),
        ("2026-03-29", every("hour", 6), -1, "Europe/Berlin", "2026-03-28T17:00"),
    ],
)
def test_a_boundary_is_local_midnight_counted_from_the_anchor(
    anchor: str, interval: Interval, k: int, zone: str, at: str
) -> None:
    """Anchor plus k intervals, the day clamped to the month's last, at midnight of the zone."""
    found = boundary(date.fromisoformat(anchor), interval, k, zone)
    assert instant_text(found) == f"{at}:00.000000Z"


@pytest.mark.parametrize(
    ("at", "start", "end"),
    [
        ("2026-03-29T00:30:00Z", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("2026-10-25T12:00:00Z", "2026-10-24T22:00", "2026-10-25T23:00"),
    ],
)
def test_a_local_day_may_have_23_or_25_hours(at: str, start: str, end: str) -> None:
    """Days follow the clocks of the zone."""
    anchor = date(2026, 1, 1)
    day = period_at(instant(at), anchor=anchor, interval=every("day"), zone="Europe/Berlin")
    assert (instant_text(day.start), instant_text(day.end)) == (
        f"{start}:00.000000Z",
        f"{end}:00.000000Z",
    )


def test_no_instant_falls_into_a_day_left_out() -> None:
    """In Apia the instant that would begin December 30 belongs to December 31."""
    anchor = date(2011, 12, 1)
    at = instant("2011-12-30T10:00:00Z")
    day = period_at(at, anchor=anchor, interval=every("day"), zone="Pacific/Apia")
    assert day.contains(at)
    assert day.seconds == 86_400


@pytest.mark.parametrize(
    ("at", "start"),
    [
        ("2026-02-27T23:59:59.999999Z", "2026-01-31"),
        ("2026-02-28T00:00:00Z", "2026-02-28"),
        ("2026-03-30T23:59:59.999999Z", "2026-02-28"),
        ("2026-03-31T00:00:00Z", "2026-03-31"),
        ("2025-02-28T00:00:00Z", "2025-02-28"),
    ],
)
def test_an_instant_at_a_boundary_begins_the_period(at: str, start: str) -> None:
    """The start belongs to a period, before the anchor too."""
    month = period_at(instant(at), anchor=date(2026, 1, 31), interval=every("month"), zone="UTC")
    assert month.start.date().isoformat() == start


@pytest.mark.parametrize(
    ("day", "interval", "anchor"),
    [
        ("2026-08-20", every("hour"), "2026-08-20"),
        ("2026-08-20", every("day"), "2026-08-20"),
        ("2026-08-20", every("week"), "2026-08-17"),
        ("2026-08-17", every("week"), "2026-08-17"),
        ("2026-08-20", every("month"), "2026-08-01"),
        ("2026-08-20", every("month", 2), "2026-07-01"),
        ("2026-08-20", every("month", 5), "2026-08-01"),
        ("2026-08-20", every("quarter"), "2026-07-01"),
        ("2026-03-31", every("quarter"), "2026-01-01"),
        ("2026-08-20", every("half_year"), "2026-07-01"),
        ("2026-08-20", every("quarter", 2), "2026-07-01"),
        ("2026-08-20", every("year"), "2026-01-01"),
        ("2026-08-20", every("year", 2), "2026-01-01"),
    ],
)
def test_the_calendar_s_anchor(day: str, interval: Interval, anchor: str) -> None:
    """Weeks begin on Monday; months that divide a year are counted from January."""
    assert calendar_anchor(date.fromisoformat(day), interval).isoformat() == anchor


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_an_interval_advances(count: int) -> None:
    """No interval is empty, goes backwards, or outlives all contracts."""
    with pytest.raises(Misuse):
        every("month", count)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    """A zone is an IANA name and nothing that touches another file."""
    with pytest.raises(Misuse, match="IANA"):
        boundary(date(2026, 1, 1), every("month"), 0, zone)


@pytest.mark.parametrize("k", [10**6, -(10**6), 10**12])
def test_boundaries_stay_within_the_calendar(k: int) -> None:
    """Years beyond 9999 or before 1 do not exist."""
    for interval in (every("month"), every("day", 1000), every("hour", 1000)):
        with pytest.raises(Misuse, match="years 1 to 9999"):
            boundary(date(2026, 1, 1), interval, k * 1000, "UTC")
