"""Meters as documents: what is read, what is refused and how, and the way back."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tallystick.kernel import Done, Refused
from tallystick.metering import (
    Dimension,
    Filter,
    Meter,
    document_from_meter,
    meter_from_document,
    meter_problems,
)
from tests.conformance.usage_strategies import meters

SENT: dict[str, Any] = {
    "key": "sent",
    "event_type": "http.request",
    "aggregation": "sum",
    "value": "bytes",
    "unit": "byte",
}


def problems(**changes: object) -> list[tuple[str, str]]:
    """Return code and field of each problem of a document that differs from a sound one."""
    document = {name: value for name, value in (SENT | changes).items() if value != "(absent)"}
    answer = meter_from_document(document)
    assert isinstance(answer, Refused), answer
    return [(problem.code, problem.field) for problem in answer.problems]


@given(meter=meters())
def test_round_trip(meter: Meter) -> None:
    """A meter written as a document is read as the same meter."""
    assert meter_problems(meter) == ()
    assert meter_from_document(document_from_meter(meter)) == Done(meter)


def test_short_forms() -> None:
    """A dimension may be a bare path, a filter compares by default, numbers become texts."""
    answer = meter_from_document(
        SENT
        | {
            "dimensions": ["status", "server.region", {"name": "who", "path": "client"}],
            "filters": [
                {"path": "status", "values": [200]},
                {"path": "ok", "op": "ne", "values": [False]},
                {"path": "rate", "op": "in", "values": [Decimal("1.50"), "x"]},
            ],
        }
    )
    assert isinstance(answer, Done)
    assert answer.value.dimensions == (
        Dimension(name="status", path="status"),
        Dimension(name="region", path="server.region"),
        Dimension(name="who", path="client"),
    )
    assert answer.value.filters == (
        Filter(path="status", op="eq", values=("200",)),
        Filter(path="ok", op="ne", values=("false",)),
        Filter(path="rate", op="in", values=("1.5", "x")),
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"key": "(absent)"}, ("missing", "key")),
        ({"key": "a b"}, ("wrong_value", "key")),
        ({"event_type": ""}, ("wrong_value", "event_type")),
        ({"aggregation": "summ"}, ("wrong_value", "aggregation")),
        ({"aggregation": 3}, ("wrong_type", "aggregation")),
        ({"unit": "bytes"}, ("unknown_unit", "unit")),
        ({"value": 7}, ("wrong_type", "value")),
        ({"value": "a..b"}, ("bad_path", "value")),
        ({"value": {"expression": "data.a *"}}, ("unexpected", "value.expression")),
        ({"value": {"expression": "bytes"}}, ("unknown_name", "value.expression")),
        ({"value": {"expression": "data.a > 1"}}, ("wrong_kind", "value.expression")),
        ({"value": {"expression": 'concat("a", data.b)'}}, ("wrong_kind", "value.expression")),
        ({"value": {"expresion": "data.a"}}, ("missing", "value.expression")),
        ({"value": {"expression": "data.a", "path": "a"}}, ("unknown_field", "value.path")),
        ({"value": {"expression": 5}}, ("wrong_type", "value.expression")),
        ({"filters": [{"expression": "data.a + 1"}]}, ("wrong_kind", "filters[0].expression")),
        ({"filters": [{"expression": "data"}]}, ("unknown_name", "filters[0].expression")),
        ({"valeu": "x"}, ("unknown_field", "valeu")),
        ({"aggregation": "count"}, ("value_not_used", "value")),
        ({"aggregation": "counter", "value": None}, ("value_missing", "value")),
        ({"epoch": "boot"}, ("not_for_aggregation", "epoch")),
        ({"wrap_bits": 16}, ("wrong_value", "wrap_bits")),
        ({"wrap_bits": 32}, ("not_for_aggregation", "wrap_bits")),
        ({"hold_seconds_max": 60}, ("not_for_aggregation", "hold_seconds_max")),
        ({"hold_seconds_max": "60"}, ("wrong_type", "hold_seconds_max")),
        ({"negative_allowed": "yes"}, ("wrong_type", "negative_allowed")),
        ({"aggregation": "percentile"}, ("value_missing", "percentile")),
        ({"aggregation": "percentile", "percentile": 0}, ("out_of_range", "percentile")),
        ({"aggregation": "percentile", "percentile": "100.1"}, ("out_of_range", "percentile")),
        ({"aggregation": "percentile", "percentile": "1.0001"}, ("out_of_range", "percentile")),
        ({"aggregation": "percentile", "percentile": 1.5}, ("wrong_type", "percentile")),
        ({"aggregation": "percentile", "percentile": "p95"}, ("wrong_value", "percentile")),
        ({"percentile": 95}, ("not_for_aggregation", "percentile")),
        ({"aggregation": "peak"}, ("value_missing", "peak")),
        ({"aggregation": "peak", "peak": {"take": "sum"}}, ("missing", "peak.per")),
        ({"aggregation": "peak", "peak": {"per": "days"}}, ("wrong_value", "peak.per")),
        (
            {"aggregation": "peak", "peak": {"per": "day", "take": "max"}},
            ("wrong_value", "peak.take"),
        ),
        ({"aggregation": "peak", "peak": {"per": "day", "of": 1}}, ("unknown_field", "peak.of")),
        ({"peak": {"per": "day"}}, ("not_for_aggregation", "peak")),
        ({"dimensions": "status"}, ("wrong_type", "dimensions")),
        ({"dimensions": [7]}, ("wrong_type", "dimensions[0]")),
        ({"dimensions": ["a", "b.a"]}, ("duplicate", "dimensions[1].name")),
        ({"dimensions": ["subject"]}, ("duplicate", "dimensions[0].name")),
        ({"dimensions": [{"name": "a", "path": "."}]}, ("bad_path", "dimensions[0].path")),
        ({"dimensions": [f"d{n}" for n in range(9)]}, ("too_many", "dimensions")),
        ({"filters": [{"path": "a", "values": []}]}, ("bad_filter", "filters[0].values")),
        ({"filters": [{"path": "a", "op": "like"}]}, ("wrong_value", "filters[0].op")),
        ({"filters": [{"path": "a", "values": [1.5]}]}, ("wrong_type", "filters[0].values")),
        ({"filters": [{"path": "a", "vals": ["x"]}]}, ("unknown_field", "filters[0].vals")),
    ],
)
def test_refused_with_the_place(changes: dict[str, object], expected: tuple[str, str]) -> None:
    """What is wrong with a document is said with its field."""
    assert expected in problems(**changes)


def test_expressions() -> None:
    """A value and a filter may be computed; written back they read the same."""
    answer = meter_from_document(
        SENT
        | {
            "value": {"expression": "(data.input)+3*data['out put']"},
            "filters": [{"expression": "data.n in (1,2)"}, {"path": "b", "op": "exists"}],
        }
    )
    assert isinstance(answer, Done), answer
    document = document_from_meter(answer.value)
    assert document["value"] == {"expression": 'data.input + 3 * data["out put"]'}
    assert document["filters"] == [
        {"path": "b", "op": "exists"},
        {"expression": "data.n in (1, 2)"},
    ]
    assert meter_from_document(document) == answer
    texts = SENT | {"aggregation": "unique", "value": {"expression": "concat(data.a, subject)"}}
    assert isinstance(meter_from_document(texts), Done)


def test_level_options() -> None:
    """A level may hold for a time, and gaps may be held only where there can be any."""
    level = {"aggregation": "time_weighted", "gap_policy": "hold"}
    assert problems(**level) == [("value_missing", "hold_seconds_max")]
    assert problems(**level, hold_seconds_max=0) == [("out_of_range", "hold_seconds_max")]


def test_nearest_name() -> None:
    """A typo is answered with what was probably meant."""
    answer = meter_from_document(SENT | {"agregation": "sum"})
    assert isinstance(answer, Refused)
    assert "aggregation" in answer.problems[0].message


def test_all_problems_together() -> None:
    """Several problems of a document are reported at once."""
    assert len(problems(key="(absent)", unit="parsec", aggregation="all", more=1)) == 4
