"""The server as a collector sees it: it takes events and reports, and knows how far a source is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import msgspec

from tallystick.client import Batch, BatchAnswer, Client, Request
from tallystick.integrations.sources.definitions import Definition, definition_from_document
from tallystick.kernel import Misuse

ITEMS_PER_PAGE = "500"


class ReadSpan(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Offsets from `first` up to, not including, `end`."""

    first: int
    end: int


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is no event, for the dead letters."""

    offset: int
    message: str
    body: bytes


class RefusedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that the gate refused, and the offset of its message."""

    offset: int
    source: str
    id: str


class PartitionProgress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was read of a partition; see `app/sources`."""

    partition: str
    begin: int | None = None
    read: tuple[ReadSpan, ...] = ()
    lost: tuple[ReadSpan, ...] = ()
    messages: int = 0
    newest_at: datetime | None = None
    unreadable: tuple[Unreadable, ...] = ()
    refused: tuple[RefusedEvent, ...] = ()
    problem: str = ""


class FinishedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A file or object that was finished; `version` names its content."""

    name: str
    version: str
    status: str
    events: int
    not_counted: int
    problem: str
    finished_at: datetime


class KnownPartition(msgspec.Struct, frozen=True, kw_only=True):
    """How far the server knows a partition."""

    partition: str
    next_offset: int
    open: tuple[ReadSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """
    What a collector finds where it runs.

    Attributes:
        secrets: variables of the environment that sources may name.
        folders: roots below which watched folders may lie.
        scratch: a folder for what is only needed meanwhile.
    """

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    folders: tuple[Path, ...] = ()
    scratch: Path

    def secret(self, variable: str) -> str:
        """
        Return a secret.

        Raises:
            Misuse: the environment does not have it.
        """
        if variable not in self.secrets:
            message = f"the collector's environment has no {variable}; set it where it is started"
            raise Misuse(message)
        return self.secrets[variable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One source's way to the server; raises as `Client` does."""

    client: Client
    source: str
    surroundings: Surroundings

    def definition(self) -> Definition:
        """Return what is to be collected."""
        shown = cast(Mapping[str, Any], self.client.get(self._path))
        return definition_from_document(shown["definition"])

    def known_partitions(self) -> dict[str, KnownPartition]:
        """Return how far each partition was read."""
        shown = cast(Mapping[str, Any], self.client.get(self._path))
        states = msgspec.convert(shown["partitions"], type=list[KnownPartition])
        return {state.partition: state for state in states}

    def send(self, batch: Batch) -> BatchAnswer:
        """Send events; what is accepted or a duplicate is durable when this returns."""
        return self.client.send_batch(batch)

    def report(self, *partitions: PartitionProgress) -> None:
        """Tell what was read; a repeat changes nothing."""
        self._report({"partitions": partitions})

    def finish(self, *items: FinishedItem) -> None:
        """Tell which files or objects are finished."""
        self._report({"items": items})

    def finished(self) -> Iterator[FinishedItem]:
        """Yield what was finished before."""
        cursor = ""
        while True:
            page = cast(
                Mapping[str, Any],
                self.client.get(f"{self._path}/items", limit=ITEMS_PER_PAGE, cursor=cursor),
            )
            yield from msgspec.convert(page["items"], type=list[FinishedItem])
            cursor = page["next_cursor"]
            if not cursor:
                return

    @property
    def _path(self) -> str:
        return f"/v1/sources/{self.source}"

    def _report(self, document: Mapping[str, object]) -> None:
        request = Request(
            method="POST",
            path=f"{self._path}/progress",
            body=msgspec.json.encode(document),
            headers={"content-type": "application/json"},
        )
        self.client.ask(request)
