"""
Which rows a meter matches, and what it reads from them, as SQL.

This is `tallystick.metering.reading` once more: the same text at a path, the same numbers, the same
unmeterable events. A number is converted only behind the pattern that admits it; ClickHouse's own
lenient conversions cut digits without a word. Expressions are compiled by `expressions`, exactly or
not at all.
"""

from collections.abc import Sequence

from tallystick.expressions import Expression
from tallystick.metering import DATA, VALUE_PATTERN, Filter, Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.expressions import Compiler, Sql, to_value

NUMBER_PATTERN = f"^{VALUE_PATTERN}$"


def dimension_column(index: int) -> str:
    """Return the column that holds the text of a meter's dimension."""
    return f"dimension_{index}"


def series_columns(meter: Meter) -> list[str]:
    """Return the columns that tell one series from another."""
    return ["subject", *(dimension_column(index) for index in range(len(meter.dimensions)))]


def matched_events(meter: Meter, conditions: list[str], bind: Bindings) -> str:
    """
    Return the query of the events a meter matches, with what it reads from them.

    Columns: those of the event, ``at`` (microseconds), ``text``, ``value``, ``readable``,
    ``epoch`` and the dimensions.

    Raises:
        TooWide: an expression of the meter cannot be computed exactly in the engine.
    """
    compiler = Compiler(bind, _text_of_name)
    conditions_of_meter = [compiler.compile(condition.root) for condition in meter.conditions]
    reading = _reading(meter, compiler, conditions_of_meter, bind)
    columns = [
        "position, source, id, subject, sequence, data",
        "toUnixTimestamp64Micro(received_at) AS received",
        "toUnixTimestamp64Micro(used_at) AS at",
        *compiler.columns,
        *reading,
        f"{_text(meter.epoch, bind) if meter.epoch else _EMPTY} AS epoch",
        *(
            f"{_text(part.path, bind)} AS {dimension_column(index)}"
            for index, part in enumerate(meter.dimensions)
        ),
    ]
    where = [
        f"type = {bind.text(meter.event_type)}",
        *conditions,
        *(_condition(condition, bind) for condition in meter.filters),
        # A condition that is not defined leaves nothing out: the event is unmeterable.
        *(f"NOT ({each.defined} AND NOT {each.text})" for each in conditions_of_meter),
    ]
    return bind.selected(columns, where)


_EMPTY = "''"


def _reading(
    meter: Meter, compiler: Compiler, conditions: list[Sql], bind: Bindings
) -> tuple[str, ...]:
    """Return the columns ``text``, ``value`` and ``readable``, with what they are made of."""
    decided = [each.defined for each in conditions]
    if meter.value is None:
        parts = [f"{_EMPTY} AS text", "toDecimal256('1', 18) AS value"]
    elif isinstance(meter.value, Expression) and meter.reads_text:
        found = compiler.compile(meter.value.root)
        parts = [f"{found.text} AS text", "toDecimal256('0', 18) AS value"]
        decided += [found.defined, "notEmpty(text)"]
    elif isinstance(meter.value, Expression):
        found = compiler.compile(meter.value.root)
        value, fits = to_value(found.number, compiler.define)
        parts = [f"{_EMPTY} AS text", f"{value} AS value"]
        decided += [found.defined, fits]
    elif meter.reads_text:
        parts = [f"{_text(meter.value, bind)} AS text", "toDecimal256('0', 18) AS value"]
        decided.append("notEmpty(text)")
    else:
        parts = [
            f"{_scalar(meter.value, bind)} AS text",
            f"match(text, {bind.text(NUMBER_PATTERN)}) AS is_number",
            "toDecimal256(if(is_number, text, '0'), 18) AS value",
        ]
        decided.append("is_number")
    if meter.value is not None and not meter.reads_text and not meter.negative_allowed:
        decided.append("value >= 0")
    return (*parts, f"toUInt8({' AND '.join(decided) or 1}) AS readable")


def _condition(condition: Filter, bind: Bindings) -> str:
    text = _text(condition.path, bind)
    if condition.op == "exists":
        return f"notEmpty({text})"
    operator = "NOT IN" if condition.op == "ne" else "IN"
    return f"{text} {operator} {bind.texts(condition.values)}"


def _text(path: str, bind: Bindings) -> str:
    """Return the text at a path; that of an array or object is empty."""
    return _text_at(path.split("."), bind)


def _text_of_name(path: tuple[str, ...], bind: Bindings) -> str:
    """Return what a name of an expression stands for."""
    return _text_at(path[1:], bind) if path[0] == DATA else path[0]


def _text_at(path: Sequence[str], bind: Bindings) -> str:
    names = ", ".join(bind.text(name) for name in path)
    return f"if(JSONType(read, {names}) IN ('Object', 'Array'), '', {_extract(names)})"


def _scalar(path: str, bind: Bindings) -> str:
    """Return the text at a path where arrays and objects need no care: no number looks like one."""
    return _extract(", ".join(bind.text(name) for name in path.split(".")))


def _extract(names: str) -> str:
    return f"JSONExtractString(read, {names})"
