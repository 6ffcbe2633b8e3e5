"""
Events as request bodies: cut to a size that the server takes, and compressed.

A batch is cut by number of events and by bytes before compression, whichever is reached first.
Bodies are zstd at level 1, the fastest: event JSON repeats itself so much that more effort gains
little.

| given            | body                                    |
|------------------|-----------------------------------------|
| mappings         | `application/cloudevents-batch+json`    |
| lines of NDJSON  | `application/x-ndjson`                  |
| an Arrow table   | `application/vnd.apache.arrow.stream`   |
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec
import pyarrow as pa
import zstandard

EVENTS_MAX = 1_000
ROWS_MAX = 20_000
BODY_BYTES_MAX = 4 * 1024 * 1024

JSON_BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"
ARROW_STREAM = "application/vnd.apache.arrow.stream"

_encoder = msgspec.json.Encoder(decimal_format="string")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One request body, compressed with zstd, and how many events it carries."""

    body: bytes
    media_type: str
    events: int


def json_batches(
    events: Iterable[Mapping[str, object]],
    *,
    events_max: int = EVENTS_MAX,
    body_bytes_max: int = BODY_BYTES_MAX,
) -> Iterator[Batch]:
    """
    Yield bodies that carry the events in order; Decimals are written as exact text.

    Example:
        >>> [b.events for b in json_batches([{"id": "1"}, {"id": "2"}, {"id": "3"}], events_max=2)]
        [2, 1]
    """
    held: list[bytes] = []
    held_bytes = 0
    for event in events:
        encoded = _encoder.encode(event)
        if held and (len(held) >= events_max or held_bytes + len(encoded) > body_bytes_max):
            yield _json_batch(held)
            held, held_bytes = [], 0
        held.append(encoded)
        held_bytes += len(encoded) + 1
    if held:
        yield _json_batch(held)


def line_batch(lines: bytes) -> Batch:
    """Return whole lines of NDJSON, each with its end, as one body."""
    return Batch(body=_compressed(lines), media_type=NDJSON, events=lines.count(b"\n"))


def arrow_batches(table: pa.Table, *, rows_max: int = ROWS_MAX) -> Iterator[Batch]:
    """Yield Arrow IPC streams of at most `rows_max` rows each, in order."""
    for start in range(0, table.num_rows, rows_max):
        part = table.slice(start, rows_max)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, part.schema) as writer:
            writer.write_table(part)
        body = sink.getvalue()
        yield Batch(
            body=_compressed(memoryview(body)), media_type=ARROW_STREAM, events=part.num_rows
        )


def _json_batch(encoded: list[bytes]) -> Batch:
    body = b"[" + b",".join(encoded) + b"]"
    return Batch(body=_compressed(body), media_type=JSON_BATCH, events=len(encoded))


def _compressed(body: bytes | memoryview) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(body)
