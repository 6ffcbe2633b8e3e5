"""What the gate and the loader need of the log and of the projection."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

import pyarrow as pa

from tallystick.app.ingest.hashing import Words
from tallystick.kernel import EngineUnavailable
from tallystick.metering import Event


class LogFull(EngineUnavailable):
    """The device has no room; nothing of the append was kept, and it may be sent again."""


class Known(NamedTuple):
    """
    What the log holds of each of several identities.

    `position` is 0 where it holds none; `digest` is 64 bits of the content as sent.
    """

    position: Words
    digest: Words


class EventLog(Protocol):
    """The log, written by one thread."""

    @property
    def last_position(self) -> int:
        """Position of the last durable event; 0 in an empty log."""
        ...

    def append(self, batch: pa.RecordBatch, identities: bytes) -> int:
        """Store events durably; return the position of the first."""
        ...


class Identities(Protocol):
    """Which identities the log holds."""

    def look_up(self, keys: Words) -> Known:
        """Return what is known of each key, two words a row."""
        ...

    def learn(self, keys: Words, digests: Words, *, first_position: int) -> None:
        """Remember the identities of what was appended."""
        ...


class StoredEvents(Protocol):
    """Single events by position."""

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return the events at positions, without those that are not held."""
        ...


class Block(Protocol):
    """Events of one append as the log holds them."""

    @property
    def first_position(self) -> int:
        """Position of the first row."""
        ...

    @property
    def batch(self) -> pa.RecordBatch:
        """The rows, `EVENT_SCHEMA`, in log order."""
        ...


class LogBlocks(Protocol):
    """The log, read in order."""

    def durable_position(self) -> int:
        """Return the position up to which the log is durable."""
        ...

    def blocks_from(self, position: int, *, through: int) -> Iterator[Block]:
        """Yield the blocks with events from this position through another, in order."""
        ...


class Projection(Protocol):
    """The events as ClickHouse holds them."""

    def max_position(self) -> int:
        """Return the highest position held; 0 if none."""
        ...

    def insert(self, table: pa.Table) -> int:
        """Store rows with their positions, all or none; return how many were new."""
        ...
