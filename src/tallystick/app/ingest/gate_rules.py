"""
What the gate asks about a workspace before it takes anything.

How old events may be, which paths in their data are personal, and what stands in for what is there.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.clock import Clock
from tallystick.app.ingest.parsed import Parsed, Scope
from tallystick.retention import Horizons, horizons_of

PersonalPaths = Mapping[str, tuple[str, ...]]
"""The personal paths by event type, of those that have any."""
NOTHING_PERSONAL: PersonalPaths = MappingProxyType({})


class Protection(Protocol):
    """Keeps personal values out of the log."""

    def known(self, workspace: str, at: datetime) -> PersonalPaths | None:
        """Return the personal paths at an instant, None while they must be looked up."""
        ...

    def look_up(self, workspace: str, at: datetime) -> PersonalPaths:
        """
        Return the personal paths at an instant; may wait for a store.

        Raises:
            EngineUnavailable: nothing is known of them, and the store does not answer.
        """
        ...

    def protect(self, part: Parsed, *, paths: PersonalPaths, scope: Scope) -> Parsed:
        """
        Return a submission with pseudonyms in the place of personal values, which are kept by then.

        Raises:
            EngineUnavailable: they cannot be kept; nothing may be appended.
        """
        ...


class NoProtection:
    """The protection of workspaces that declare nothing."""

    def known(self, workspace: str, at: datetime) -> PersonalPaths | None:
        """Return the personal paths: none."""
        return self.look_up(workspace, at)

    def look_up(self, workspace: str, at: datetime) -> PersonalPaths:  # noqa: ARG002 - of any workspace
        """Return the personal paths: none."""
        return NOTHING_PERSONAL

    def protect(self, part: Parsed, *, paths: PersonalPaths, scope: Scope) -> Parsed:  # noqa: ARG002 - nothing is personal
        """Return a submission as it is."""
        return part


def rows_of_types(part: Parsed, types: PersonalPaths) -> list[int]:
    """Return the rows whose events are of one of these types."""
    named = pa.array([*types], pa.string())
    rows: list[int] = pc.indices_nonzero(
        pc.is_in(part.batch.column("type"), value_set=named)
    ).to_pylist()
    return rows


class KnownHorizons(Protocol):
    """How old events of a workspace may be."""

    def known(self, workspace: str, at: datetime) -> Horizons | None:
        """Return the horizons at an instant, None while they must be looked up."""
        ...

    def look_up(self, workspace: str, at: datetime) -> Horizons:
        """
        Return the horizons at an instant; may wait for a store.

        Raises:
            EngineUnavailable: nothing is known of them, and the store does not answer.
        """
        ...


class NoHorizons:
    """The horizons of workspaces without rules: everything is taken."""

    def known(self, workspace: str, at: datetime) -> Horizons | None:
        """Return the horizons at an instant."""
        return self.look_up(workspace, at)

    def look_up(self, workspace: str, at: datetime) -> Horizons:  # noqa: ARG002 - of any workspace
        """Return the horizons at an instant."""
        return horizons_of((), at=at)


class Clocks(Protocol):
    """The clock of each workspace."""

    def known(self, workspace: str) -> Clock | None:
        """Return the clock of a workspace that can be asked without waiting, None otherwise."""
        ...

    def now(self, workspace: str) -> datetime:
        """
        Return the present instant of a workspace; may wait for a store.

        Raises:
            EngineUnavailable: the store does not answer.
        """
        ...


class OneClock:
    """The clock of all workspaces."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def known(self, workspace: str) -> Clock | None:  # noqa: ARG002 - of any workspace
        """Return the clock."""
        return self._clock

    def now(self, workspace: str) -> datetime:  # noqa: ARG002 - of any workspace
        """Return the present instant."""
        return self._clock.now()


async def instant_of_receipt(clocks: Clocks, workspace: str) -> datetime:
    """Return the present instant of a workspace; a store is waited for in another thread."""
    clock = clocks.known(workspace)
    return await asyncio.to_thread(clocks.now, workspace) if clock is None else clock.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """
    Whom the gate asks; without anybody everything is taken, and nothing is personal.

    Without clocks of workspaces, all of them go by the gate's.
    """

    horizons: KnownHorizons = field(default_factory=NoHorizons)
    protection: Protection = field(default_factory=NoProtection)
    clocks: Clocks | None = None


NO_RULES = GateRules()
