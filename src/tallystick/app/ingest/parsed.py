"""A submission after parsing: what may be appended, in columns, and what may not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import xxhash

from tallystick.app.ingest.columns import EVENT_SCHEMA
from tallystick.app.ingest.report import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """For whom, when and under which limits a submission is parsed."""

    workspace: str
    received_at: datetime
    earliest: datetime
    latest: datetime
    seed: int


@dataclass(slots=True, kw_only=True)
class Columns:
    """Acceptable events as parallel lists; `times` holds the text as sent, None where none was."""

    index: list[int]
    source: list[str]
    id: list[str]
    type: list[str]
    subject: list[str]
    sequence: list[str]
    times: list[str | None]
    data: list[str | bytes]
    keys: list[bytes]
    digests: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """
    The events of a submission that can be appended, and the rejections.

    `index[row]` is the place in the submission of row `row` of the batch; `keys` and `digests` are
    the rows' identities. `sent_time[row]` is false where the time of receipt stands for a missing
    time.
    """

    batch: pa.RecordBatch
    index: Sequence[int]
    keys: list[bytes]
    digests: list[int]
    rejections: tuple[Rejection, ...]


def empty_columns() -> Columns:
    """Return columns without rows."""
    return Columns(
        index=[],
        source=[],
        id=[],
        type=[],
        subject=[],
        sequence=[],
        times=[],
        data=[],
        keys=[],
        digests=[],
    )


def identity_keys(scope: Scope, sources: Iterable[str], ids: Iterable[str]) -> list[bytes]:
    """Return the 16-byte keyed hashes of identities; the seed is secret to the data directory."""
    digest, workspace, seed = xxhash.xxh3_128_digest, scope.workspace, scope.seed
    return [
        digest(f"{workspace}\0{source}\0{event_id}".encode(), seed)
        for source, event_id in zip(sources, ids, strict=True)
    ]


def content_digests(rows: Iterable[tuple[str, str, str | None, str, bytes]]) -> list[int]:
    """Return 64 bits over each content as sent: type, subject, time, sequence, data."""
    digest = xxhash.xxh3_64_intdigest
    return [
        digest(f"{kind}\0{subject}\0{time or ''}\0{sequence}\0".encode() + data)
        for kind, subject, time, sequence, data in rows
    ]


def batch_of(columns: Columns, used_at: pa.Array, scope: Scope) -> pa.RecordBatch:
    """Return the columns as one batch of `EVENT_SCHEMA`; the data must be valid UTF-8."""
    count = len(columns.id)
    received = pa.scalar(scope.received_at, EVENT_SCHEMA.field("received_at").type)
    arrays = [
        pa.repeat(pa.scalar(scope.workspace), count),
        pa.array(columns.source, pa.string()),
        pa.array(columns.id, pa.string()),
        pa.array(columns.type, pa.string()),
        pa.array(columns.subject, pa.string()),
        used_at,
        pa.repeat(received, count),
        pa.array(columns.sequence, pa.string()),
        pa.array(columns.data, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=EVENT_SCHEMA)
