"""The log as corrections use it: finds events by identity, and takes rows of the program."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from tallystick.app.clock import Clock
from tallystick.app.corrections import Identity, Written
from tallystick.app.ingest import GroupCommit, Scope, Status, identity_keys, parsed_rows
from tallystick.bootstrap.engines.event_log import OwnedLog
from tallystick.kernel import WorkspaceId, check
from tallystick.metering import Event


class OwnedCorrectedLog:
    """Rows pass the same group commit as events, so that one order holds for all."""

    def __init__(self, log: OwnedLog, commits: GroupCommit, *, clock: Clock, seed: int) -> None:
        self._log = log
        self._commits = commits
        self._clock = clock
        self._seed = seed

    def durable_position(self) -> int:
        """Return the position up to which the log is durable."""
        return self._log.durable_position()

    def find(self, workspace: WorkspaceId, identities: Sequence[Identity]) -> list[int | None]:
        """Return at which position the log holds each identity."""
        if not identities:
            return []
        return self._log.look_up(identity_keys(self._scope(workspace), identities))

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return rows of the log as they were written."""
        return self._log.events_at(positions)

    def write(self, rows: Sequence[Event]) -> list[Written]:
        """Append rows of one workspace; called from a thread without an event loop."""
        workspace = WorkspaceId(rows[0].workspace)
        part = parsed_rows(rows, scope=self._scope(workspace))
        report = asyncio.run(self._commits.submit([part]))
        conflicts = {one.index for one in report.results if one.status is Status.CONFLICT}
        positions = self._log.look_up(part.keys)
        check(None not in positions, "what was written is known")
        return [
            Written(
                status=Status.CONFLICT if index in conflicts else Status.ACCEPTED,
                position=position or 0,
            )
            for index, position in enumerate(positions)
        ]

    def _scope(self, workspace: WorkspaceId) -> Scope:
        now = self._clock.now()
        return Scope(
            workspace=workspace, received_at=now, earliest=now, latest=now, seed=self._seed
        )
