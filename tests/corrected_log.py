"""A log on disk with its identities and ClickHouse behind it, as corrections use them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tallystick.app import Caller
from tallystick.app.corrections import CorrectionSources, Identity, Written
from tallystick.app.ingest import (
    Block,
    IngestReport,
    Loader,
    Scope,
    Status,
    Words,
    identity_keys,
    parse_body,
    parsed_rows,
)
from tallystick.kernel import WorkspaceId
from tallystick.metering import Event
from tallystick.storage.clickhouse import ClickHouseCorrections
from tallystick.storage.log import blocks_from, read_events
from tests.clickhouse import UsageStore
from tests.clock import HandClock
from tests.ingest.batches import JSON, NOW, LogUnderTest, scope


@dataclass
class CorrectedLog:
    """
    The owner's log without its process.

    The store is emptied, so that its positions are the log's; what else a test puts into the store
    must not come between.
    """

    store: UsageStore
    directory: Path
    clock: HandClock = field(default_factory=lambda: HandClock(NOW))
    log: LogUnderTest = field(init=False)

    def __post_init__(self) -> None:
        """Open the log and empty the store."""
        self.store.projection.rebuild()
        self.log = LogUnderTest(self.directory)
        self.loader = Loader(self, self.store.projection)

    loader: Loader = field(init=False)

    @property
    def sources(self) -> CorrectionSources:
        """Return what the use cases need."""
        known = ClickHouseCorrections(self.store.clickhouse)
        return CorrectionSources(log=self, known=known, clock=self.clock)

    def caller(self, workspace: WorkspaceId, *scopes: str, key: str | None = None) -> Caller:
        """Return somebody who may correct, or what the scopes say."""
        allowed = frozenset(scopes or {"correct"})
        return Caller(workspace=workspace, actor="key:test", scopes=allowed, idempotency_key=key)

    def send(self, workspace: WorkspaceId, *events: Mapping[str, Any]) -> IngestReport:
        """Let events through the gate, and load them."""
        body = json.dumps(list(events)).encode()
        parts = parse_body(body, scope(workspace=workspace), content_type=JSON, headers={})
        (report,) = self.log.append(parts)
        self.load()
        return report

    def standing(self, workspace: WorkspaceId, *, through: int | None = None) -> list[Event]:
        """Return what counts, read from the log."""
        last = self.durable_position() if through is None else through
        found = read_events(
            self.log.segments,
            workspace=workspace,
            types=frozenset({"t"}),
            subjects=None,
            through=last,
        )
        return list(found)

    def load(self) -> None:
        """Load everything."""
        self.loader.load_once()

    def durable_position(self) -> int:
        """Return the last position."""
        return self.log.log.last_position

    def blocks_from(self, position: int, *, through: int) -> Iterator[Block]:
        """Yield blocks for the loader."""
        return blocks_from(self.log.segments, position, through=through)

    def find(self, workspace: WorkspaceId, identities: Sequence[Identity]) -> list[int | None]:
        """Return the positions of identities."""
        if not identities:
            return []
        return self._positions(identity_keys(self._scope(workspace), identities))

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return rows as they were written."""
        return self.log.events_at(positions)

    def write(self, rows: Sequence[Event]) -> list[Written]:
        """Append rows, and load them."""
        part = parsed_rows(rows, scope=self._scope(WorkspaceId(rows[0].workspace)))
        (report,) = self.log.append([part])
        self.load()
        conflicts = {one.index for one in report.results}
        return [
            Written(
                status=Status.CONFLICT if index in conflicts else Status.ACCEPTED,
                position=position or 0,
            )
            for index, position in enumerate(self._positions(part.keys))
        ]

    def _scope(self, workspace: WorkspaceId) -> Scope:
        return scope(workspace=workspace, received_at=self.clock.now())

    def _positions(self, keys: Words) -> list[int | None]:
        return [found or None for found in self.log.identities.look_up(keys).position.tolist()]
