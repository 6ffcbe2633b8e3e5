"""What an expression comes to in ClickHouse is what it comes to in the folds, whichever it is."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.expressions import Kind, parse_expression
from tallystick.expressions.writing import write
from tallystick.kernel import Done, WorkspaceId
from tallystick.metering import Event, Meter, UsageQuery, measure_usage
from tallystick.storage.clickhouse.folding import is_compilable
from tests.clickhouse import UsageStore, of_workspace
from tests.events import computed, event, meter, window
from tests.expressions.strategies import TEXTS, trees
from tests.profiles import through_engines

WIDE = "99999999999999999999.999999999999999999"
_RAW = ("1.10", "-3", "12345678901234567890.123456789012345678", "null", "[5]", '{"a":1}', "true")


def _data(first: str, second: str) -> str:
    return f'{{"b":{first},"x y":{{"in":{second}}}}}'


@pytest.fixture(scope="module")
def stored(usage_store: UsageStore) -> list[Event]:
    """Store an event for each pair of members and some subjects."""
    members = [msgspec.json.encode(text).decode() for text in TEXTS] + list(_RAW)
    subjects = ["", "5", "true", "Ä b"]
    return usage_store.put(
        event(number, _data(*pair), subject=subjects[number % 4])
        for number, pair in enumerate(product(members, members))
    )


def _agree(store: UsageStore, measured: Meter, events: list[Event]) -> None:
    asked = UsageQuery(
        workspace=WorkspaceId("w"),
        meter=measured,
        windows=(window(0, 100_000),),
        group_by=("subject",),
        evidence=True,
    )
    assert store.usage(asked, events) == measure_usage(of_workspace(asked, events), events)


@through_engines
@given(data=st.data(), kind=st.sampled_from([Kind.NUMBER, Kind.TEXT, Kind.TRUTH]))
def test_any_expression(
    kind: Kind, data: st.DataObject, usage_store: UsageStore, stored: list[Event]
) -> None:
    """As a value, as a text to be counted and as a filter, both give the same rows and evidence."""
    outcome = parse_expression(write(data.draw(trees(kind))), kind=kind)
    if not isinstance(outcome, Done):
        return
    measured = {
        Kind.NUMBER: meter("sum", outcome.value, negative_allowed=True),
        Kind.TEXT: meter("unique", outcome.value),
        Kind.TRUTH: meter("count", conditions=(outcome.value,)),
    }[kind]
    _agree(usage_store, measured, stored)


@pytest.mark.parametrize(
    ("text", "compilable"),
    [
        ("data.b / 1073741824", True),
        ("data.b * data['x y'].in / 3600", True),
        ("data.b / data['x y'].in", True),
        ("data.b / data['x y'].in + 1", True),
        ("data.b / data['x y'].in * 100 - 0.5", True),
        ("(data.b + data['x y'].in) / 7", True),
        ("round(data.b / 3, 2) * 3", True),
        ("floor(data.b / 7, -1) + ceil(data['x y'].in / -3)", True),
        ("if data.b / 3 > data['x y'].in / 7 then abs(data.b) else -1 / 3", True),
        ("max(data.b / data['x y'].in, 1)", True),
        ("data.b * data.b * data.b", False),
        ("data.b / 3 / data['x y'].in / data.b / 7 / data.b", False),
    ],
)
def test_how_far_the_engine_computes(
    text: str, *, compilable: bool, usage_store: UsageStore, stored: list[Event]
) -> None:
    """What fits 256 bits is computed by the engine, all else event by event, and both are exact."""
    measured = meter("sum", computed(text), negative_allowed=True)
    assert is_compilable(measured) is compilable
    _agree(usage_store, measured, stored)


@pytest.mark.parametrize(
    ("text", "one", "other", "expected"),
    [
        ("data.b / 1024", "1", "0", "0.0009765625"),
        ("data.b / 3", "1", "0", "0.333333333333333333"),
        ("data.b / -3 * 2", "1", "0", "-0.666666666666666667"),
        (
            "data.b / data['x y'].in",
            "2",
            "-0.000000000000000003",
            "-666666666666666666.666666666666666667",
        ),
        ("data.b * 0.5", "0.000000000000000001", "0", "0.000000000000000001"),
        ("data.b * 0.5", "-0.000000000000000001", "0", "-0.000000000000000001"),
        ("data.b", WIDE, "0", WIDE),
    ],
)
def test_one_rounding_at_the_end(
    text: str, one: str, other: str, expected: str, usage_store: UsageStore
) -> None:
    """A value is exact, or rounded once to 18 places, halves away from zero."""
    events = usage_store.put([event(1, _data(one, other))])
    measured = meter("sum", computed(text), negative_allowed=True)
    _agree(usage_store, measured, events)
    asked = UsageQuery(workspace=WorkspaceId("w"), meter=measured, windows=(window(0, 9),))
    (row,) = usage_store.usage(asked, events)
    assert row.fold.quantity == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("data.b + 1", WIDE),
        ("data.b + 0.000000000000000001", WIDE),
        ("data.b + 0", "null"),
        ("data.b / (data.b - 1)", "1"),
        ("data.b * 1", '"x"'),
        ("-data.b", "1"),
    ],
)
def test_unmeterable(text: str, one: str, usage_store: UsageStore) -> None:
    """What is undefined, too large, or negative where it may not be, is unmeterable, never 0."""
    events = usage_store.put([event(1, _data(one, "0"))])
    measured = meter("sum", computed(text))
    _agree(usage_store, measured, events)
    asked = UsageQuery(workspace=WorkspaceId("w"), meter=measured, windows=(window(0, 9),))
    (row,) = usage_store.usage(asked, events)
    assert (row.fold.events, row.fold.unmeterable, row.fold.quantity) == (0, 1, Decimal(0))


def test_levels_and_counters_of_expressions(usage_store: UsageStore, stored: list[Event]) -> None:
    """What is carried into a window is computed as well, whichever way the question is answered."""
    for text in ("data.b * 2 / 3", "data.b * data.b * data.b"):
        for one in (
            meter("time_weighted", computed(text), hold_seconds_max=7),
            meter("counter", computed(text), wrap_bits=32),
            meter("latest", computed(text), conditions=(computed("data.b != 5", Kind.TRUTH),)),
        ):
            asked = UsageQuery(
                workspace=WorkspaceId("w"),
                meter=one,
                windows=(window(10, 20), window(15, 99.5), window(200, 300)),
                group_by=("subject",),
                evidence=True,
                silent=True,
                through=stored[-5].position,
            )
            of_stored = of_workspace(asked, stored)
            assert usage_store.usage(asked, stored) == measure_usage(of_stored, stored)


def test_pages_leaders_and_limits_of_what_is_not_compiled(
    usage_store: UsageStore, stored: list[Event]
) -> None:
    """Events are listed page by page and groups ranked as for any other meter."""
    asked = of_workspace(
        UsageQuery(
            workspace=WorkspaceId("w"),
            meter=meter("max", computed("data.b * data.b * data.b / 1000")),
            windows=(window(0, 100_000),),
            group_by=("subject",),
            through=stored[-1].position,
        ),
        stored,
    )
    rows = measure_usage(asked, stored)
    ranked = sorted(rows, key=lambda row: (-row.fold.quantity, row.group))
    assert usage_store.reader.leaders(asked, count=2) == [row.group for row in ranked[:2]]
    listed: list[Event] = []
    while page := usage_store.reader.events(
        asked, after_position=listed[-1].position if listed else 0, limit=100
    ):
        listed += page
    assert measure_usage(asked, listed) == rows
    assert len(usage_store.reader.usage(replace(asked, rows_max=1))) == 2
