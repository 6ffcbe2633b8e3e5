"""A gate with its log on disk and personal data in PostgreSQL, as the owner wires them."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tallystick.app import Caller
from tallystick.app.catalog import ApplyCatalog, apply_catalog
from tallystick.app.dead_letters import RejectedEvent
from tallystick.app.ingest import Append, Gate, GateRules, GroupCommit, IngestReport, Known, Words
from tallystick.app.personal import ProtectedEvents
from tallystick.catalog import Documents
from tallystick.kernel import Done
from tallystick.metering import Event
from tallystick.storage.log import read_events
from tests.clock import HandClock
from tests.databases import WORKSPACE, Database
from tests.ingest.batches import JSON, NOW, LogUnderTest, event

ADMIN = Caller(workspace=WORKSPACE, actor="key:1", scopes=frozenset({"admin"}))
TYPE = "api.request"
PATH = "user.email"


def call(event_id: str, email: object = "jane@x.org", **attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return an event with a personal value."""
    return event(event_id, data={"value": 1, "user": {"email": email}}, **attributes)


@dataclass
class PersonalGate:
    """A gate of the workspace ``test``; ``appending`` is what the group commit calls."""

    database: Database
    directory: Path
    clock: HandClock = field(default_factory=lambda: HandClock(NOW))
    buried: list[RejectedEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open the log."""
        self.log = LogUnderTest(self.directory)
        self.appending: Append = lambda submissions: self.log.append(*map(list, submissions))
        self.protection = ProtectedEvents(self.database.unit, self)

    def known(self, keys: Words) -> Known:
        """Return what the log holds of identities."""
        return self.log.identities.look_up(keys)

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return rows of the log."""
        return self.log.events_at(positions)

    def declare(self, *paths: str, event_type: str = TYPE) -> None:
        """Declare the personal paths of a type."""
        documents = Documents(
            lists={"personal_data": [{"event_type": event_type, "paths": [*paths]}]}
        )
        outcome = apply_catalog(
            ApplyCatalog(documents=documents),
            caller=ADMIN,
            uow=self.database.unit(),
            clock=self.clock,
        )
        assert isinstance(outcome, Done), outcome
        self.protection.forget(WORKSPACE)

    def send(self, *events: Mapping[str, Any]) -> IngestReport:
        """Let events through the gate."""
        return self.submit(json.dumps(list(events)).encode())

    def submit(self, body: bytes, content_type: str = JSON, **sent: Any) -> IngestReport:  # noqa: ANN401 - of `Gate.submit`
        """Let a body through the gate."""

        async def submitted() -> IngestReport:
            commits = GroupCommit(self.appending)
            gate = Gate(
                commits,
                clock=self.clock,
                bury=self.buried.extend,
                seed=11,
                rules=GateRules(protection=self.protection),
            )
            try:
                return await gate.submit(
                    WORKSPACE, body, content_type=content_type, headers={}, **sent
                )
            finally:
                commits.close()

        return asyncio.run(submitted())

    def rows(self) -> list[Event]:
        """Return the events of the log in order."""
        return list(
            read_events(
                self.log.segments,
                workspace=WORKSPACE,
                types=frozenset({TYPE}),
                subjects=None,
                through=self.log.log.last_position,
            )
        )

    def values(self) -> list[Any]:
        """Return what stands at the personal path of each event."""
        return [json.loads(row.data)["user"]["email"] for row in self.rows()]
