"""
The use case: compares the log with what is derived from it, and repairs what can be made anew.

The aim is a difference of exactly zero. Compared is what the projection claims to cover: events
that wait to be loaded are lag and no difference. Issued invoices are never touched: one that
differs is a defect that a person must see.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.invoicing import BillingSources
from tallystick.app.reconcile.compare_events import EventComparison
from tallystick.app.reconcile.compare_rest import (
    NOBODY,
    compare_manifest,
    compare_rollups,
    verify_invoices,
)
from tallystick.app.reconcile.ports import ANSWERING, Difference
from tallystick.app.reconcile.sources import ReconcileSources, Watched
from tallystick.app.reconcile.spans import Scope, spans
from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter

LISTED_MAX = 1000
"""Differences that a report lists; it counts all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """
    Differences of one workspace.

    Attributes:
        found: all of them.
        left: those that stand after the run.
        answering: of these, those in stores that quantities are read from.
    """

    found: int = 0
    left: int = 0
    answering: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """
    What a run found.

    Attributes:
        position: up to which events were compared.
        lag_events: durable events that wait to be loaded, and were not compared.
        invoices: issued documents that were made again and are equal; none of a workspace whose
            events differ.
        reloaded: positions that were loaded again or taken out.
        counts: differences by workspace, of each that was looked at; the manifest's by the empty
            name.
        differences: the first of them, `LISTED_MAX` at most.
    """

    scope: Scope
    repair: bool
    started_at: datetime
    finished_at: datetime
    position: int
    lag_events: int
    invoices: int
    reloaded: int
    counts: Mapping[WorkspaceId, Counts]
    differences: tuple[Difference, ...]

    @property
    def found(self) -> int:
        """Return how many differences were found."""
        return sum(one.found for one in self.counts.values())

    @property
    def left(self) -> int:
        """Return how many differences stand after the run."""
        return sum(one.left for one in self.counts.values())


def reconcile(
    scope: Scope,
    *,
    sources: ReconcileSources,
    billing: BillingSources,
    repair: bool,
    watched: Watched,
) -> Reconciliation:
    """
    Compare, repair if asked to, and tell.

    Args:
        scope: which differences are looked for.
        sources: whom to ask, and what to repair.
        billing: how issued invoices are made again.
        repair: load again what differs; else only tell.
        watched: told of each step.

    Raises:
        LogDamaged: the log itself cannot be read: nothing can be compared with it.
        EngineUnavailable: an engine is away; nothing that was repaired so far is lost.
    """
    started_at = sources.clock.now()
    run = _Run(scope, sources, repair=repair, watched=watched)
    run.compare_all(billing)
    return Reconciliation(
        scope=scope,
        repair=repair,
        started_at=started_at,
        finished_at=max(started_at, sources.clock.now()),
        position=run.through,
        lag_events=max(0, run.durable - run.through),
        invoices=run.invoices,
        reloaded=run.reloaded,
        counts=run.counts,
        differences=tuple(run.listed),
    )


class _Run:
    """The steps of one run and what they came to."""

    def __init__(
        self, scope: Scope, sources: ReconcileSources, *, repair: bool, watched: Watched
    ) -> None:
        self._scope = scope
        self._sources = sources
        self._repair = repair
        self._watched = watched
        covered = sources.covered_position()
        self.durable = sources.durable_position()
        self.through = min(covered, self.durable)
        self._meters = [one for one in sources.meters() if scope.holds_workspace(one[0])]
        self.listed: list[Difference] = []
        self.counts: dict[WorkspaceId, Counts] = {}
        self._outside: AbstractSet[WorkspaceId] = frozenset()
        self.reloaded = self.invoices = 0

    def compare_all(self, billing: BillingSources) -> None:
        """Compare events first: what comes after is made of them."""
        steps = self._rollup_steps()
        workspaces = self._workspaces()
        self.counts = {workspace: Counts() for workspace in workspaces}
        self._watched.expect(
            len(spans(self.through)) + sum(len(each) for *_, each in steps) + len(workspaces)
        )
        self._compare_events()
        for difference in compare_rollups(
            self._sources, self._scope, steps, repair=self._repair, watched=self._watched
        ):
            self._list(difference)
        if self._scope.workspace is None:
            for difference in compare_manifest(self._sources):
                self._list(difference)
        for workspace in workspaces:
            self._verify_invoices(workspace, billing)

    def _compare_events(self) -> None:
        meters: dict[tuple[WorkspaceId, str], list[Meter]] = {}
        for workspace, meter in self._meters:
            meters.setdefault((workspace, meter.event_type), []).append(meter)
        events = EventComparison(self._sources, self._scope, meters, watched=self._watched)
        events.compare(through=self.through, repair=self._repair)
        for difference in events.differences(through=self.through, repair=self._repair):
            self._list(difference)
        self.reloaded += events.found.repaired
        self._outside = events.found.outside

    def _verify_invoices(self, workspace: WorkspaceId, billing: BillingSources) -> None:
        """Make invoices again from the projection, where it is proved equal."""
        if self.counts[workspace].left or workspace in self._outside:
            self._watched.advance("invoices")
            return
        billing = replace(billing, log=self._sources.projected)
        for difference in verify_invoices(
            workspace, sources=self._sources, billing=billing, watched=self._watched
        ):
            if difference is None:
                self.invoices += 1
            elif difference.day is None or self._scope.holds_day(difference.day):
                self._list(difference)

    def _rollup_steps(self) -> list[tuple[WorkspaceId, Meter, range]]:
        rollups = self._sources.rollups
        return [
            (workspace, meter, rollups.steps(workspace, meter, through=self.through))
            for workspace, meter in self._meters
        ]

    def _workspaces(self) -> list[WorkspaceId]:
        return [one for one in _every_workspace(self._sources) if self._scope.holds_workspace(one)]

    def _list(self, difference: Difference) -> None:
        # A row may name a workspace that there is none of: it is told of the installation.
        known = difference.workspace in self.counts
        counted = difference.workspace if known else NOBODY
        before = self.counts.get(counted, Counts())
        stands = not difference.repaired
        self.counts[counted] = Counts(
            found=before.found + 1,
            left=before.left + stands,
            answering=before.answering + (stands and difference.store in ANSWERING),
        )
        if len(self.listed) < LISTED_MAX:
            self.listed.append(difference)


def _every_workspace(sources: ReconcileSources) -> Iterator[WorkspaceId]:
    after = ""
    while True:
        with sources.runner() as uow:
            page = uow.directory.page(after=after, limit=_PAGE)
        yield from (workspace.id for workspace in page)
        if len(page) < _PAGE:
            return
        after = page[-1].id


_PAGE = 100
