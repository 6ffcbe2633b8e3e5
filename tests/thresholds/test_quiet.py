"""One notice for several crossings, held while the payer sleeps."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Misuse, instant, instant_text, time_zone
from tallystick.thresholds import (
    Basis,
    Crossing,
    Notice,
    QuietHours,
    Severity,
    Watched,
    default_watch,
    evaluate,
    gather,
    tell_at,
)
from tallystick.thresholds.evaluating import WatchState
from tallystick.thresholds.quiet import held_until
from tests.strategies import zones
from tests.thresholds.watching import at_hours, follow, percent, reading, usage

NIGHT = QuietHours(start=time(22), end=time(7), zone="Europe/Berlin")


def notice(severity: Severity) -> Notice:
    """Return a notice of one crossing."""
    threshold = replace(percent(80), severity=severity)
    crossing = Crossing(
        threshold=threshold,
        at=reading(0).at,
        value=Decimal(800),
        limit=Decimal(1000),
        level=Decimal(800),
    )
    return Notice(crossings=(crossing,))


def test_one_jump_is_one_notice() -> None:
    """From 0 to 95 %: both are recorded, the higher one heads the notice."""
    watch = usage(percent(80), percent(90))
    (found,) = follow(watch, at_hours([950]))
    one = gather(found.crossings)
    assert one is not None
    assert [each.level for each in one.crossings] == [800, 900]
    assert one.foremost.level == 900


def test_what_has_happened_comes_before_what_is_expected() -> None:
    """A projection never heads a notice that has more to say, and the most urgent names it."""
    seen = replace(reading(1000), projected=Decimal(3000))
    watch = default_watch(Watched.USAGE)
    ahead = replace(watch.thresholds[3], amount=Decimal(200), severity=Severity.CRITICAL)
    found = gather(evaluate(usage(ahead, *watch.thresholds), WatchState(), seen).crossings)
    assert found is not None
    assert found.foremost.threshold.name == "100 %"
    assert found.severity is Severity.CRITICAL
    assert {one.threshold.basis for one in found.crossings} == {Basis.PERCENT, Basis.PROJECTED}


def test_held_crossings_are_told_together() -> None:
    """Those of several readings in one night make one notice, in order; none make none."""
    night = follow(usage(percent(80), percent(90)), at_hours([810, 910]))
    found = gather(reversed([crossing for one in night for crossing in one.crossings]))
    assert found is not None
    assert [one.threshold.name for one in found.crossings] == ["80 %", "90 %"]
    assert found.at == night[1].state.at
    assert gather(()) is None


@pytest.mark.parametrize(
    ("at", "zone", "told"),
    [
        ("2026-03-10T01:15", "Europe/Berlin", "2026-03-10T06:00"),
        ("2026-03-10T06:00", "Europe/Berlin", "2026-03-10T06:00"),
        ("2026-03-10T20:59", "Europe/Berlin", "2026-03-10T20:59"),
        ("2026-03-10T21:00", "Europe/Berlin", "2026-03-11T06:00"),
        # The clock jumps in this night, and goes back in that.
        ("2026-03-28T21:30", "Europe/Berlin", "2026-03-29T05:00"),
        ("2026-10-24T20:30", "Europe/Berlin", "2026-10-25T06:00"),
        ("2026-03-10T01:15", "Asia/Kathmandu", "2026-03-10T01:15"),
    ],
)
def test_a_notice_waits_for_the_morning_of_the_payer(at: str, zone: str, told: str) -> None:
    """Until 07:00 on the payer's clock."""
    found = tell_at(notice(Severity.WARNING), instant(f"{at}:00Z"), replace(NIGHT, zone=zone))
    assert instant_text(found)[:16] == told


def test_a_critical_notice_wakes_people() -> None:
    """What is critical does not wait, nor does anything without quiet hours."""
    at = instant("2026-03-10T01:15:00Z")
    assert tell_at(notice(Severity.CRITICAL), at, NIGHT) == at
    assert tell_at(notice(Severity.INFO), at, None) == at
    assert tell_at(notice(Severity.INFO), at, NIGHT) > at


def test_hours_that_the_clock_shows_twice_are_quiet_twice() -> None:
    """01:00 to 02:30 in Berlin ends the second time that it is 02:30 in autumn."""
    hours = QuietHours(start=time(1), end=time(2, 30), zone="Europe/Berlin")
    for at in ("2026-10-25T00:29:00Z", "2026-10-25T01:29:00Z"):
        assert held_until(instant(at), hours) == instant("2026-10-25T01:30:00Z")


@pytest.mark.parametrize(
    ("start", "end", "zone"),
    [
        (time(7), time(7), "UTC"),
        (time(7), time(8), "Europe/Nowhere"),
        (time(7, tzinfo=UTC), time(8), "UTC"),
    ],
)
def test_quiet_hours_are_a_part_of_a_local_day(start: time, end: time, zone: str) -> None:
    """Hours without length, or in no zone, are misuse."""
    with pytest.raises(Misuse):
        QuietHours(start=start, end=end, zone=zone)


MINUTES = st.integers(0, 24 * 60 - 1)


def walked(at: datetime, quiet: QuietHours) -> datetime:
    """Return when the clock on the wall first shows no quiet time, minute by minute."""
    zone = time_zone(quiet.zone)
    while True:
        shown = at.astimezone(zone).time()
        late, early = shown >= quiet.start, shown < quiet.end
        if not (late and early if quiet.start < quiet.end else late or early):
            return at
        at += timedelta(minutes=1)


@given(MINUTES, MINUTES, zones(), st.integers(0, 3 * 365 * 24 * 60))
def test_a_wait_ends_when_the_wall_says_so(start: int, end: int, zone: str, later: int) -> None:
    """Where the clock neither jumps nor returns meanwhile, that is what a walk by minutes finds."""
    if start == end:
        return
    quiet = QuietHours(start=time(*divmod(start, 60)), end=time(*divmod(end, 60)), zone=zone)
    at = instant("2024-01-01T00:00:00Z") + timedelta(minutes=later)
    found = held_until(at, quiet)
    assert at <= found <= at + timedelta(hours=25)
    days = (at + timedelta(days=n) for n in range(-1, 3))
    if len({day.astimezone(time_zone(zone)).utcoffset() for day in days}) == 1:
        assert found == walked(at, quiet)
