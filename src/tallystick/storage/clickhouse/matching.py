"""
Which rows a meter matches, and what it reads from them, as SQL.

This is `tallystick.metering.reading` once more: the same text at a path, the same numbers, the same
unmeterable events. A number is converted only behind the pattern that admits it; ClickHouse's own
lenient conversions cut digits without a word.
"""

from tallystick.metering import VALUE_PATTERN, Filter, Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.schema import EVENTS

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
    """
    columns = [
        "position, source, id, subject, sequence, data",
        "toUnixTimestamp64Micro(received_at) AS received",
        "toUnixTimestamp64Micro(used_at) AS at",
        _reading(meter, bind),
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
    ]
    return f"SELECT {', '.join(columns)} FROM {EVENTS} WHERE {' AND '.join(where)}"


_EMPTY = "''"


def _reading(meter: Meter, bind: Bindings) -> str:
    if meter.value is None:
        return f"{_EMPTY} AS text, toDecimal256('1', 18) AS value, toUInt8(1) AS readable"
    if meter.reads_text:
        text = _text(meter.value, bind)
        return f"{text} AS text, toDecimal256('0', 18) AS value, notEmpty(text) AS readable"
    allowed = "is_number" if meter.negative_allowed else "is_number AND value >= 0"
    return (
        f"{_scalar(meter.value, bind)} AS text, "
        f"match(text, {bind.text(NUMBER_PATTERN)}) AS is_number, "
        f"toDecimal256(if(is_number, text, '0'), 18) AS value, "
        f"({allowed}) AS readable"
    )


def _condition(condition: Filter, bind: Bindings) -> str:
    text = _text(condition.path, bind)
    if condition.op == "exists":
        return f"notEmpty({text})"
    operator = "NOT IN" if condition.op == "ne" else "IN"
    return f"{text} {operator} {bind.texts(condition.values)}"


def _text(path: str, bind: Bindings) -> str:
    """Return the text at a path; that of an array or object is empty."""
    names = _names(path, bind)
    return f"if(JSONType(fields, {names}) IN ('Object', 'Array'), '', {_extract(names)})"


def _scalar(path: str, bind: Bindings) -> str:
    """Return the text at a path where arrays and objects need no care: no number looks like one."""
    return _extract(_names(path, bind))


def _extract(names: str) -> str:
    return f"JSONExtractString(fields, {names})"


def _names(path: str, bind: Bindings) -> str:
    return ", ".join(bind.text(name) for name in path.split("."))
