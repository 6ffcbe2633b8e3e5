"""Sources as values, and their store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tallystick.app.sources.offsets import PartitionState
from tallystick.kernel import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    A declared source.

    Attributes:
        key: its name; never changes.
        kind: which collector reads it.
        document: the declaration as it was sent; it names secrets and holds none.
        paused: nobody collects from it for now.
        changed_at: when it was declared, changed, paused or resumed last.
    """

    key: str
    kind: str
    document: Mapping[str, object]
    paused: bool = False
    changed_at: datetime


class ItemStatus(StrEnum):
    """What became of a file: all of it was counted, or some of it was not."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    A file or object that was finished.

    Attributes:
        name: within the source, as `2026/01/usage.csv`.
        version: names the content: size and digest, or an ETag.
        events: how many of its events the log holds.
        not_counted: rows that could not be read, were refused, or are in conflict.
        problem: the first thing that was wrong, empty if nothing was.
    """

    name: str
    version: str
    status: ItemStatus
    events: int
    not_counted: int
    problem: str
    finished_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source with what is known of its reading."""

    source: Source
    partitions: tuple[PartitionState, ...] = ()
    items: Mapping[ItemStatus, int] = field(default_factory=dict)

    @property
    def newest_at(self) -> datetime | None:
        """The latest time of an event that came from here."""
        known = [each.newest_at for each in self.partitions if each.newest_at is not None]
        return max(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSequence:
    """How the numbers of one sender stand, and the key of the source that watches them."""

    source: str
    state: PartitionState


class SequenceStore(Protocol):
    """How far the log was looked at for numbers of senders, in one workspace."""

    def read_through(self, key: str) -> int:
        """Return the log position through which a source was looked at; 0 for not at all."""
        ...

    def save_read_through(self, key: str, position: int) -> None:
        """Keep that position; declaring the source otherwise sets it back to 0."""
        ...

    def forget(self, key: str) -> None:
        """Remove what is known of all senders of a source."""
        ...

    def of_sender(self, sender: str) -> SenderSequence | None:
        """Return how a sender's numbers stand; None if nobody watches them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFigures:
    """How a declared source of any workspace stands, partition by partition."""

    workspace: WorkspaceId
    source: str
    kind: str
    paused: bool
    partitions: tuple[PartitionState, ...]


class SourceDirectory(Protocol):
    """The declared sources of all workspaces."""

    def workspaces_with(self, kind: str) -> list[WorkspaceId]:
        """Return the workspaces with a source of a kind that is not paused, in order."""
        ...

    def figures(self, *, rows_max: int) -> list[SourceFigures]:
        """Return how sources stand, by workspace and key; of at most so many partitions."""
        ...


class SourceStore(Protocol):
    """The sources of one workspace."""

    def save(self, source: Source) -> None:
        """Add a source, or put it in the place of the one with its key."""
        ...

    def find(self, key: str, *, lock: bool = False) -> Source | None:
        """Return a source; with `lock` no other transaction changes or reports on it meanwhile."""
        ...

    def page(self, *, after: str, limit: int) -> list[Source]:
        """Return sources by key, ascending, after the given key."""
        ...

    def remove(self, key: str) -> None:
        """Remove a source with its bookkeeping."""
        ...

    def partitions(self, key: str) -> list[PartitionState]:
        """Return how far a source has been read, by partition."""
        ...

    def save_partitions(self, key: str, states: Iterable[PartitionState]) -> None:
        """Keep how far partitions have been read."""
        ...

    def items(self, key: str, *, after: tuple[str, str], limit: int) -> list[Item]:
        """Return finished items by name and version, after the given ones."""
        ...

    def save_items(self, key: str, items: Iterable[Item]) -> None:
        """Keep finished items; one with the same name and version is replaced."""
        ...

    def item_counts(self, key: str) -> dict[ItemStatus, int]:
        """Return how many items have which status."""
        ...
