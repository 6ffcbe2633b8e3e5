"""What the gate and the loader need of the log and of the projection."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

import pyarrow as pa

from tallystick.kernel import EngineUnavailable
from tallystick.metering import Event


class LogFull(EngineUnavailable):
    """The device has no room; nothing of the append was kept, and it may be sent again."""


class Known(NamedTuple):
    """An identity that the log holds: where, and 64 bits of its content as sent."""

    position: int
    digest: int


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

    def look_up(self, keys: list[bytes]) -> list[Known | None]:
        """Return what is known of each key."""
        ...

    def learn(self, keys: list[bytes], digests: list[int], *, first_position: int) -> None:
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
