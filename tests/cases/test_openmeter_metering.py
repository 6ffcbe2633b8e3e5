"""Aggregations and windows as OpenMeter's public tests observed them."""

from datetime import UTC
from functools import partial

import msgspec
import pytest

from tallystick.api.schemas.usage_query import UsageOrder
from tallystick.app.metering import WindowSize, windows_of
from tallystick.kernel import Period, WorkspaceId, instant
from tallystick.metering import Meter, UsageQuery, measure_usage
from tests.cases.measuring import CaseCheck, Measuring, measured_book
from tests.clickhouse import UsageStore, of_workspace
from tests.events import event, meter, readings, span, window
from tests.notation import CaseBook, Row
from tests.tally import CaseNotes

FILE = "openmeter-metering.md"
MIXED = [
    event(1, '{"value":123,"name":1}'),
    event(2, '{"value":"0.4567890123456789","name":"a"}'),
    event(3, '{"value":null,"name":null}'),
]
READ_AS = ("sum", "avg", "min", "max", "latest")


def check_mixed(ask: Measuring, row: Row, *, measured: Meter) -> None:
    """Numbers and texts of numbers count, null does not, and no digit is lost."""
    assert ask.quantity(measured, MIXED) == row.number("expected")


def check_no_row(ask: Measuring, _row: Row) -> None:
    """Where nothing was used no group has a row (asked as a whole, each window has one with 0)."""
    for one in READ_AS:
        assert ask.rows(meter(one), readings({-1: "5"}), group_by=("subject",)) == []


def check_nothing(ask: Measuring, row: Row) -> None:
    """Nothing used is one row with 0 where no group is asked for."""
    for one in ("count", "unique"):
        rows = ask.rows(meter(one), readings({-1: "5"}))
        assert [f"one row, {each.fold.quantity}" for each in rows] == [row["expected"]]


def check_border(ask: Measuring, row: Row) -> None:
    """An event at the start of a window belongs to it, one at its end does not."""
    at = 0 if "from" in row["aggregation"] else 3600
    counted = ask.quantity(meter("count"), readings({at: "1"}))
    assert counted == (0 if "not counted" in row["expected"] else 1)


def check_same_second(ask: Measuring, row: Row) -> None:
    """Instants are kept to the microsecond, so the later one of a second is the latest."""
    assert row["Use"].endswith("ours 7")
    assert ask.quantity(meter("latest"), readings({0.9: "7", 0.2: "5"})) == 7


def check_minute(ask: Measuring, row: Row) -> None:
    """A minute takes what happened in its first and in its last second."""
    found = ask.quantity(meter("sum"), readings({0: "10", 59: "20"}), window(0, 60))
    assert f"value {found}" in row["expected"]


def check_same_instant(ask: Measuring, row: Row) -> None:
    """Two events of one instant are two."""
    events = [event(0, '{"v":10}', id="1"), event(0, '{"v":20}', id="2")]
    assert ask.quantity(meter("sum"), events) == row.number("expected")


def check_zone(_ask: Measuring, row: Row, *, size: WindowSize, around: str, zone: str) -> None:
    """A day or month is a local one, 23, 24 or 25 hours a day."""
    at = instant(around)
    span_of_all = Period(start=at.replace(month=1), end=at.replace(month=12).astimezone(UTC))
    if size is WindowSize.MONTH:
        span_of_all = Period(start=at.replace(year=at.year - 1), end=at.replace(month=3))
    windows = windows_of(span_of_all, size, zone) or ()
    (found,) = (one for one in windows if one.contains(at))
    for each in (found.start, found.end):
        assert f"{each:%Y-%m-%dT%H:%M}" in row["expected"]


def check_cut(_ask: Measuring, _row: Row) -> None:
    """The first and the last window are cut to what was asked for: nothing is asked beyond."""
    windows = windows_of(window("00:30:00", "02:30:00"), WindowSize.HOUR, "UTC") or ()
    assert [int(one.seconds) for one in windows] == [1800, 3600, 1800]


def check_customers(ask: Measuring, row: Row) -> None:
    """The usage of a customer is that of its subjects."""
    events = [event(1, f'{{"v":{v}}}', subject=s) for s, v in (("s1", 10), ("s2", 5), ("s3", 7))]
    stored = ask.store.put(events)
    for customer, subjects in (("a", ("s1", "s2")), ("b", ("s3",))):
        query = UsageQuery(
            workspace=WorkspaceId("w"),
            meter=meter("sum"),
            windows=(window(0, 60),),
            spans=tuple(span(subject) for subject in subjects),
        )
        (found,) = ask.store.usage(query, stored)
        assert [found] == measure_usage(of_workspace(query, stored), stored)
        assert f"{customer} {found.fold.quantity}" in row["expected"]


def check_two_customers(_ask: Measuring, row: Row) -> None:
    """A question is for one account, or for all grouped by subject; for two it is refused."""
    assert row["expected"].startswith("rejected")
    order: dict[str, object] = {
        "meters": ["m"],
        "start": "2023-01-01T00:00:00Z",
        "end": "2023-01-02T00:00:00Z",
    }
    assert msgspec.convert(order | {"account": "a"}, UsageOrder).account == "a"
    assert msgspec.convert(order | {"group_by": ["subject"]}, UsageOrder).account is None
    with pytest.raises(msgspec.ValidationError, match=r"account"):
        msgspec.convert(order | {"account": ["a", "b"]}, UsageOrder)


NEW_YORK = partial(check_zone, size=WindowSize.DAY, zone="America/New_York")
CHECKS: dict[str, CaseCheck] = {
    "M01": partial(check_mixed, measured=meter("sum", "value")),
    "M02": partial(check_mixed, measured=meter("count")),
    "M03": partial(check_mixed, measured=meter("avg", "value")),
    "M04": partial(check_mixed, measured=meter("min", "value")),
    "M05": partial(check_mixed, measured=meter("max", "value")),
    "M06": partial(check_mixed, measured=meter("unique", "name")),
    "M07": partial(check_mixed, measured=meter("latest", "value")),
    "M08": check_no_row,
    "M09": check_nothing,
    "M10": check_border,
    "M11": check_border,
    "M12": check_same_second,
    "M26": check_minute,
    "M27": check_same_instant,
    "M28": partial(
        check_zone,
        size=WindowSize.MONTH,
        around="2025-01-15T00:00:00Z",
        zone="Europe/Budapest",
    ),
    "M29": partial(NEW_YORK, around="2024-03-10T12:00:00Z"),
    "M30": partial(NEW_YORK, around="2024-11-03T12:00:00Z"),
    "M31": check_cut,
    "M32": check_two_customers,
    "M33": check_customers,
}


def book(ask: Measuring) -> CaseBook:
    """Return the checks, to be run with a way to measure."""
    return measured_book(FILE, CHECKS, {}, ask=ask)


def test_every_row_is_accounted_for(usage_store: UsageStore, case_notes: CaseNotes) -> None:
    """Each row of the file is checked, or left out for a reason that holds."""
    assert book(Measuring(usage_store)).problems() == []
    case_notes.left_out(FILE, {})


@pytest.mark.parametrize("case", CHECKS)
def test_row(case: str, usage_store: UsageStore, case_notes: CaseNotes) -> None:
    """The row's quantities come out of the folds and of ClickHouse."""
    book(Measuring(usage_store)).check(case)
    case_notes.passed(FILE, case)
