"""A submission after parsing: what may be appended, in columns, and what may not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from tallystick.app.ingest.columns import EVENT_SCHEMA
from tallystick.app.ingest.hashing import Words, hash_texts
from tallystick.app.ingest.report import Rejection
from tallystick.retention import Horizons


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """
    For whom, when and under which limits a submission is parsed.

    What was used from ``earliest`` on is taken whatever its type; where ``horizons`` are given,
    types may reach back beyond it.
    """

    workspace: str
    received_at: datetime
    earliest: datetime
    latest: datetime
    seed: int
    horizons: Horizons | None = None

    def earliest_of(self, event_type: str) -> datetime:
        """Return the first instant of use that is taken for events of a type."""
        return self.earliest if self.horizons is None else self.horizons.of(event_type)


@dataclass(slots=True, kw_only=True)
class Columns:
    """
    Acceptable events as parallel lists.

    `times` is the text as sent, empty where none was; `sent` the data as sent, of which `data` is
    what is stored.
    """

    index: list[int]
    source: list[str]
    id: list[str]
    type: list[str]
    subject: list[str]
    sequence: list[str]
    times: list[str]
    data: list[str]
    sent: list[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """
    Which rejections are of events that are only too old, by their places among the rejections.

    One that repeats what the log holds is no news: it is a duplicate, whatever its age. `keys` and
    `digests` are as of the events that can be appended.
    """

    places: Sequence[int]
    keys: Words
    digests: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """
    The events of a submission that can be appended, and the rejections.

    `index[row]` is the place in the submission of row `row` of the batch; `keys` (two words a row)
    and `digests` (one) are the rows' identities. `aged` is None where no event is too old.
    """

    batch: pa.RecordBatch
    index: Sequence[int]
    keys: Words
    digests: Words
    rejections: tuple[Rejection, ...]
    aged: Aged | None = None


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
        sent=[],
    )


def identity_keys(scope: Scope, identities: Iterable[tuple[str, str]]) -> Words:
    """Return two words for each (source, id): a keyed hash that takes the workspace in."""
    workspace = scope.workspace
    texts = [f"{workspace}\0{source}\0{event_id}".encode() for source, event_id in identities]
    return hash_texts(texts, scope.seed)


def content_digests(scope: Scope, rows: Iterable[tuple[str, str, str, str, bytes]]) -> Words:
    """Return a word for each content as sent: type, subject, time, sequence, data."""
    texts = [
        f"{kind}\0{subject}\0{time}\0{sequence}\0".encode() + data
        for kind, subject, time, sequence, data in rows
    ]
    return hash_texts(texts, scope.seed)[:, 0].copy()


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
