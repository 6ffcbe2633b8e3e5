"""Quotas of the owner: decisions, and counters that follow the log."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from tallystick.app.ingest import Gate, IngestReport
from tallystick.app.keeping import Keeper, each_in_turn
from tallystick.app.metering import UsageReader
from tallystick.app.quotas import (
    Carrier,
    Desks,
    Find,
    Following,
    KnownLimits,
    Quotas,
    Recount,
    Unwatched,
    Watching,
    carry_consumptions,
    follow_log,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.every_meter import every_workspace
from tallystick.bootstrap.engines.keepers import Behind
from tallystick.catalog import FeatureKind
from tallystick.kernel import MeterKey, WorkspaceId
from tallystick.metering import Meter
from tallystick.storage.clickhouse import ClickHouseUses
from tallystick.storage.postgres import PostgresUnitOfWork

FOLLOW_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """What decisions are made with."""

    behind: Behind
    clocks: WorkspaceClocks
    usage: UsageReader
    find: Find
    gate: Gate
    watching: Watching = field(default_factory=Unwatched)

    def units(self, workspace: WorkspaceId) -> UnitOfWork:
        """Return a fresh unit of work in a workspace."""
        return PostgresUnitOfWork(self.behind.pool, workspace)


def started_quotas(deciding: Deciding, stack: ExitStack) -> Quotas:
    """Return what decides, at work until the stack is closed, with counters that follow the log."""
    recount = Recount(usage=deciding.usage, find=deciding.find, known=KnownLimits())
    desks = Desks(recount=recount, watching=deciding.watching)
    quotas = Quotas(units=deciding.units, clocks=deciding.clocks, desks=desks)
    for one in (quotas, _follower(deciding, desks)):
        one.start()
        stack.callback(one.close)
    return quotas


def _follower(deciding: Deciding, desks: Desks) -> Keeper:
    """Return what carries uses into the log and lets counters follow it, not started."""
    following = Following(reader=ClickHouseUses(deciding.behind.clickhouse), desks=desks)
    carrier = Carrier(units=deciding.units, submit=_submit(deciding.gate), find=deciding.find)

    def follow(workspace: WorkspaceId) -> None:
        at = deciding.clocks.now(workspace)
        while carry_consumptions(workspace, at=at, carrier=carrier):
            pass
        follow_log(limited_meters, at=at, uow=deciding.units(workspace), following=following)

    def work(going: Callable[[], bool]) -> None:
        each_in_turn(every_workspace(deciding.behind.runner), follow, going=going)

    keeper = Keeper("quota counters", work, pause_seconds=FOLLOW_SECONDS)
    deciding.behind.loader.when_loaded(lambda _position: keeper.wake())
    return keeper


def limited_meters(uow: UnitOfWork) -> Iterator[Meter]:
    """Yield the meters by which features are counted, each once."""
    features = uow.catalog.load_definitions().features.values()
    metered = {each.meter for each in features if each.kind is FeatureKind.METERED and each.meter}
    for key in sorted(metered):
        meter = uow.catalog.load_meter(MeterKey(key))
        if meter is not None:
            yield meter


def _submit(gate: Gate) -> Callable[[WorkspaceId, Sequence[bytes]], IngestReport]:
    def submit(workspace: WorkspaceId, bodies: Sequence[bytes]) -> IngestReport:
        return asyncio.run(gate.take_again(workspace, bodies))

    return submit
