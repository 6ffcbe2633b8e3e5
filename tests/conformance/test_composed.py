"""Formulas over meters and versions of meters mean the same to the folds and to ClickHouse."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Done, MeterKey, Misuse, Refused, WorkspaceId
from tallystick.metering import (
    Aggregation,
    Dimension,
    Event,
    Filter,
    Meter,
    MeterVersion,
    UsageQuery,
    add_folds,
    event_types,
    measure_usage,
    meter_from_document,
    narrow,
    needed_events,
)
from tests.clickhouse import UsageStore, of_workspace
from tests.conformance.usage_strategies import Stream, streams
from tests.events import at, computed, event, meter, window
from tests.profiles import through_engines

PLACE = (Dimension(name="place", path="p.q"),)
INPUT = meter("sum", "in", key=MeterKey("input"), dimensions=PLACE)
OUTPUT = meter("sum", "out", key=MeterKey("output"), dimensions=PLACE)
USERS = meter("unique", "user", key=MeterKey("users"), dimensions=PLACE)
LEVEL = meter("time_weighted", "v", key=MeterKey("level"), dimensions=PLACE)
MEAN = meter("avg", "v", key=MeterKey("mean"), dimensions=PLACE)
KNOWN = {one.key: one for one in (INPUT, OUTPUT, USERS, LEVEL, MEAN)}
TOKENS = [
    event(1, '{"in":1000,"out":200,"user":"a","p":{"q":"x"}}', subject="s1"),
    event(2, '{"in":500,"user":"b","p":{"q":"y"}}', subject="s2"),
    event(3700, '{"in":1,"out":1,"user":"a","p":{"q":"x"}}', subject="s1"),
]


def formula(text: str, unit: str = "request") -> Meter:
    """Return a meter that is a formula over the known ones."""
    document = {"key": "f", "aggregation": "formula", "formula": text, "unit": unit}
    outcome = meter_from_document(document, meters=KNOWN)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def asked(one: Meter, *windows: tuple[float, float], group_by: tuple[str, ...] = ()) -> UsageQuery:
    """Return a query with evidence."""
    return UsageQuery(
        workspace=WorkspaceId("w"),
        meter=one,
        windows=tuple(window(*ends) for ends in windows or [(0, 3600)]),
        evidence=True,
        group_by=group_by,
    )


def rows_of(store: UsageStore, query: UsageQuery, events: list[Event]) -> list[tuple[str, ...]]:
    """Return group and quantity of each row, after both have given the same."""
    stored = store.put(events)
    rows = store.usage(query, stored)
    assert rows == measure_usage(of_workspace(query, stored), stored)
    return [(*row.group, f"{row.fold.quantity.normalize():f}") for row in rows]


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("input + 3 * output", ["2100", "4"]),
        ("input / users", ["750", "1"]),
        ("max(input, output) - input", ["0", "0"]),
        ("if users > 1 then input else 0", ["1500", "0"]),
    ],
)
def test_a_formula_by_window(text: str, quantities: list[str], usage_store: UsageStore) -> None:
    """It is evaluated over the quantities of each window, exactly."""
    query = asked(formula(text), (0, 3600), (3600, 7200))
    assert [quantity for (quantity,) in rows_of(usage_store, query, TOKENS)] == quantities


def test_a_formula_by_group(usage_store: UsageStore) -> None:
    """Dimensions that all its meters share group it; a meter without usage in a group is 0."""
    by_place = asked(formula("input + 3 * output"), group_by=("place",))
    assert rows_of(usage_store, by_place, TOKENS) == [("x", "1600"), ("y", "500")]
    by_both = asked(formula("input * users", "request.request"), group_by=("subject", "place"))
    assert rows_of(usage_store, by_both, TOKENS) == [("s1", "x", "1000"), ("s2", "y", "500")]
    only_x = narrow(formula("input + output"), [Filter(path="p.q", op="eq", values=("x",))])
    assert rows_of(usage_store, asked(only_x), TOKENS) == [("1200",)]


def test_a_formula_that_is_undefined(usage_store: UsageStore) -> None:
    """Where it divides by 0 its events are unmeterable, and nothing is billed."""
    query = asked(formula("input / output", "request"), (0, 2), (2, 10), (20, 30))
    stored = usage_store.put([replace_data(TOKENS[0], '{"in":6,"out":4}'), TOKENS[1]])
    rows = usage_store.usage(query, stored)
    assert rows == measure_usage(of_workspace(query, stored), stored)
    assert [(row.fold.quantity, row.fold.unmeterable) for row in rows] == [
        (Decimal("1.5"), 0),
        (Decimal(0), 2),
        (Decimal(0), 0),
    ]


def replace_data(one: Event, data: str) -> Event:
    """Return an event like another, with other data."""
    return event(1, data, subject=one.subject)


def test_formulas_do_not_add() -> None:
    """A ratio of sums is not the sum of ratios, so no formula is added."""
    ratio = formula("input / users")
    with pytest.raises(Misuse, match="do not add"):
        add_folds([measure_usage(asked(ratio), TOKENS)[0].fold], ratio)


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        ("input + nobody", "request", "unknown_name"),
        ("1 + 2", "request", "meter_missing"),
        ("input +", "request", "unexpected"),
        ("input + level", "request", "wrong_unit"),
        ("input + output", "byte", "wrong_unit"),
        ("input * output", "request", "wrong_unit"),
        ("if level > input then input else output", "request", "wrong_unit"),
    ],
)
def test_refused(text: str, unit: str, code: str) -> None:
    """Names that are not known, and units that make no sense, are refused with the reason."""
    document = {"key": "f", "aggregation": "formula", "formula": text, "unit": unit}
    outcome = meter_from_document(document, meters=KNOWN)
    assert isinstance(outcome, Refused)
    assert [problem.code for problem in outcome.problems] == [code]


@through_engines
@given(stream=streams(), data=st.data())
def test_any_stream(stream: Stream, data: st.DataObject, usage_store: UsageStore) -> None:
    """Formulas and versions over random streams: same rows, and their events suffice."""
    change = data.draw(st.integers(-30, 30))
    other = data.draw(st.sampled_from(["v", "p.q"]))
    later = MeterVersion(effective_at=at(change), meter=replace(LEVEL, value=other))
    later_mean = MeterVersion(effective_at=at(change), meter=replace(MEAN, value=other))
    measured = data.draw(
        st.sampled_from(
            [
                formula("mean * 2 + level / 7"),
                replace(LEVEL, later=(later,)),
                replace(MEAN, later=(later_mean,)),
            ]
        )
    )
    events = usage_store.put(stream.events)
    for query in stream.queries:
        own = replace(
            of_workspace(query, events),
            meter=measured,
            through=events[-1].position,
        )
        rows = measure_usage(own, events)
        assert usage_store.reader.usage(own) == rows
        listed = usage_store.reader.events(own, after_position=0, limit=100)
        assert listed == needed_events(own, events)
        assert measure_usage(own, listed) == rows


def test_a_version_splits_what_adds(usage_store: UsageStore) -> None:
    """A window across the change is the sum of its parts, each by its own definition."""
    later = replace(INPUT, value=computed("data.in * 10"), event_type="t")
    versioned = replace(INPUT, later=(MeterVersion(effective_at=at(2), meter=later),))
    query = asked(versioned, (0, 3600), (0, 2), (2, 3600), (3600, 7200))
    assert rows_of(usage_store, query, TOKENS) == [("6000",), ("1000",), ("5000",), ("10",)]


def test_a_version_of_a_level_goes_on_from_what_holds(usage_store: UsageStore) -> None:
    """From its instant on a level counts by the new definition, also one that began before."""
    events = [event(0, '{"v":2,"w":5}'), event(3000, '{"v":3,"w":1}')]
    later = replace(LEVEL, value="w")
    versioned = replace(LEVEL, later=(MeterVersion(effective_at=at(1000), meter=later),))
    # 1,000 x 2 + 2,000 x 5 + 600 x 1
    assert rows_of(usage_store, asked(versioned), events) == [("12600",)]


def test_a_version_waits_for_the_next_window_of_what_does_not_add(
    usage_store: UsageStore,
) -> None:
    """A mean is measured by the definition in force when its window starts."""
    later = replace(MEAN, value="w")
    versioned = replace(MEAN, later=(MeterVersion(effective_at=at(1800), meter=later),))
    events = [event(1, '{"v":1,"w":5}'), event(2000, '{"v":3,"w":9}'), event(4000, '{"w":7}')]
    query = asked(versioned, (0, 3600), (1800, 3600), (3600, 7200))
    assert rows_of(usage_store, query, events) == [("2",), ("9",), ("7",)]


def test_versions_as_a_document() -> None:
    """A version says what differs from the one before; null removes; what prices need stays."""
    document = {
        "key": "sent",
        "event_type": "old",
        "aggregation": "sum",
        "value": "bytes",
        "unit": "byte",
        "filters": [{"path": "ok", "op": "exists"}],
        "versions": [
            {"effective_at": "2026-02-01T00:00:00Z", "event_type": "new", "filters": None},
            {"effective_at": "2026-03-01T00:00:00Z", "value": {"expression": "data.kb * 1000"}},
        ],
    }
    outcome = meter_from_document(document)
    assert isinstance(outcome, Done), outcome
    first, second = outcome.value.later
    assert (first.meter.event_type, first.meter.value, first.meter.filters) == ("new", "bytes", ())
    assert (second.meter.event_type, second.effective_at.month) == ("new", 3)
    assert event_types(outcome.value) == {"old", "new"}
    assert outcome.value.aggregation is Aggregation.SUM


@pytest.mark.parametrize(
    ("entry", "code", "field"),
    [
        ({}, "missing", "versions[0].effective_at"),
        ({"effective_at": "soon"}, "wrong_value", "versions[0].effective_at"),
        ({"effective_at": "2026-02-01T00:00:00Z", "unit": "request"}, "fixed", "versions[0].unit"),
        ({"effective_at": "2026-02-01T00:00:00Z", "key": "b"}, "fixed", "versions[0].key"),
        (
            {"effective_at": "2026-02-01T00:00:00Z", "aggregation": "max"},
            "fixed",
            "versions[0].aggregation",
        ),
        (
            {"effective_at": "2026-02-01T00:00:00Z", "valeu": "x"},
            "unknown_field",
            "versions[0].valeu",
        ),
    ],
)
def test_versions_that_are_refused(entry: dict[str, object], code: str, field: str) -> None:
    """What is wrong with a version is said with its place."""
    document = {"key": "a", "event_type": "t", "aggregation": "sum", "value": "v", "unit": "byte"}
    outcome = meter_from_document(document | {"versions": [entry]})
    assert isinstance(outcome, Refused)
    assert (code, field) in [(problem.code, problem.field) for problem in outcome.problems]


def test_exact_beyond_decimals(usage_store: UsageStore) -> None:
    """A third of a quantity times three is that quantity."""
    query = asked(formula("input / 3 * 3 - input + users / 3"))
    stored = usage_store.put(TOKENS)
    (row,) = usage_store.usage(query, stored)
    assert Fraction(row.fold.numerator) / Fraction(row.fold.denominator) == Fraction(2, 3)
