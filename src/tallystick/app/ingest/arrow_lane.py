"""
The Arrow lane: an IPC stream of events as columns, as importers send them.

Columns, all text: `source`, `id`, `type` (required), `subject`, `time`, `sequence`, `data`. The
same rules hold as for JSON events: what is provably plain passes as columns, a batch with anything
unusual is decided event by event in the careful lane.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.ingest.arrow_stream import read_stream
from tallystick.app.ingest.careful_lane import as_member, parse_carefully
from tallystick.app.ingest.fast_lane import is_plain_data
from tallystick.app.ingest.parsed import (
    Columns,
    Parsed,
    Scope,
    batch_of,
    content_digests,
    identity_keys,
)
from tallystick.app.ingest.times import parse_times
from tallystick.app.ingest.wire import (
    CONTROL,
    DATA_BYTES_MAX,
    EVENTS_MAX,
    ID_LENGTH_MAX,
    SEQUENCE_LENGTH_MAX,
    SOURCE_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    TYPE_LENGTH_MAX,
)
from tallystick.kernel import Misuse
from tallystick.metering import is_reserved

_REQUIRED = ("source", "id", "type")
_OPTIONAL = ("subject", "time", "sequence", "data")
_LENGTHS = {
    "source": SOURCE_LENGTH_MAX,
    "id": ID_LENGTH_MAX,
    "type": TYPE_LENGTH_MAX,
    "subject": SUBJECT_LENGTH_MAX,
    "sequence": SEQUENCE_LENGTH_MAX,
    "data": DATA_BYTES_MAX,
}


def parse_arrow(body: bytes, scope: Scope) -> list[Parsed]:
    """
    Return the batches of an Arrow IPC stream.

    Raises:
        Misuse: not such a stream, columns missing, unknown or not text, or too many events.

    """
    stream = read_stream(body)
    _check_columns(next(stream))
    batches: list[pa.RecordBatch] = []
    events = 0
    for batch in stream:
        events += batch.num_rows
        if events > EVENTS_MAX:
            message = f"more than {EVENTS_MAX} events in one request; send several"
            raise Misuse(message)
        if batch.num_rows:
            batches.append(batch)
    return list(_parse(batches, scope))


def _check_columns(schema: pa.Schema) -> None:
    for name in _REQUIRED:
        if name not in schema.names:
            message = f"the column {name!r} is missing; required are {', '.join(_REQUIRED)}"
            raise Misuse(message)
    for field in schema:
        if field.name not in (*_REQUIRED, *_OPTIONAL):
            message = (
                f"unknown column {field.name!r}; known are {', '.join((*_REQUIRED, *_OPTIONAL))}"
            )
            raise Misuse(message)
        if not pa.types.is_string(field.type):
            message = f"the column {field.name!r} must be text (utf8), not {field.type}"
            raise Misuse(message)


def _parse(batches: list[pa.RecordBatch], scope: Scope) -> Iterator[Parsed]:
    offset = 0
    for batch in batches:
        texts = {name: _texts(batch, name) for name in (*_REQUIRED, *_OPTIONAL)}
        plain = _parse_plain(texts, scope, offset) if _is_plain(batch, texts) else None
        yield plain or parse_carefully(_as_json(texts), scope, offset=offset)
        offset += batch.num_rows


def _texts(batch: pa.RecordBatch, name: str) -> list[str | None]:
    if name not in batch.schema.names:
        return [None] * batch.num_rows
    texts: list[str | None] = batch.column(name).to_pylist()
    return texts


def _is_plain(batch: pa.RecordBatch, texts: dict[str, list[str | None]]) -> bool:
    for name, length in _LENGTHS.items():
        if name in batch.schema.names:
            longest = pc.max(pc.binary_length(batch.column(name))).as_py()
            if longest is not None and longest > length:
                return False
    for name in ("source", "id", "type", "subject", "sequence"):
        if name in batch.schema.names and CONTROL.search("".join(t or "" for t in texts[name])):
            return False
    named = set(zip(texts["type"], texts["source"], strict=True))
    if any(is_reserved(type=type_ or "", source=source or "") for type_, source in named):
        return False
    return all(texts[name].count(None) + texts[name].count("") == 0 for name in _REQUIRED)


def _parse_plain(texts: dict[str, list[Any]], scope: Scope, offset: int) -> Parsed | None:
    data = [(text or "{}").encode() for text in texts["data"]]
    if not is_plain_data(data):
        return None
    times = [text or None for text in texts["time"]]
    used_at = parse_times(times, scope)
    if used_at is None:
        return None
    subject = [text or "" for text in texts["subject"]]
    sequence = [text or "" for text in texts["sequence"]]
    contents = zip(texts["type"], subject, times, sequence, data, strict=True)
    columns = Columns(
        index=list(range(offset, offset + len(data))),
        source=texts["source"],
        id=texts["id"],
        type=texts["type"],
        subject=subject,
        sequence=sequence,
        times=times,
        data=list(data),
        keys=identity_keys(scope, texts["source"], texts["id"]),
        digests=content_digests(contents),
    )
    return Parsed(
        batch=batch_of(columns, used_at, scope),
        index=columns.index,
        keys=columns.keys,
        digests=columns.digests,
        rejections=(),
    )


def _as_json(texts: dict[str, list[str | None]]) -> list[bytes]:
    rows = zip(*(texts[name] for name in (*_REQUIRED, *_OPTIONAL)), strict=True)
    return [_event_json(row) for row in rows]


def _event_json(row: tuple[str | None, ...]) -> bytes:
    """Return one row as a CloudEvents text; its data is parsed there."""
    names = (*_REQUIRED, *_OPTIONAL)
    members = [
        f"{json.dumps(name)}:{json.dumps(text)}"
        for name, text in zip(names, row, strict=True)
        if text is not None and name != "data"
    ]
    data = as_member((row[names.index("data")] or "{}").encode())
    head = ",".join(['"specversion":"1.0"', *members])
    return b"{" + head.encode() + b',"data":' + data + b"}"
