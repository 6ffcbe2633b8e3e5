"""
Meters as documents: the shape people write in a catalog file, and back.

    {key: sent, event_type: http.request, aggregation: sum, value: bytes, unit: byte,
     dimensions: [status, {name: region, path: server.region}],
     filters: [{path: status, op: in, values: ["200", "206"]}]}

A value may be computed, and so may a condition among the filters:

    value: {expression: data.input + 3 * data.output}
    filters: [{expression: data.status in ("200", "206") and data.bytes > 0}]

A meter may be a formula over meters that stand above it or are known already:

    {key: weighted, aggregation: formula, formula: input + 3 * output, unit: token}

It may have versions, each from an instant on (`versions.py`).

A dimension may be just a path whose last name is the dimension's name. All problems of a document
are reported together, each with the path of its field.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from tallystick.expressions import Expression, Kind
from tallystick.kernel import Done, MeterKey, Misuse, Outcome, Refused, is_key, plain, unit
from tallystick.metering.derived import event_expression
from tallystick.metering.fields import DocumentFields, inside_or_none, number_or_none
from tallystick.metering.formula import formula_of, unit_problem
from tallystick.metering.meter import (
    Aggregation,
    Dimension,
    Filter,
    FilterOp,
    GapPolicy,
    Meter,
    Peak,
    PeakPer,
    PeakTake,
    WrapBits,
    meter_problems,
)
from tallystick.metering.versions import meter_with_versions, versions_document

_OPS: dict[str, FilterOp] = {"eq": "eq", "ne": "ne", "in": "in", "exists": "exists"}
_GAP_POLICIES: dict[str, GapPolicy] = {"zero": "zero", "hold": "hold"}
_WIDTHS: dict[int, WrapBits] = {0: 0, 32: 32, 64: 64}
_PERS = {per.value: per for per in PeakPer}
_TAKES: dict[str, PeakTake] = {"sum": "sum", "average": "average"}
_AGGREGATIONS = {aggregation.value: aggregation for aggregation in Aggregation}
EVENT_TYPE_LENGTH_MAX = 255
_NO_METERS: Mapping[MeterKey, Meter] = MappingProxyType({})


def meter_from_document(
    document: Mapping[str, object],
    *,
    declared: Iterable[str] = frozenset(),
    meters: Mapping[MeterKey, Meter] = _NO_METERS,
) -> Outcome[Meter]:
    """
    Return the meter a document describes.

    Args:
        document: keys are the fields of ``Meter``; ``value`` and whatever has a default may be left
            out.
        declared: countable units the catalog declares beyond the known ones.
        meters: those that a formula may name.

    Problems:
        missing, wrong_type, wrong_value, unknown_field, unknown_unit, and those of
        ``meter_problems``.

    Example:
        >>> answer = meter_from_document({"key": "calls", "event_type": "call", "unit": "call",
        ...                               "aggregation": "count"})
        >>> answer.value.aggregation.value
        'count'
    """
    units = frozenset(declared)
    return meter_with_versions(document, lambda one: _meter(one, units, meters))


def _meter(
    document: Mapping[str, object], declared: frozenset[str], meters: Mapping[MeterKey, Meter]
) -> Outcome[Meter]:
    fields = DocumentFields(document)
    meter = _read_meter(fields, meters)
    fields.refuse_unknown()
    try:
        unit(meter.unit, declared)
    except Misuse as error:
        fields.note("unknown_unit", str(error), "unit")
    if fields.problems:
        return Refused(tuple(fields.problems))
    problems = meter_problems(meter)
    return Refused(problems) if problems else Done(meter)


def document_from_meter(meter: Meter) -> dict[str, Any]:
    """
    Return the document of a meter; what has its default is left out.

    Reading the document gives an equal meter.
    """
    document: dict[str, Any] = {
        "key": str(meter.key),
        **({"event_type": meter.event_type} if meter.formula is None else {}),
        "aggregation": meter.aggregation.value,
        "unit": meter.unit,
    }
    optional: dict[str, Any] = {
        "value": _value_document(meter),
        "dimensions": []
        if meter.formula
        else [{"name": part.name, "path": part.path} for part in meter.dimensions],
        "filters": [
            *(_filter_document(condition) for condition in meter.filters),
            *({"expression": condition.text} for condition in meter.conditions),
        ],
        "hold_seconds_max": meter.hold_seconds_max,
        "gap_policy": None if meter.gap_policy == "zero" else meter.gap_policy,
        "epoch": meter.epoch,
        "wrap_bits": meter.wrap_bits,
        "negative_allowed": meter.negative_allowed,
        "percentile": None if meter.percentile is None else plain(meter.percentile),
        "peak": _peak_document(meter.peak),
        "formula": None if meter.formula is None else meter.formula.expression.text,
        "versions": versions_document(meter, document_from_meter) if meter.later else None,
    }
    return document | {name: value for name, value in optional.items() if value}


def _value_document(meter: Meter) -> str | dict[str, str] | None:
    if isinstance(meter.value, Expression):
        return {"expression": meter.value.text}
    return meter.value


def _peak_document(peak: Peak | None) -> dict[str, str] | None:
    return None if peak is None else {"per": peak.per.value, "take": peak.take}


def _filter_document(condition: Filter) -> dict[str, Any]:
    document: dict[str, Any] = {"path": condition.path, "op": condition.op}
    return document | ({"values": list(condition.values)} if condition.values else {})


def _read_meter(fields: DocumentFields, meters: Mapping[MeterKey, Meter]) -> Meter:
    key = fields.text("key")
    if key and not is_key(key):
        fields.note("wrong_value", f"{key[:60]!r} is not a key such as cpu_seconds", "key")
    if fields.get("aggregation") == Aggregation.FORMULA.value:
        return _read_formula(fields, MeterKey(key), meters)
    event_type = fields.text("event_type")
    if len(event_type) > EVENT_TYPE_LENGTH_MAX:
        fields.note("wrong_value", f"at most {EVENT_TYPE_LENGTH_MAX} characters", "event_type")
    aggregation = fields.choice("aggregation", _AGGREGATIONS, default=None) or Aggregation.COUNT
    filters = [_read_filter(item) for item in fields.items("filters")]
    return Meter(
        key=MeterKey(key),
        event_type=event_type,
        aggregation=aggregation,
        value=_read_value(fields, aggregation),
        unit=fields.text("unit"),
        dimensions=tuple(_read_dimension(item) for item in fields.items("dimensions")),
        filters=tuple(each for each in filters if isinstance(each, Filter)),
        conditions=tuple(each for each in filters if isinstance(each, Expression)),
        hold_seconds_max=fields.whole_or_none("hold_seconds_max"),
        gap_policy=fields.choice("gap_policy", _GAP_POLICIES, default="zero") or "zero",
        epoch=fields.text_or_none("epoch"),
        wrap_bits=_read_width(fields),
        negative_allowed=fields.flag("negative_allowed"),
        percentile=number_or_none(fields, "percentile"),
        peak=_read_peak(inside_or_none(fields, "peak")),
    )


def _read_formula(fields: DocumentFields, key: MeterKey, meters: Mapping[MeterKey, Meter]) -> Meter:
    """Read a meter that is a formula over others; its dimensions are those that all share."""
    text, unit_name = fields.text("formula"), fields.text("unit")
    outcome = formula_of(text, meters) if text else None
    if isinstance(outcome, Refused):
        for problem in outcome.problems:
            fields.note(problem.code, problem.message, "formula")
    formula = outcome.value if isinstance(outcome, Done) else None
    if formula is not None and (message := unit_problem(formula, unit_name)):
        fields.note("wrong_unit", message, "formula")
    parts = () if formula is None else formula.meters
    shared = [
        one
        for one in (parts[0].dimensions if parts else ())
        if all(one in part.dimensions for part in parts)
    ]
    return Meter(
        key=key,
        event_type="",
        aggregation=Aggregation.FORMULA,
        value=None,
        unit=unit_name,
        dimensions=tuple(shared),
        formula=formula,
    )


def _read_width(fields: DocumentFields) -> WrapBits:
    given = fields.whole_or_none("wrap_bits") or 0
    if given not in _WIDTHS:
        fields.note("wrong_value", f"a counter wraps at 32 or 64 bits, not {given}", "wrap_bits")
    return _WIDTHS.get(given, 0)


def _read_peak(fields: DocumentFields | None) -> Peak | None:
    if fields is None:
        return None
    peak = Peak(
        per=fields.choice("per", _PERS, default=None) or PeakPer.DAY,
        take=fields.choice("take", _TAKES, default="sum") or "sum",
    )
    fields.refuse_unknown()
    return peak


def _read_dimension(fields: DocumentFields) -> Dimension:
    if fields.bare is not None:
        return Dimension(name=fields.bare.rpartition(".")[2], path=fields.bare)
    dimension = Dimension(name=fields.text("name"), path=fields.text("path"))
    fields.refuse_unknown()
    return dimension


def _read_value(fields: DocumentFields, aggregation: Aggregation) -> str | Expression | None:
    """Read a path, or ``{expression: data.a * 2}``."""
    if not isinstance(fields.get("value"), Mapping):
        return fields.text_or_none("value")
    inside = inside_or_none(fields, "value")
    kind = Kind.TEXT if aggregation is Aggregation.UNIQUE else Kind.NUMBER
    return None if inside is None else _read_expression(inside, kind)


def _read_expression(fields: DocumentFields, kind: Kind) -> Expression | None:
    text = fields.text("expression")
    fields.refuse_unknown()
    outcome = event_expression(text, kind) if text else None
    if isinstance(outcome, Refused):
        for problem in outcome.problems:
            fields.note(problem.code, problem.message, "expression")
    return outcome.value if isinstance(outcome, Done) else None


def _read_filter(fields: DocumentFields) -> Filter | Expression | None:
    if fields.bare is None and fields.get("expression") is not None:
        return _read_expression(fields, Kind.TRUTH)
    if fields.bare is not None:
        fields.note("wrong_type", "must be a filter such as {path: status, op: eq, values: [ok]}")
        return Filter(path=fields.bare, op="exists")
    condition = Filter(
        path=fields.text("path"),
        op=fields.choice("op", _OPS, default="eq") or "eq",
        values=fields.texts("values"),
    )
    fields.refuse_unknown()
    return condition
