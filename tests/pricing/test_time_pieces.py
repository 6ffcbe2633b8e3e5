"""Where a period is cut: at bands of the local day, through summer time, and at dated rates."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tallystick.kernel import Period, instant
from tallystick.pricing import (
    DatedRate,
    DynamicPrice,
    TimeBand,
    TimeOfUsePrice,
    UnitPrice,
    pieces_of,
)

ONE = Decimal(1)


def pieces(begin: str, end: str, start: str, stop: str, *, days: str = "") -> list[tuple[str, str]]:
    """Return the pieces of a period in Berlin under one band: when each starts, and its name."""
    on = tuple(days.split())
    band = TimeBand(name="band", unit_price=ONE, begin=begin, end=end, days=on)
    period = Period(start=instant(f"{start}:00Z"), end=instant(f"{stop}:00Z"))
    model = TimeOfUsePrice(bands=(band,), otherwise=ONE)
    found = pieces_of(model, period, zone="Europe/Berlin")
    assert found[-1][0].end == period.end
    return [(f"{piece.start:%d %H:%M}", name) for piece, name in found]


def test_a_band_whose_end_is_left_out_ends_with_the_jump() -> None:
    """On March 29 the clock goes from 02:00 to 03:00: 02:30 is passed then, at 01:00 UTC."""
    found = pieces("22:00", "02:30", "2026-03-28T20:00", "2026-03-29T10:00")
    assert found == [("28 20:00", "otherwise"), ("28 21:00", "band"), ("29 01:00", "otherwise")]


def test_an_hour_that_comes_twice_is_twice_in_its_band() -> None:
    """On October 25 the clock shows 02:30 twice, and leaves the band in between."""
    found = pieces("02:30", "04:00", "2026-10-24T23:00", "2026-10-25T10:00")
    assert found == [
        ("24 23:00", "otherwise"),
        ("25 00:30", "band"),
        ("25 01:00", "otherwise"),
        ("25 01:30", "band"),
        ("25 03:00", "otherwise"),
    ]


def test_a_band_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """Friday's night ends on Saturday morning; Thursday's is none."""
    found = pieces("22:00", "06:00", "2026-01-01T12:00", "2026-01-03T12:00", days="fri")
    assert found == [("01 12:00", "otherwise"), ("02 21:00", "band"), ("03 05:00", "otherwise")]


def test_the_first_band_that_holds_an_instant_decides() -> None:
    """An exception stands before the rule."""
    bands = (
        TimeBand(name="noon", unit_price=ONE, begin="12:00", end="13:00"),
        TimeBand(name="day", unit_price=ONE, begin="08:00", end="20:00"),
    )
    period = Period(start=instant("2026-01-01T00:00:00Z"), end=instant("2026-01-02T00:00:00Z"))
    found = pieces_of(TimeOfUsePrice(bands=bands, otherwise=ONE), period, zone="UTC")
    assert [(piece.start.hour, name) for piece, name in found] == [
        (0, "otherwise"),
        (8, "day"),
        (12, "noon"),
        (13, "day"),
        (20, "otherwise"),
    ]


@pytest.mark.parametrize(
    ("start", "names"),
    [
        ("2026-01-01T00:00:00Z", ["before the series", "2026-01-02T06:00:00.000000Z"]),
        ("2026-01-02T06:00:00Z", ["2026-01-02T06:00:00.000000Z", "2026-01-04T00:00:00.000000Z"]),
        ("2026-02-01T00:00:00Z", ["2026-01-04T00:00:00.000000Z"]),
    ],
)
def test_a_rate_holds_until_the_next_one(start: str, names: list[str]) -> None:
    """From its instant until before the next; the last one until further notice."""
    rates = ("2026-01-02T06:00:00Z", "2026-01-04T00:00:00Z")
    model = DynamicPrice(series=tuple(DatedRate(at=instant(at), unit_price=ONE) for at in rates))
    period = Period(start=instant(start), end=instant(start) + timedelta(days=2))
    assert [name for _, name in pieces_of(model, period, zone="UTC")] == names


def test_other_models_cut_nothing() -> None:
    """A price of a unit has one piece without a name."""
    period = Period(start=instant("2026-01-01T00:00:00Z"), end=instant("2026-01-02T00:00:00Z"))
    assert pieces_of(UnitPrice(unit_price=ONE), period, zone="UTC") == ((period, ""),)
