"""Proration: shares are exact, and those of the parts of a period add up to one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.catalog import Proration
from tallystick.kernel import (
    Amount,
    Interval,
    IntervalUnit,
    InvariantBroken,
    Period,
    currency,
    instant,
    period_at,
    settle,
    time_zone,
)
from tallystick.subscriptions import BillingPeriod, prorate, share_of, share_of_period
from tests.strategies import days, zones

MARCH = Period(start=instant("2026-03-01T00:00:00Z"), end=instant("2026-04-01T00:00:00Z"))


def part(start: str, end: str) -> Period:
    """Return the period between two instants, written without seconds."""
    return Period(start=instant(f"{start}:00Z"), end=instant(f"{end}:00Z"))


@pytest.mark.parametrize(
    ("span", "closes", "expected"),
    [
        (part("2026-03-15T00:00", "2026-04-01T00:00"), False, 17),  # from the 15th, 17 of 31 days
        (part("2026-03-15T23:59", "2026-04-01T00:00"), False, 17),  # whatever the hour
        (
            part("2026-03-01T00:00", "2026-03-15T12:00"),
            False,
            14,
        ),  # the switch day is the new one's
        (
            part("2026-03-01T00:00", "2026-03-15T12:00"),
            True,
            15,
        ),  # the day of a cancellation is billed
        (part("2026-03-01T00:00", "2026-03-15T00:00"), True, 14),  # it ended with the 14th
        (
            part("2026-03-15T09:00", "2026-03-15T10:00"),
            False,
            0,
        ),  # lived an hour, then was replaced
        (
            part("2026-03-15T09:00", "2026-03-15T10:00"),
            True,
            1,
        ),  # lived an hour, then was cancelled
    ],
)
def test_days(span: Period, closes: bool, expected: int) -> None:  # noqa: FBT001 - a cell of the table
    """A day belongs to the version in force at its end; the day of a cancellation is billed."""
    share = share_of(span, whole=MARCH, zone="UTC", mode=Proration.DAY, closes=closes)
    assert share == Fraction(expected, 31)


def test_days_are_the_payers() -> None:
    """The same instant lies in different days for payers in different zones."""
    tokyo = Period(start=instant("2026-02-28T15:00:00Z"), end=instant("2026-03-31T15:00:00Z"))
    span = Period(start=instant("2026-03-14T16:00:00Z"), end=tokyo.end)
    share = share_of(span, whole=tokyo, zone="Asia/Tokyo", mode=Proration.DAY)
    assert share == Fraction(17, 31)


def test_a_short_day_is_a_day() -> None:
    """The day on which clocks go forward counts as much as any other."""
    berlin = Period(start=instant("2026-02-28T23:00:00Z"), end=instant("2026-03-31T22:00:00Z"))
    span = Period(start=instant("2026-03-28T23:00:00Z"), end=instant("2026-03-29T22:00:00Z"))
    assert span.seconds == 23 * 3600
    assert share_of(span, whole=berlin, zone="Europe/Berlin", mode=Proration.DAY) == Fraction(1, 31)
    share = share_of(span, whole=berlin, zone="Europe/Berlin", mode=Proration.SECOND)
    assert share == Fraction(23, 743)


def test_none_is_all() -> None:
    """Without proration every part is charged in full."""
    span = part("2026-03-15T00:00", "2026-03-16T00:00")
    assert share_of(span, whole=MARCH, zone="UTC", mode=Proration.NONE) == 1


def test_an_hour_has_no_days() -> None:
    """Days cannot prorate a period in which none ends."""
    hour = part("2026-03-15T09:00", "2026-03-15T10:00")
    with pytest.raises(InvariantBroken, match="by the second"):
        share_of(hour, whole=hour, zone="UTC", mode=Proration.DAY)


def test_bridging_counts_seconds() -> None:
    """A period that leads from one zone to another is prorated by the second, in any mode."""
    whole = part("2026-02-01T08:00", "2026-03-01T08:00")
    bridge = BillingPeriod(
        span=part("2026-01-31T15:00", "2026-03-01T08:00"),
        whole=whole,
        zone="America/Los_Angeles",
        bridges=True,
    )
    assert share_of_period(bridge, Proration.DAY) == Fraction(28 * 24 + 17, 28 * 24)
    assert share_of_period(bridge, Proration.NONE) == 1


# Fee in minor units of EUR, days billed, days of the whole period, what is charged; the days and
# amounts are those of public examples of day-based proration.
@pytest.mark.parametrize(
    ("fee", "billed", "of", "charged"),
    [
        (100, 28, 31, 90),
        (100, 17, 31, 55),
        (100, 14, 31, 45),
        (100, 292, 365, 80),
        (1000, 27, 31, 871),
        (1500, 20, 31, 968),
        (12000, 275, 366, 9016),
        (118800, 243, 366, 78875),
        (91000, 32, 91, 32000),
        (5000, 22, 31, 3548),
    ],
)
def test_worked_amounts(fee: int, billed: int, of: int, charged: int) -> None:
    """A fee times its share, settled once, half away from zero."""
    amount = Amount(value=Decimal(fee).scaleb(-2), currency=currency("EUR"))
    assert settle(prorate(amount, Fraction(billed, of))).minor == charged


@st.composite
def cut_periods(draw: st.DrawFn) -> tuple[Period, str, list[Period]]:
    """A whole period in some zone, cut into parts at arbitrary instants."""
    of = draw(
        st.sampled_from(
            [IntervalUnit.DAY, IntervalUnit.WEEK, IntervalUnit.MONTH, IntervalUnit.YEAR]
        )
    )
    zone, anchor = draw(zones()), draw(days())
    noon = datetime(anchor.year, anchor.month, anchor.day, 12, tzinfo=UTC)
    whole = period_at(noon, anchor=anchor, interval=Interval(count=1, of=of), zone=zone)
    length = (whole.end - whole.start) // timedelta(microseconds=1)
    cuts = draw(st.sets(st.integers(1, length - 1), max_size=6))
    edges = [
        whole.start,
        *(whole.start + timedelta(microseconds=cut) for cut in sorted(cuts)),
        whole.end,
    ]
    return whole, zone, [Period(start=start, end=end) for start, end in pairwise(edges)]


@given(cut=cut_periods(), mode=st.sampled_from([Proration.DAY, Proration.SECOND]))
def test_parts_add_up_to_the_whole(cut: tuple[Period, str, list[Period]], mode: Proration) -> None:
    """The shares of the parts of a period add up to exactly one, wherever it is cut."""
    whole, zone, parts = cut
    shares = [share_of(each, whole=whole, zone=zone, mode=mode) for each in parts]
    assert sum(shares) == 1
    assert all(share >= 0 for share in shares)


@given(cut=cut_periods())
def test_a_cancelled_part_gains_a_day_at_most(cut: tuple[Period, str, list[Period]]) -> None:
    """Cancelling within a day bills that day and no more; never more than the whole period."""
    whole, zone, parts = cut
    first = parts[0]
    plain = share_of(first, whole=whole, zone=zone, mode=Proration.DAY)
    closed = share_of(first, whole=whole, zone=zone, mode=Proration.DAY, closes=True)
    ends = [edge.astimezone(time_zone(zone)).date() for edge in (whole.start, whole.end)]
    assert plain <= closed <= 1
    assert closed - plain in {0, Fraction(1, (ends[1] - ends[0]).days)}
