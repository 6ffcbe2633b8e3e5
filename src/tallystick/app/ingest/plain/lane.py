"""
The plain lane: whole bodies of plain events to columns, in about a microsecond an event.

A body with any event that is not plain (see `scan`) is left to the careful lane as a whole. Both
lanes give the same rows, keys and digests for what both can read.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.ingest.columns import EVENT_SCHEMA, INSTANT
from tallystick.app.ingest.hashing import hash_parts, secret_words
from tallystick.app.ingest.parsed import Parsed, Scope
from tallystick.app.ingest.plain.columns import Bytes, Places, joined, string_column
from tallystick.app.ingest.plain.instants import MISSING, UNREAD, read_instants
from tallystick.app.ingest.plain.scan import (
    DATA,
    FIELDS,
    ID,
    SEQUENCE,
    SOURCE,
    SUBJECT,
    TIME,
    TYPE,
    are_plain_columns,
    new_room,
    scan_array,
    scan_each,
)
from tallystick.app.ingest.wire import EVENTS_MAX
from tallystick.metering import RESERVED_SOURCES, RESERVED_TYPES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEWLINE = 10
_NO_DATA = np.frombuffer(b"{}", np.uint8)
_IDENTITY = np.array([SOURCE, ID])
_CONTENT = np.array([TYPE, SUBJECT, TIME, SEQUENCE, DATA])
_NOTHING = np.empty(0, np.uint8)


def parse_array(body: bytes, scope: Scope) -> Parsed | None:
    """Return a JSON array of plain events in columns, None if any of it is not plain."""
    rows_max = body.count(b'"specversion"')
    if rows_max > EVENTS_MAX or not _is_utf8(body):
        return None
    text, spans = np.frombuffer(body, np.uint8), _new_spans(rows_max)
    rows = scan_array(text, spans, new_room())
    return _parsed(text, spans[:rows], scope) if rows > 0 else None


def parse_lines(body: bytes, scope: Scope) -> Parsed | None:
    """Return plain events, one a line, in columns; None if any line is not plain."""
    text = np.frombuffer(body, np.uint8)
    ends = np.append(np.flatnonzero(text == _NEWLINE) + 1, len(text))
    if len(ends) > EVENTS_MAX + 1 or not _is_utf8(body):
        return None
    spans = _new_spans(len(ends))
    rows = scan_each(text, ends, spans, new_room())
    return _parsed(text, spans[:rows], scope) if rows > 0 else None


def parse_each(raws: Sequence[bytes], scope: Scope) -> Parsed | None:
    """
    Return plain events, each a JSON text of its own, in columns; None if any is not plain.

    Each text is read by itself, so that no text can swallow or complete another.
    """
    body = b"".join(raws)
    ends = np.cumsum(np.fromiter(map(len, raws), np.int64, len(raws)))
    if not _is_utf8(body):
        return None
    spans = _new_spans(len(raws))
    rows = scan_each(np.frombuffer(body, np.uint8), ends, spans, new_room())
    return _parsed(np.frombuffer(body, np.uint8), spans, scope) if rows == len(raws) else None


def parse_columns(columns: Mapping[str, pa.StringArray], scope: Scope) -> Parsed | None:
    """
    Return plain events that come as columns of text, None if any is not plain.

    Args:
        columns: by the names of the attributes, all of one length and valid UTF-8.
        scope: for whom.

    """
    rows = len(columns["id"])
    spans, texts, base = _new_spans(rows), [_NOTHING], 0
    spans[:] = -1
    for name, field in _COLUMNS.items():
        if (column := columns.get(name)) is not None:
            text, starts, ends = _parts(column)
            spans[:, 2 * field] = np.where(starts < 0, -1, starts + base)
            spans[:, 2 * field + 1] = np.where(starts < 0, -1, ends + base)
            texts.append(text)
            base += len(text)
    whole = np.concatenate(texts)
    whole.setflags(write=False)
    return _parsed(whole, spans, scope) if are_plain_columns(whole, spans, new_room()) else None


_COLUMNS = {
    "source": SOURCE,
    "id": ID,
    "type": TYPE,
    "subject": SUBJECT,
    "time": TIME,
    "sequence": SEQUENCE,
    "data": DATA,
}


def _parts(column: pa.StringArray) -> tuple[Bytes, Places, Places]:
    """Return a column's text and where each value starts and ends; -1 where there is none."""
    _, places, buffer = column.buffers()
    offsets = np.frombuffer(places, np.int32)[column.offset : column.offset + len(column) + 1]
    text = np.frombuffer(buffer, np.uint8) if buffer else _NOTHING
    first, last = int(offsets[0]), int(offsets[-1])
    starts, ends = offsets[:-1].astype(np.int64) - first, offsets[1:].astype(np.int64) - first
    if column.null_count:
        starts[column.is_null().to_numpy(zero_copy_only=False)] = -1
    return text[first:last], starts, ends


def _new_spans(rows: int) -> Places:
    return np.empty((rows, 2 * FIELDS), np.int64)


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parsed(text: Bytes, spans: Places, scope: Scope) -> Parsed | None:
    used_at = _used_at(text, spans, scope)
    if used_at is None:
        return None
    text = _with_data(text, spans)
    secret = secret_words(scope.seed)
    prefix = np.frombuffer(f"{scope.workspace}\0".encode(), np.uint8)
    columns = {
        field: string_column(text, spans[:, 2 * field].copy(), spans[:, 2 * field + 1].copy())
        for field in (SOURCE, ID, TYPE, SUBJECT, SEQUENCE, DATA)
    }
    if _is_reserved(columns[TYPE], columns[SOURCE]):
        return None
    received = pa.scalar(scope.received_at, INSTANT)
    arrays = [
        pa.repeat(pa.scalar(scope.workspace), len(spans)),
        *(columns[field] for field in (SOURCE, ID, TYPE, SUBJECT)),
        pa.array(used_at).cast(INSTANT),
        pa.repeat(received, len(spans)),
        columns[SEQUENCE],
        columns[DATA],
    ]
    return Parsed(
        batch=pa.RecordBatch.from_arrays(arrays, schema=EVENT_SCHEMA),
        index=range(len(spans)),
        keys=hash_parts(*joined(text, spans, _IDENTITY, prefix), secret),
        digests=hash_parts(*joined(text, spans, _CONTENT, _NOTHING), secret)[:, 0].copy(),
        rejections=(),
    )


def _is_reserved(types: pa.StringArray, sources: pa.StringArray) -> bool:
    """Tell whether an event bears a type or source that no sender may use."""
    named = (pc.starts_with(types, RESERVED_TYPES), pc.starts_with(sources, RESERVED_SOURCES))
    return any(pc.any(rows).as_py() for rows in named)


def _used_at(text: Bytes, spans: Places, scope: Scope) -> Places | None:
    """Return microseconds since 1970; None if a time is not plain or outside the span."""
    used_at = read_instants(text, spans[:, 2 * TIME].copy(), spans[:, 2 * TIME + 1].copy())
    used_at[used_at == MISSING] = _micros(scope.received_at)
    if (used_at == UNREAD).any():
        return None
    lowest, highest = int(used_at.min()), int(used_at.max())
    if lowest < _micros(scope.earliest) or highest > _micros(scope.latest):
        return None
    return used_at


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _with_data(text: Bytes, spans: Places) -> Bytes:
    """Give events without data an empty object; return the text that holds it."""
    missing = spans[:, 2 * DATA] < 0
    if not missing.any():
        return text
    spans[missing, 2 * DATA], spans[missing, 2 * DATA + 1] = len(text), len(text) + 2
    longer = np.concatenate([text, _NO_DATA])
    longer.setflags(write=False)
    return longer
