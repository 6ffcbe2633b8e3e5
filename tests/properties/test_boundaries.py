"""Properties of periods, over zones with jumps and anchors at month ends."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.kernel import (
    Interval,
    IntervalUnit,
    boundary,
    calendar_anchor,
    period_at,
    time_zone,
)
from tests.strategies import days, instants, intervals, zones

MONTHS = {
    IntervalUnit.MONTH: 1,
    IntervalUnit.QUARTER: 3,
    IntervalUnit.HALF_YEAR: 6,
    IntervalUnit.YEAR: 12,
}


@given(instants(), days(), intervals(), zones())
def test_every_instant_lies_in_its_period(
    at: datetime, anchor: date, interval: Interval, zone: str
) -> None:
    """The period asked for at an instant contains it."""
    assert period_at(at, anchor=anchor, interval=interval, zone=zone).contains(at)


@given(instants(), days(), intervals(), zones())
def test_periods_tile_time(at: datetime, anchor: date, interval: Interval, zone: str) -> None:
    """The next period begins where one ends; nothing lies between them or in both."""
    one = period_at(at, anchor=anchor, interval=interval, zone=zone)
    following = period_at(one.end, anchor=anchor, interval=interval, zone=zone)
    before = period_at(
        one.start - timedelta(microseconds=1), anchor=anchor, interval=interval, zone=zone
    )
    assert following.start == one.end
    assert before.end == one.start
    assert one.overlap(following) is None


@given(days(), intervals(), st.integers(-50, 50), zones())
def test_boundaries_never_go_back(anchor: date, interval: Interval, k: int, zone: str) -> None:
    """A later boundary is not earlier, whatever the clocks do."""
    assert boundary(anchor, interval, k, zone) <= boundary(anchor, interval, k + 1, zone)


@given(days(), intervals().filter(lambda each: each.of in MONTHS), st.integers(-50, 50))
def test_month_ends_do_not_drift(anchor: date, interval: Interval, k: int) -> None:
    """Each boundary has the anchor's own day, or the month's last where there is no such day."""
    day = boundary(anchor, interval, k, "UTC").date()
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    assert months == k * interval.count * MONTHS[interval.of]
    assert day.day == min(anchor.day, monthrange(day.year, day.month)[1])


@example(year=1994, k=11, zone="Pacific/Kiritimati")
@example(year=1994, k=11, zone="Pacific/Enderbury")
@given(st.integers(1980, 2060), st.integers(0, 48), zones())
def test_a_january_31_comes_back(year: int, k: int, zone: str) -> None:
    """Monthly periods from January 31 begin on last days, or behind one that a zone left out."""
    month = Interval(count=1, of=IntervalUnit.MONTH)
    at = boundary(date(year, 1, 31), month, k, zone).astimezone(time_zone(zone))
    months = year * 12 + k
    last = date(months // 12, months % 12 + 1, monthrange(months // 12, months % 12 + 1)[1])
    noon = datetime.combine(last, time(12), tzinfo=time_zone(zone))
    left_out = noon.astimezone(UTC).astimezone(time_zone(zone)).date() != last
    assert at.date() == (last + timedelta(days=1) if left_out else last)


@given(days(), st.integers(-500, 500), zones())
def test_a_boundary_is_the_first_instant_of_its_day(anchor: date, k: int, zone: str) -> None:
    """A microsecond before a boundary the local date is an earlier one."""
    daily = Interval(count=1, of=IntervalUnit.DAY)
    at = boundary(anchor, daily, k, zone)
    place = time_zone(zone)
    assert at.tzinfo is UTC
    assert (at - timedelta(microseconds=1)).astimezone(place).date() < at.astimezone(place).date()


@given(days(), intervals(), zones())
def test_a_calendar_anchor_is_near_and_stays(day: date, interval: Interval, zone: str) -> None:
    """The calendar's anchor is not after the day, and aligning it again changes nothing."""
    anchor = calendar_anchor(day, interval)
    assert anchor <= day
    assert calendar_anchor(anchor, interval) == anchor
    at = boundary(day, interval, 0, zone)
    assert period_at(at, anchor=anchor, interval=interval, zone=zone).contains(at)
