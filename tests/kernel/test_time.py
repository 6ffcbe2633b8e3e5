"""Instants and half-open periods."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from tallystick.kernel import Misuse, Period, from_micros, instant, instant_text, micros, time_zone


def period(start: str, end: str) -> Period:
    """Return a period of January 2026 from two texts such as ``05T12:00``."""
    return Period(start=instant(f"2026-01-{start}:00Z"), end=instant(f"2026-01-{end}:00Z"))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01t00:00:00z", "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00.000000Z"),
        ("2025-12-31T19:15:00-04:45", "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500000Z"),
        ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456Z"),
        ("2025-12-31T23:59:59.999999999Z", "2025-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_an_instant_is_read_in_any_offset_and_written_in_utc(text: str, same: str) -> None:
    """Offsets are applied, nanoseconds cut off and never carried into the next period."""
    assert instant_text(instant(text)) == same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00Z",
        "20260101T000000Z",
        "2026-W01-1T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T23:59:60Z",
        "2026-01-01T00:00:00+25:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-01-01T00:00:00Z\n",
        "٢٠٢٦-01-01T00:00:00Z",
    ],
)
def test_what_names_no_instant_is_refused(text: str) -> None:
    """A text without offset, or of a moment that does not exist, is misuse."""
    with pytest.raises(Misuse):
        instant(text)


@pytest.mark.parametrize("count", [0, 1, -1, 1_767_225_600_000_001, -62_135_596_800_000_000])
def test_microseconds_and_instants_are_the_same(count: int) -> None:
    """Both ways are exact, before 1970 too."""
    assert micros(from_micros(count)) == count


def test_a_large_instant_keeps_its_microsecond() -> None:
    """Nothing goes through a binary fraction, which would lose the last digit."""
    assert micros(instant("9999-12-31T23:59:59.999999Z")) == 253_402_300_799_999_999


def test_microseconds_outside_the_calendar_are_refused() -> None:
    """There is no instant after the year 9999."""
    with pytest.raises(Misuse):
        from_micros(10**20)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001 - a datetime without zone is the test
        datetime(2026, 1, 1, tzinfo=time_zone("Europe/Berlin")),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_only_utc_is_an_instant(at: datetime) -> None:
    """A local or naive datetime is refused everywhere."""
    for use in (micros, instant_text, lambda local: Period(start=local, end=local)):
        with pytest.raises(Misuse, match="not in UTC"):
            use(at)


def test_another_name_of_utc_is_utc() -> None:
    """Databases hand out UTC under a zone of their own."""
    assert micros(datetime(1970, 1, 1, tzinfo=time_zone("Etc/UTC"))) == 0


def test_a_period_contains_its_start_and_not_its_end() -> None:
    """Half-open: the end belongs to the next period."""
    day = period("01T00:00", "02T00:00")
    assert day.contains(day.start)
    assert not day.contains(day.end)
    assert day.contains(day.end - timedelta(microseconds=1))
    assert not day.contains(day.start - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (("05T00:00", "06T00:00"), None),
        (("02T00:00", "03T00:00"), None),
        (("01T12:00", "03T00:00"), ("01T12:00", "02T00:00")),
        (("01T06:00", "01T12:00"), ("01T06:00", "01T12:00")),
        (("01T00:00", "02T00:00"), ("01T00:00", "02T00:00")),
    ],
)
def test_periods_that_only_touch_share_nothing(
    other: tuple[str, str], shared: tuple[str, str] | None
) -> None:
    """The overlap is what lies in both, None if that is empty, in either order."""
    day = period("01T00:00", "02T00:00")
    expected = period(*shared) if shared else None
    assert day.overlap(period(*other)) == expected
    assert period(*other).overlap(day) == expected


def test_a_period_is_measured_to_the_microsecond() -> None:
    """Seconds are exact decimals."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert Period(start=start, end=from_micros(micros(start) + 1)).seconds == Decimal("0.000001")
    assert period("01T00:00", "31T00:00").seconds == 30 * 86_400


@pytest.mark.parametrize("end", ["01T00:00", "01T12:00"])
def test_a_period_is_never_empty(end: str) -> None:
    """It ends after it starts."""
    with pytest.raises(Misuse, match="must end after"):
        period("01T12:00", end)
