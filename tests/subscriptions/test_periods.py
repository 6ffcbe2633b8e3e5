"""Billing periods: they tile the subscription, by one rule, in the payer's zone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.accounts import ZoneChange
from tallystick.catalog import Alignment, PlanVersion, Proration, Subscription
from tallystick.kernel import (
    AccountKey,
    Interval,
    IntervalUnit,
    InvariantBroken,
    Period,
    PlanKey,
    SubscriptionKey,
    instant,
    period_at,
    time_zone,
)
from tallystick.subscriptions import (
    BillingPeriod,
    Walked,
    billing_periods,
    periods,
    timeline,
    walk_periods,
    whole_period,
)
from tests.strategies import instants, intervals, zones

MONTH = Interval(count=1, of=IntervalUnit.MONTH)
PLAN = PlanVersion(
    plan=PlanKey("pro"),
    version=1,
    name="Pro",
    currency="EUR",
    interval=MONTH,
    alignment=Alignment.CALENDAR,
    prices=(),
    proration=Proration.DAY,
)
ANNIVERSARY = replace(PLAN, alignment=Alignment.ANNIVERSARY)


def subscribed(start: str, end: str | None = None, *, anchor: str = "2026-01-01") -> Subscription:
    """Return a subscription between two instants."""
    return Subscription(
        key=SubscriptionKey("s"),
        account=AccountKey("a"),
        plan=PLAN.plan,
        version=1,
        legal_entity="main",
        start=instant(start),
        end=instant(end) if end else None,
        anchor=date.fromisoformat(anchor),
    )


def local(found: tuple[Period, ...], zone: str = "UTC") -> list[str]:
    """Write periods as local days, with the hour where it is not midnight."""

    def text(at: datetime) -> str:
        shown = at.astimezone(time_zone(zone)).strftime("%m-%dT%H")
        return shown.removesuffix("T00")

    return [f"{text(period.start)}..{text(period.end)}" for period in found]


@pytest.mark.parametrize(
    ("plan", "start", "anchor", "expected"),
    [
        (PLAN, "2026-01-15T00:00:00Z", "2026-01-15", ["01-15..02-01", "02-01..03-01"]),
        (PLAN, "2026-01-15T08:00:00Z", "2026-01-15", ["01-15T08..02-01", "02-01..03-01"]),
        (PLAN, "2026-02-01T00:00:00Z", "2026-02-01", ["02-01..03-01"]),
        (ANNIVERSARY, "2026-01-31T00:00:00Z", "2026-01-31", ["01-31..02-28", "02-28..03-31"]),
        (ANNIVERSARY, "2026-02-10T00:00:00Z", "2026-02-01", ["02-10..03-01"]),
        (ANNIVERSARY, "2026-01-20T00:00:00Z", "2026-03-05", ["01-20..02-05", "02-05..03-05"]),
    ],
)
def test_first_periods(plan: PlanVersion, start: str, anchor: str, expected: list[str]) -> None:
    """The first period ends at the next boundary, short if need be; the others are whole."""
    subscription = subscribed(start, anchor=anchor)
    through = instant("2026-02-28T00:00:00Z")
    assert local(periods(subscription, [plan], "UTC", through=through)) == expected


def test_first_short_period_has_its_whole() -> None:
    """A start in the middle of a month gives a short first period within the whole month."""
    subscription = subscribed("2026-03-15T08:00:00Z")
    through = instant("2026-04-01T00:00:00Z")
    first, second = billing_periods(subscription, [PLAN], "UTC", through=through)
    assert local((first.span, first.whole)) == ["03-15T08..04-01", "03-01..04-01"]
    assert second.span == second.whole
    assert not first.closes
    assert whole_period(first.span, subscription, [PLAN], "UTC") == first.whole


@pytest.mark.parametrize(
    ("end", "expected", "closes"),
    [
        ("2026-02-10T12:00:00Z", ["01-01..02-01", "02-01..02-10T12"], True),
        ("2026-02-01T00:00:00Z", ["01-01..02-01"], False),
        ("2026-01-01T00:00:00Z", [], None),
    ],
)
def test_last_period(end: str, expected: list[str], closes: bool | None) -> None:  # noqa: FBT001 - a cell
    """The last period ends with the subscription; none follows; no time, no period."""
    subscription = subscribed("2026-01-01T00:00:00Z", end)
    found = billing_periods(subscription, [PLAN], "UTC", through=instant("2027-01-01T00:00:00Z"))
    assert local(tuple(period.span for period in found)) == expected
    assert [period.closes for period in found][-1:] == ([] if closes is None else [closes])


def test_through_includes_its_instant() -> None:
    """A period that begins at the instant itself is given, one microsecond later it is not."""
    subscription, through = subscribed("2026-01-01T00:00:00Z"), instant("2026-02-01T00:00:00Z")
    assert len(periods(subscription, [PLAN], "UTC", through=through)) == 2
    before = through - timedelta(microseconds=1)
    assert len(periods(subscription, [PLAN], "UTC", through=before)) == 1


@pytest.mark.parametrize(
    ("zone", "hours"), [("Europe/Berlin", 743), ("UTC", 744), ("America/New_York", 743)]
)
def test_summer_time_shortens_march(zone: str, hours: int) -> None:
    """March has an hour less where clocks go forward, and still ends at local midnight."""
    subscription = subscribed("2026-02-20T00:00:00Z")
    through = instant("2026-03-10T00:00:00Z")
    _, march = periods(subscription, [PLAN], zone, through=through)
    assert march.seconds == hours * 3600
    assert local((march,), zone) == ["03-01..04-01"]


def test_change_of_zone_bridges() -> None:
    """A change takes effect at the next boundary; the period after it leads from old to new."""
    subscription = subscribed("2025-12-31T15:00:00Z")
    moved = ZoneChange(zone="America/Los_Angeles", at=instant("2026-01-10T00:00:00Z"))
    through = instant("2026-03-15T00:00:00Z")
    found = billing_periods(
        subscription, [PLAN], "Asia/Tokyo", through=through, zone_changes=(moved,)
    )
    assert local(tuple(period.span for period in found)) == [
        "12-31T15..01-31T15",
        "01-31T15..03-01T08",
        "03-01T08..04-01T07",
    ]
    assert [period.bridges for period in found] == [False, True, False]
    assert found[1].whole == Period(
        start=instant("2026-02-01T08:00:00Z"), end=instant("2026-03-01T08:00:00Z")
    )


def test_a_change_at_a_boundary_takes_effect_at_the_next() -> None:
    """A change at the instant at which a period begins is in force when that period ends."""
    subscription = subscribed("2025-12-31T15:00:00Z")
    moved = ZoneChange(zone="UTC", at=instant("2026-01-31T15:00:00Z"))
    through = instant("2026-02-01T00:00:00Z")
    found = periods(subscription, [PLAN], "Asia/Tokyo", through=through, zone_changes=(moved,))
    assert local(found) == ["12-31T15..01-31T15", "01-31T15..03-01"]


def test_a_move_over_the_date_line_leaves_no_empty_period() -> None:
    """Where the next midnight of the new zone is the last one of the old, a day falls out."""
    daily = replace(PLAN, interval=Interval(count=1, of=IntervalUnit.DAY))
    subscription = subscribed("2026-01-01T11:00:00Z")
    moved = ZoneChange(zone="Pacific/Fakaofo", at=instant("2026-01-01T12:00:00Z"))
    through = instant("2026-01-03T11:00:00Z")
    found = periods(
        subscription, [daily], "Pacific/Pago_Pago", through=through, zone_changes=(moved,)
    )
    assert local(found) == ["01-01T11..01-02T11", "01-02T11..01-03T11", "01-03T11..01-04T11"]


def test_parts_outside_have_no_whole_period() -> None:
    """Nothing is billed before a subscription or after it."""
    subscription = subscribed("2026-01-10T00:00:00Z", "2026-01-20T00:00:00Z")
    for day in ("2026-01-05", "2026-01-25"):
        start = instant(f"{day}T00:00:00Z")
        part = Period(start=start, end=start + timedelta(days=1))
        with pytest.raises(InvariantBroken, match="outside"):
            whole_period(part, subscription, [PLAN], "UTC")


@st.composite
def stories(draw: st.DrawFn) -> tuple[Subscription, PlanVersion, str, tuple[ZoneChange, ...]]:
    """Subscriptions of any interval and alignment, whose payer may move twice."""
    start = draw(instants())
    interval = draw(intervals())
    plan = replace(PLAN, interval=interval, alignment=draw(st.sampled_from(Alignment)))
    shift = timedelta(days=draw(st.integers(-800, 800)))
    subscription = replace(
        subscribed("2026-01-01T00:00:00Z"),
        start=start,
        end=draw(
            st.none() | st.integers(0, 10**14).map(lambda us: start + timedelta(microseconds=us))
        ),
        anchor=(start + shift).date(),
    )
    moves = sorted(draw(st.sets(st.integers(-400, 800), max_size=2)))
    changes = tuple(ZoneChange(zone=draw(zones()), at=start + timedelta(days=day)) for day in moves)
    return subscription, plan, draw(zones()), changes


@given(story=stories(), ahead=st.integers(0, 60))
def test_periods_tile_time(
    story: tuple[Subscription, PlanVersion, str, tuple[ZoneChange, ...]], ahead: int
) -> None:
    """From the start on, without gap or overlap, up to the end or beyond the instant asked."""
    subscription, plan, zone, changes = story
    hours = timedelta(hours=ahead) if plan.interval.of is IntervalUnit.HOUR else timedelta(0)
    through = subscription.start + (hours or timedelta(days=ahead * 10))
    found = billing_periods(subscription, [plan], zone, through=through, zone_changes=changes)
    edges = [subscription.start]
    for period in found:
        assert period.span.start == edges[-1]
        assert period.span.end == period.whole.end or period.closes
        edges.append(period.span.end)
    if subscription.end is None or subscription.end > through:
        assert edges[-1] > through
    else:
        assert edges[-1] == subscription.end
    assert all(period.span.start <= through for period in found)


Story: TypeAlias = tuple[Subscription, PlanVersion, str, tuple[ZoneChange, ...]]


def walked(story: Story, steps: list[datetime] | None = None) -> Walked:
    """Return the periods of a story as a basis keeps them; each step is noted."""
    subscription, plan, zone, changes = story
    segments = timeline(subscription, [plan])

    def walk(since: datetime | None) -> Iterator[BillingPeriod]:
        for one in walk_periods(subscription, segments, zone, zone_changes=changes, since=since):
            if steps is not None:
                steps.append(one.span.start)
            yield one

    return Walked(walk)


@given(story=stories(), asked=st.lists(st.integers(-30, 300), min_size=1, max_size=6))
def test_a_period_is_found_as_by_walking(story: Story, asked: list[int]) -> None:
    """Whichever instants are asked for, in whatever order, they are found as from the start on."""
    subscription, plan, zone, changes = story
    unit = timedelta(hours=1) if plan.interval.of is IntervalUnit.HOUR else timedelta(days=1)
    kept = walked(story)
    for ahead in asked:
        at = subscription.start + ahead * unit
        span = Period(start=at, end=at + 3 * unit)
        every = billing_periods(subscription, [plan], zone, through=span.end, zone_changes=changes)
        begun = [one for one in every if one.span.start <= at]
        assert kept.last(at) == (begun[-1] if begun else None)
        assert kept.touching(span) == [one for one in every if one.span.end >= span.start]
        assert walked(story).through(at) == tuple(begun)


def test_what_is_found_does_not_depend_on_the_age() -> None:
    """The running hour of a contract of three years is found in a few steps, moves included."""
    hourly = replace(PLAN, interval=Interval(count=1, of=IntervalUnit.HOUR))
    moves = (ZoneChange(zone="Asia/Tokyo", at=instant("2027-05-05T12:00:00Z")),)
    steps: list[datetime] = []
    kept = walked((subscribed("2026-01-01T00:00:00Z"), hourly, "UTC", moves), steps)
    found = kept.last(instant("2029-01-01T09:30:00Z"))
    assert found is not None
    assert str(found.span) == "[2029-01-01T09:00:00.000000Z, 2029-01-01T10:00:00.000000Z)"
    assert len(steps) < 10


@given(story=stories())
def test_wholes_are_the_kernels_periods(
    story: tuple[Subscription, PlanVersion, str, tuple[ZoneChange, ...]],
) -> None:
    """Without a move, each whole period is the one that the kernel finds around its span."""
    subscription, plan, zone, _ = story
    if plan.alignment is Alignment.CALENDAR:
        return
    through = subscription.start + timedelta(days=60)
    for period in billing_periods(subscription, [plan], zone, through=through)[:8]:
        assert period.whole == period_at(
            period.span.start, anchor=subscription.anchor, interval=plan.interval, zone=zone
        )


def test_utc_is_what_is_given() -> None:
    """Instants come out in UTC, whatever the zone."""
    found = periods(
        subscribed("2026-01-01T00:00:00Z"),
        [PLAN],
        "Asia/Kathmandu",
        through=instant("2026-03-01T00:00:00Z"),
    )
    assert {period.end.tzinfo for period in found} == {UTC}
