"""Runs as facts: when the log was compared, up to where, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import msgspec

from tallystick.app.reconcile.ports import Difference
from tallystick.kernel import WorkspaceId

SCHEDULED = "schedule"
"""Who asked for a run that nobody asked for."""


class ToldDifference(msgspec.Struct, frozen=True, kw_only=True):
    """
    A difference as it is kept and shown.

    `logged` and `held` are what the log and the store say: rows, or with a meter the sum of what it
    reads. `missing`, `doubled`, `changed` and `foreign` count rows; `positions` names a few.
    """

    store: str
    workspace: str
    day: date | None
    about: str
    meter: str
    logged: str
    held: str
    missing: int
    doubled: int
    changed: int
    foreign: int
    positions: tuple[int, ...]
    repairable: bool
    repaired: bool


class ReconciliationRun(msgspec.Struct, frozen=True, kw_only=True):
    """
    A run, as one workspace knows it.

    Attributes:
        asked_by: who asked for it; `schedule` if nobody did.
        position: log position up to which events were compared.
        found: differences of this workspace, and of the installation where it was asked about all.
        left: those that stood after the run.
        answering: of these, those in stores that quantities are read from; nothing is billed until
            a run over all days finds none.
        reloaded: positions loaded again or taken out, in all workspaces.
        invoices: issued documents made again and found equal, in all workspaces.
        differences: the first few.
    """

    id: int
    asked_by: str
    repair: bool
    since: date | None
    until: date | None
    started_at: datetime
    finished_at: datetime
    position: int
    found: int
    left: int
    answering: int
    reloaded: int
    invoices: int
    differences: tuple[ToldDifference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestRun:
    """The last run over everything: when it ended, how long it took, and what it left."""

    finished_at: datetime
    seconds: int
    left: int


class ReconciliationStore(Protocol):
    """The runs of one workspace; facts are only added."""

    def append(self, run: ReconciliationRun) -> None:
        """Add a run; its id is given by the store."""
        ...

    def page(self, *, before: int | None, limit: int) -> Sequence[ReconciliationRun]:
        """Return runs, the last first, those before an id."""
        ...

    def answering(self) -> int:
        """Return what the last run over all days, or one since, left where quantities are read."""
        ...


class ReconciliationHistory(Protocol):
    """Runs of all workspaces, for background work."""

    def latest(self) -> LatestRun | None:
        """Return the last run by schedule, over all workspaces."""
        ...


def told(difference: Difference) -> ToldDifference:
    """Return a difference as it is kept and shown."""
    faults = difference.faults
    return ToldDifference(
        store=difference.store.value,
        workspace=WorkspaceId(difference.workspace),
        day=difference.day,
        about=difference.about,
        meter=difference.meter,
        logged=difference.logged,
        held=difference.held,
        missing=faults.missing,
        doubled=faults.doubled,
        changed=faults.changed,
        foreign=faults.foreign,
        positions=faults.positions,
        repairable=difference.repairable,
        repaired=difference.repaired,
    )
