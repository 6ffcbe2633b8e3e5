"""Columns of any type as text, exactly."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.integrations.files.numbers import Converted
from tallystick.integrations.files.times import timestamp_texts
from tallystick.kernel import Misuse

NOT_UTF8 = "is not UTF-8 text; save the file as UTF-8"


def column_texts(column: pa.Array, missing: Iterable[str], *, zone: str = "") -> Converted:
    """
    Return a column as text; null where it is null or says that the value is missing.

    A float is written as the shortest text that means it, which is what its producer wrote; a
    timestamp as RFC 3339; bytes are taken as UTF-8.

    Raises:
        Misuse: the column's type cannot be written as one text (a list, a structure).

    Example:
        >>> column_texts(pa.array([0.1, 1e-7, None]), []).texts.to_pylist()
        ['0.1', '1e-7', None]
    """
    converted = _converted(column, zone)
    absent = pc.is_in(converted.texts, value_set=pa.array(sorted(missing), pa.string()))
    if not pc.any(absent, min_count=0).as_py():
        return converted
    texts = pc.if_else(absent, pa.scalar(None, pa.string()), converted.texts)
    return Converted(texts=texts, problems=converted.problems)


def _converted(column: pa.Array, zone: str) -> Converted:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _converted(column.dictionary_decode(), zone)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _decoded(column)
    if pa.types.is_timestamp(kind):
        return Converted(texts=timestamp_texts(_placed(column, zone)), problems={})
    if _is_plain(kind):
        return Converted(texts=pc.cast(column, pa.string()), problems={})
    msg = f"is of type {kind}, which is no single number, text or time; map another column"
    raise Misuse(msg)


def _is_plain(kind: pa.DataType) -> bool:
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_boolean,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


def _placed(stamps: pa.Array, zone: str) -> pa.Array:
    if stamps.type.tz is not None:
        return stamps
    if not zone:
        msg = "has times without a zone; name it under `time.zone` in the mapping"
        raise Misuse(msg)
    return pc.assume_timezone(stamps, zone, ambiguous="earliest", nonexistent="earliest")


def _decoded(column: pa.Array) -> Converted:
    try:
        return Converted(texts=pc.cast(column, pa.string()), problems={})
    except pa.ArrowInvalid:
        return _decoded_row_by_row(column)


def _decoded_row_by_row(column: pa.Array) -> Converted:
    values: list[str | None] = []
    problems: dict[int, str] = {}
    for place, raw in enumerate(column.to_pylist()):
        try:
            values.append(None if raw is None else raw.decode())
        except UnicodeDecodeError:
            values.append(None)
            problems[place] = f"{raw[:40]!r} {NOT_UTF8}"
    return Converted(texts=pa.array(values, pa.string()), problems=problems)
