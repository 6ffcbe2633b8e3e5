"""When a limit is reached, and what a period comes to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.forecasting import (
    DailyUsage,
    Line,
    Standing,
    draw_line,
    project_level,
    project_total,
)
from tallystick.kernel import Misuse, instant
from tests.forecasting.march import ASKED_AT, DAYS, LIMIT, MONTH_END, USED

MARCH = Standing(value=Decimal(USED), limit=Decimal(LIMIT), at=ASKED_AT, end=MONTH_END, zone="UTC")
FLAT = Line(
    origin=date(2026, 3, 1), start=Decimal(24), slope=Decimal(0), spread=Decimal(0), days=30
)


def test_the_example_reaches_its_limit_on_25_march() -> None:
    """847,293 of 1,000,000 calls, asked at the beginning of 22 March."""
    line = draw_line(DAYS)
    assert line is not None
    found = project_total(line, MARCH)
    assert found.reached_on == date(2026, 3, 25)
    assert found.reached_at is not None
    assert found.reached_at.isoformat(timespec="minutes") == "2026-03-25T04:57+00:00"
    assert (found.earliest, found.latest) == (date(2026, 3, 25), date(2026, 3, 25))
    assert int(found.at_end) == 1_343_765


def test_asked_in_the_middle_of_a_day_the_rest_of_it_counts() -> None:
    """At noon half of the day's usage is still to come."""
    noon = replace(MARCH, value=Decimal(0), limit=None, at=ASKED_AT + timedelta(hours=12))
    assert project_total(FLAT, noon).at_end == 24 * 9 + 12


def test_a_day_of_23_hours_is_a_day() -> None:
    """On 29 March in Berlin, 12 of 23 hours are left at noon."""
    at, end = instant("2026-03-29T10:00:00Z"), instant("2026-03-29T22:00:00Z")
    today = Standing(value=Decimal(0), limit=Decimal(24), at=at, end=end, zone="Europe/Berlin")
    found = project_total(FLAT, today)
    assert (found.at_end, found.reached_on) == (Decimal("12.5217391304"), None)


@pytest.mark.parametrize(
    ("limit", "on", "earliest", "latest"),
    [
        ("100", date(2026, 3, 26), date(2026, 3, 25), date(2026, 3, 27)),
        ("239", date(2026, 3, 31), date(2026, 3, 30), None),
        ("241", None, date(2026, 3, 30), None),
        ("5000", None, None, None),
        ("0", date(2026, 3, 22), date(2026, 3, 22), date(2026, 3, 22)),
    ],
)
def test_how_sure_a_date_is_follows_from_the_spread_of_days(
    limit: str, on: date | None, earliest: date | None, latest: date | None
) -> None:
    """24 a day, give or take 10: after four days 96, give or take 25.6; None beyond the period."""
    line = replace(FLAT, spread=Decimal(10))
    found = project_total(line, replace(MARCH, value=Decimal(0), limit=Decimal(limit)))
    assert (found.reached_on, found.earliest, found.latest) == (on, earliest, latest)


def test_a_level_without_rising_trend_reaches_nothing() -> None:
    """What stands or falls is projected to stand or fall, never below nothing."""
    standing = replace(MARCH, value=Decimal(9), limit=Decimal(10))
    for values, at_end in (((9, 9, 9, 9, 9, 9), 9), (range(16, 8, -1), 0)):
        usage = DailyUsage(first=date(2026, 3, 14), values=tuple(map(Decimal, values)))
        found = project_level(usage, standing)
        assert found.at_end == at_end
        assert (found.reached_on, found.earliest) == (None, None)


def test_a_level_may_be_faster_or_slower() -> None:
    """Its dates follow from the quartiles of its slopes."""
    usage = DailyUsage(
        first=date(2026, 3, 12),
        values=tuple(map(Decimal, (50, 51, 53, 54, 56, 57, 59, 60, 62, 63))),
    )
    found = project_level(usage, replace(MARCH, value=Decimal(63), limit=Decimal(70)))
    assert (found.earliest, found.reached_on, found.latest) == (
        date(2026, 3, 26),
        date(2026, 3, 26),
        date(2026, 3, 26),
    )


def test_credit_is_used_up_as_a_limit_is_reached() -> None:
    """A balance of 60 at 24 a day lasts until the third day."""
    found = project_total(FLAT, replace(MARCH, value=Decimal(0), limit=Decimal(60)))
    assert found.reached_at == ASKED_AT + timedelta(hours=60)


def test_nobody_looks_further_than_400_days_ahead() -> None:
    """Nothing was seen for so long."""
    with pytest.raises(Misuse):
        replace(MARCH, end=ASKED_AT + timedelta(days=401))


@given(
    start=st.integers(0, 100),
    slope=st.integers(-10, 10),
    used=st.integers(0, 500),
    limit=st.integers(1, 3000),
    hours=st.integers(0, 400),
)
def test_a_total_grows_as_a_walk_by_hours_says(
    *, start: int, slope: int, used: int, limit: int, hours: int
) -> None:
    """Added up hour by hour in fractions, the same end comes out, and the same day."""
    at = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=hours)
    line = replace(FLAT, start=Decimal(start), slope=Decimal(slope))
    total, reached = Fraction(used), at.date() if used >= limit else None
    hour = at
    while hour < MONTH_END:
        total += Fraction(max(start + slope * (hour.date() - FLAT.origin).days, 0), 24)
        if reached is None and total >= limit:
            reached = hour.date()
        hour += timedelta(hours=1)
    standing = Standing(value=Decimal(used), limit=Decimal(limit), at=at, end=MONTH_END, zone="UTC")
    found = project_total(line, standing)
    assert abs(Fraction(found.at_end) - total) < Fraction(1, 10**6)
    assert found.reached_on == reached
    if found.reached_at is not None and found.reached_on is not None:
        assert found.reached_at.date() - found.reached_on in {timedelta(0), timedelta(days=1)}
