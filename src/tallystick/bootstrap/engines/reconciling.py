"""Wires the comparison of the log with everything derived from it."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from tallystick.app.clock import Clock
from tallystick.app.invoicing import BillingSources
from tallystick.app.metering import UsageReader
from tallystick.app.reconcile import (
    Reconciler,
    ReconcileSources,
    Reconciliation,
    Scope,
    Watched,
    reconcile,
)
from tallystick.app.segments import Agreement
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.bootstrap.engines.event_log import OwnedLog
from tallystick.bootstrap.engines.every_meter import every_meter
from tallystick.bootstrap.engines.keepers import Behind
from tallystick.integrations.documents import PaperWriter
from tallystick.kernel import Problem, WorkspaceId
from tallystick.storage.clickhouse import (
    ClickHouseCorrections,
    ComparedTables,
    EventProjection,
    RollUpComparison,
    StandingEvents,
)
from tallystick.storage.postgres import PostgresUnitOfWork

DIGEST_BITS = 128
Alone = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What is compared, and what is asked for it."""

    behind: Behind
    log: OwnedLog
    projection: EventProjection
    usage: UsageReader
    agreement: Agreement

    def sources(self, clock: Clock) -> ReconcileSources:
        """Return whom a reconciliation asks; the digests have a secret of this process."""
        behind = self.behind
        return ReconcileSources(
            projection=ComparedTables(
                behind.clickhouse, self.projection, seed=secrets.randbits(DIGEST_BITS)
            ),
            rollups=RollUpComparison(behind.clickhouse, behind.rollups),
            blocks_from=self.log.blocks_from,
            durable_position=self.log.durable_position,
            covered_position=behind.covered,
            while_not_loading=behind.loader.recount,
            meters=every_meter(behind.pool, behind.runner),
            projected=StandingEvents(behind.clickhouse),
            segments=self.log.sealed_anew,
            units=self._unit,
            runner=behind.runner,
            clock=clock,
        )

    def billing(self, clock: Clock) -> BillingSources:
        """Return how issued documents are made again."""
        return BillingSources(
            usage=self.usage,
            log=self.log,
            clock=clock,
            tzdata_version=version("tzdata"),
            agreement=self.agreement,
            corrections=ClickHouseCorrections(self.behind.clickhouse),
            writer=PaperWriter(Path()),  # documents are made again, and none is issued
        )

    def _unit(self, workspace: WorkspaceId) -> UnitOfWork:
        return PostgresUnitOfWork(self.behind.pool, workspace)


class AgreementWhileReconciled:
    """The agreement of the manifest, unless the projection is being repaired."""

    def __init__(self, agreement: Agreement, reconciler: Reconciler) -> None:
        self._agreement = agreement
        self._reconciler = reconciler

    def problem(self, position: int) -> Problem | None:
        """Return what is wrong with the projection up to a position, None if nothing is known."""
        return self._reconciler.problem() or self._agreement.problem(position)

    def repairs(self) -> int:
        """Return how many repairs began so far."""
        return self._reconciler.repairs()


def open_reconciler(
    reconciled: Reconciled, alone: Alone, *, clock: Clock, hours: int
) -> Reconciler:
    """
    Return the reconciler, not started; it runs by itself each so many hours, never for 0.

    What `alone` gives is held while it compares.
    """
    sources, billing = reconciled.sources(clock), reconciled.billing(clock)

    def work(scope: Scope, repair: bool, watched: Watched) -> Reconciliation:  # noqa: FBT001 - a callback
        with alone():
            return reconcile(
                scope, sources=sources, billing=billing, repair=repair, watched=watched
            )

    return Reconciler(work, sources, period=timedelta(hours=hours) if hours else None)
