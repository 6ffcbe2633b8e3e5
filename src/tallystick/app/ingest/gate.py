"""
The gate: parse, validate, identify, append durably, answer.

`submit` is the one way in for events, whatever brought them. It answers only after everything that
it calls accepted or duplicate is on stable storage.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.app.clock import Clock
from tallystick.app.dead_letters import RejectedEvent
from tallystick.app.ingest.bodies import is_single, parse_body
from tallystick.app.ingest.careful_lane import parse_carefully
from tallystick.app.ingest.gate_rules import (
    NO_RULES,
    GateRules,
    OneClock,
    instant_of_receipt,
    rows_of_types,
)
from tallystick.app.ingest.group_commit import GroupCommit
from tallystick.app.ingest.parse_together import ParseTogether
from tallystick.app.ingest.parsed import Parsed, Scope
from tallystick.app.ingest.report import IngestReport, IngestTraces, Result
from tallystick.app.ingest.rows import held_in
from tallystick.kernel import WorkspaceId
from tallystick.retention import Horizons

FUTURE_MAX = timedelta(hours=1)
Bury = Callable[[Sequence[RejectedEvent]], None]
"""Keeps rejected events of one workspace in the dead-letter list."""


_INLINE_BYTES_MAX = 32 * 1024


@dataclass(slots=True, kw_only=True)
class IngestCounters:
    """What went through the gate since the process started."""

    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0

    def add(self, report: IngestReport) -> None:
        """Count a report."""
        self.accepted += report.accepted
        self.duplicate += report.duplicate
        self.conflict += report.conflict
        self.rejected += report.rejected


class Gate:
    """Takes request bodies and returns what became of each event."""

    def __init__(
        self,
        commits: GroupCommit,
        *,
        clock: Clock,
        bury: Bury,
        seed: int,
        rules: GateRules = NO_RULES,
    ) -> None:
        self._commits = commits
        self._clock = clock
        self._bury = bury
        self._seed = seed
        self._horizons = rules.horizons
        self._protection = rules.protection
        self._clocks = rules.clocks or OneClock(clock)
        self._single: dict[str, ParseTogether] = {}
        self.counters = IngestCounters()
        self.traces = IngestTraces()

    @property
    def queued_events(self) -> int:
        """Events that wait for their append."""
        return self._commits.queued_events

    async def submit(
        self,
        workspace: str,
        body: bytes,
        *,
        content_type: str,
        headers: Mapping[str, str],
        backfill: int = 0,
    ) -> IngestReport:
        """
        Take a request body and return the fate of each event in it.

        Args:
            workspace: whose events they are.
            body: decompressed bytes.
            content_type: which form the body has, see `bodies`.
            headers: request headers in lower case, for CloudEvents' binary mode.
            backfill: number of the backfill that holds the events; 0: they count at once.

        Raises:
            Misuse: the body as a whole cannot be read.
            Overloaded: too much is waiting; nothing was taken.
            EngineUnavailable: the log or the dead-letter store failed; nothing counts unless a
                repeat says `duplicate`.

        """
        scope = await self._scope(workspace)
        if is_single(body, content_type, headers):
            parts = [await self._together(workspace).parse(body, scope)]
        elif len(body) <= _INLINE_BYTES_MAX:
            parts = parse_body(body, scope, content_type=content_type, headers=headers)
        else:
            parts = await asyncio.to_thread(
                parse_body, body, scope, content_type=content_type, headers=headers
            )
        parts = await self._protected(parts, scope)
        if backfill:
            parts = [held_in(part, backfill) for part in parts]
        report = await self._commits.submit(parts)
        await self._bury_rejected(scope, parts, report)
        self.counters.add(report)
        return report

    def check(self, workspace: str, bodies: Sequence[bytes]) -> tuple[Result, ...]:
        """Return why events, each a JSON text, could not be taken; nothing is taken."""
        now = self._clocks.now(workspace)
        scope = self._scope_with(workspace, now, self._horizons.look_up(workspace, now))
        parsed = parse_carefully(bodies, scope)
        return tuple(rejection.result for rejection in parsed.rejections)

    async def take_again(self, workspace: str, bodies: Sequence[bytes]) -> IngestReport:
        """
        Take events that were refused before, each a JSON text; those refused again are told only.

        Raises:
            Overloaded, EngineUnavailable: as `submit`.
        """
        scope = await self._scope(workspace)
        parsed = await asyncio.to_thread(parse_carefully, bodies, scope)
        report = await self._commits.submit(await self._protected([parsed], scope))
        self.counters.add(report)
        return report

    def _together(self, workspace: str) -> ParseTogether:
        return self._single.setdefault(workspace, ParseTogether())

    async def _scope(self, workspace: str) -> Scope:
        now = await instant_of_receipt(self._clocks, workspace)
        known = self._horizons.known(workspace, now)
        if known is None:
            known = await asyncio.to_thread(self._horizons.look_up, workspace, now)
        return self._scope_with(workspace, now, known)

    async def _protected(self, parts: list[Parsed], scope: Scope) -> list[Parsed]:
        """Return the parts with pseudonyms where the workspace declares personal data."""
        now = self._clock.now()
        paths = self._protection.known(scope.workspace, now)
        if paths is None:
            paths = await asyncio.to_thread(self._protection.look_up, scope.workspace, now)
        if not paths:
            return parts
        return [
            await asyncio.to_thread(self._protection.protect, part, paths=paths, scope=scope)
            if rows_of_types(part, paths)
            else part
            for part in parts
        ]

    def _scope_with(self, workspace: str, now: datetime, horizons: Horizons) -> Scope:
        return Scope(
            workspace=workspace,
            received_at=now,
            earliest=horizons.strictest,
            latest=now + FUTURE_MAX,
            seed=self._seed,
            horizons=horizons,
        )

    async def _bury_rejected(self, scope: Scope, parts: list[Parsed], report: IngestReport) -> None:
        if not report.rejected:
            return
        known = frozenset(report.duplicates)
        rejected = [
            RejectedEvent(
                workspace=WorkspaceId(scope.workspace),
                received_at=scope.received_at,
                source=rejection.source,
                event_id=rejection.event_id,
                type=rejection.type,
                code=rejection.code,
                message=rejection.message,
                path=rejection.path,
                body=rejection.body,
            )
            for part in parts
            for rejection in part.rejections
            if rejection.index not in known
        ]
        await asyncio.to_thread(self._bury, rejected)
