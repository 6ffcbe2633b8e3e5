"""Aggregations as Lago's public suite observed them."""

from decimal import Decimal
from functools import partial

import pytest

from tallystick.expressions import Kind
from tallystick.kernel import plain
from tallystick.metering import Dimension, Event, Meter
from tallystick.pricing import billable_quantity
from tests.cases.gated import submit
from tests.cases.measuring import CaseCheck, Measuring, measured_book
from tests.cases.priced import price
from tests.clickhouse import UsageStore
from tests.events import computed, event, meter, readings, window
from tests.ingest.batches import event as sent
from tests.notation import CaseBook, Otherwise, Reason, Row
from tests.tally import CaseNotes

FILE = "lago-aggregations.md"
VIEWS = readings({1: "10", 2: "20"})
REVERSED = readings({1: "20", 2: "10"})


def check_basic(ask: Measuring, row: Row, *, measured: Meter, events: list[Event]) -> None:
    """The quantity of the events is the row's number."""
    assert ask.quantity(measured, events) == row.number("expected")


def check_nothing(ask: Measuring, row: Row) -> None:
    """Nothing used is the quantity 0."""
    for one in ("count", "sum", "max", "unique", "min", "avg", "latest"):
        assert ask.quantity(meter(one), readings({-1: "5"})) == row.number("expected")


def check_border(ask: Measuring, _row: Row) -> None:
    """An event at a border belongs to the window that begins there, and to no other."""
    rows = ask.rows(
        meter("count"), readings({3600: "1"}), windows=(window(0, 3600), window(3600, 7200))
    )
    assert [row.fold.quantity for row in rows] == [0, 1]


def check_combinations(ask: Measuring, row: Row) -> None:
    """Distinct values are counted for each combination of dimensions; at 1.00 each, in cents."""
    dimensions = (Dimension(name="cloud", path="c"), Dimension(name="region", path="r"))
    events = [
        event(1, '{"v":"ann","c":"aws","r":"eu"}'),
        event(2, '{"v":"bob","c":"aws","r":"eu"}'),
        event(3, '{"v":"ann","c":"aws","r":"us"}'),
    ]
    measured = meter("unique", dimensions=dimensions)
    rows = ask.rows(measured, events, group_by=("cloud", "region"))
    assert [one.group for one in rows] == [("aws", "eu"), ("aws", "us")]
    assert f"{sum(one.fold.quantity for one in rows) * 100}c" in row["expected"]


def check_unattributed(ask: Measuring, _row: Row) -> None:
    """Usage of a subject nobody has declared stays visible, with its volume."""
    events = readings({1: "10", 2: "20"}, subject="nobody")
    (row,) = ask.rows(meter("sum"), events, group_by=("subject",))
    assert (row.group, row.fold.quantity) == (("nobody",), Decimal(30))


def check_same_again(ask: Measuring, row: Row) -> None:
    """An event sent twice is accepted once, and counted once."""
    reports, events = submit([[sent("1"), sent("1")], [sent("1")]])
    assert [(one.accepted, one.duplicate) for one in reports] == [(1, 1), (0, 1)]
    count = ask.quantity(meter("count", event_type="api.request"), events, window(0, 1e8))
    assert count == 1, row["expected"]


def check_same_without_time(ask: Measuring, row: Row) -> None:
    """The identity does not depend on time, so a retry without one is a repeat."""
    reports, events = submit([[sent("1", time=None)], [sent("1", time=None)]])
    assert [(one.accepted, one.duplicate) for one in reports] == [(1, 0), (0, 1)]
    count = ask.quantity(meter("count", event_type="api.request"), events, window(0, 1e8))
    assert count == 1, row["expected"]


def check_rounding(ask: Measuring, row: Row) -> None:
    """A value is computed from each event, and rounded as the expression says."""
    measured = meter("sum", computed(row["expression"].replace("\N{MINUS SIGN}", "-")))
    assert ask.quantity(measured, [event(1)]) == row.number("expected")


def check_rounded_by_the_price(ask: Measuring, row: Row) -> None:
    """What a meter counts exactly is rounded by the price: so many digits are steps of so much."""
    measured = ask.quantity(meter("sum"), readings({1: "123.456"}))
    step = Decimal(1).scaleb(-int(row["digits"].replace("\N{MINUS SIGN}", "-")))
    mode = {"half-up": "nearest"}.get(row["mode"], row["mode"])
    rounding = {"step": plain(step), "mode": mode}
    priced = price({"model": "unit", "unit_price": "1", "rounding": rounding})
    assert billable_quantity(priced, measured) == row.number("expected")


def check_extremes(ask: Measuring, _row: Row) -> None:
    """The least and the greatest of several members."""
    for name, expected in (("min", Decimal("-0.5")), ("max", Decimal(10))):
        value = computed(f"{name}(data.a, data.b, data.c)")
        measured = meter("sum", value, negative_allowed=True)
        assert ask.quantity(measured, [event(1, '{"a":"10","b":9,"c":-0.5}')]) == expected


def check_joined(ask: Measuring, _row: Row) -> None:
    """Members joined to one text, told apart as such."""
    measured = meter("unique", computed('concat(data.a, "/", data.b)', Kind.TEXT))
    pairs = [("x", "y"), ("x", "y"), ("xy", ""), ("x", "z")]
    events = [event(n, f'{{"a":"{a}","b":"{b}"}}') for n, (a, b) in enumerate(pairs)]
    assert ask.quantity(measured, events) == 3


CHECKS: dict[str, CaseCheck] = {
    "AG-001": partial(check_basic, measured=meter("count"), events=VIEWS),
    "AG-002": partial(check_basic, measured=meter("sum"), events=VIEWS),
    "AG-003": partial(check_basic, measured=meter("max"), events=VIEWS),
    "AG-004": partial(
        check_basic, measured=meter("unique"), events=readings({1: '"ann"', 2: '"ann"'})
    ),
    "AG-005": partial(check_basic, measured=meter("latest"), events=REVERSED),
    "AG-006": check_nothing,
    "AG-007": check_border,
    "AG-008": check_combinations,
    "AG-009": partial(
        check_basic, measured=meter("unique"), events=readings({1: '"a"', 2: '"a"', 3: '"a"'})
    ),
    "AG-010": check_unattributed,
    "AG-011": check_same_again,
    "AG-012": check_same_without_time,
    **{f"AG-{number:03}": check_rounded_by_the_price for number in range(50, 59)},
    **{f"AG-06{n}": check_rounding for n in range(6)},
    "AG-066": check_extremes,
    "AG-067": check_joined,
}
NOT_ALL_OR_NOTHING = Otherwise(
    sentence="A batch is not all or nothing: `accepted`, `duplicate`, `conflict` or `rejected` "
    "(code, path) for each event; 202 if anything was accepted or duplicate, 422 if nothing was."
)
LEFT_OUT: dict[str, Reason] = {
    "AG-013": NOT_ALL_OR_NOTHING,
    "AG-014": NOT_ALL_OR_NOTHING,
    "AG-068": Otherwise(
        sentence="one whose value a later meter cannot read is *unmeterable*; both are listed with "
        "volume, never read as 0, and count when the cause is mended"
    ),
}


def book(ask: Measuring) -> CaseBook:
    """Return the checks, to be run with a way to measure."""
    return measured_book(FILE, CHECKS, LEFT_OUT, ask=ask)


def test_every_row_is_accounted_for(usage_store: UsageStore, case_notes: CaseNotes) -> None:
    """Each row of the file is checked, or left out for a reason that holds."""
    assert book(Measuring(usage_store)).problems() == []
    case_notes.left_out(FILE, LEFT_OUT)


@pytest.mark.parametrize("case", CHECKS)
def test_row(case: str, usage_store: UsageStore, case_notes: CaseNotes) -> None:
    """The row's quantities come out of the folds and of ClickHouse."""
    book(Measuring(usage_store)).check(case)
    case_notes.passed(FILE, case)
