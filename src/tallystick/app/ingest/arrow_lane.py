"""
The Arrow lane: an IPC stream of events as columns, as importers send them.

Columns, all text: `source`, `id`, `type` (required), `subject`, `time`, `sequence`, `data`. The
same rules hold as for JSON events: what is provably plain passes as columns, a batch with anything
unusual is decided event by event in the careful lane.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from tallystick.app.ingest.arrow_stream import read_stream
from tallystick.app.ingest.careful_lane import as_member, parse_carefully
from tallystick.app.ingest.parsed import Parsed, Scope
from tallystick.app.ingest.plain import parse_columns
from tallystick.app.ingest.wire import EVENTS_MAX
from tallystick.kernel import Misuse

_REQUIRED = ("source", "id", "type")
_OPTIONAL = ("subject", "time", "sequence", "data")


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
        plain = parse_columns(dict(zip(batch.schema.names, batch.columns, strict=True)), scope)
        if plain is None:
            texts = {name: _texts(batch, name) for name in (*_REQUIRED, *_OPTIONAL)}
            yield parse_carefully(_as_json(texts), scope, offset=offset)
        else:
            yield replace(plain, index=range(offset, offset + batch.num_rows))
        offset += batch.num_rows


def _texts(batch: pa.RecordBatch, name: str) -> list[str | None]:
    if name not in batch.schema.names:
        return [None] * batch.num_rows
    texts: list[str | None] = batch.column(name).to_pylist()
    return texts


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
