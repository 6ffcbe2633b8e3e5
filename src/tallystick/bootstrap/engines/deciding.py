"""Quotas of the owner: decisions, and counters that follow the log."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from tallystick.app.ingest import Gate, IngestReport
from tallystick.app.keeping import Keeper, each_in_turn
from tallystick.app.metering import UsageReader
from tallystick.app.quotas import (
    CARRIED_MAX,
    Carrier,
    Desks,
    Following,
    KnownLimits,
    LoggedEvents,
    Quotas,
    Recount,
    Watching,
    carry_consumptions,
    follow_changes,
    follow_log,
    forget_consumptions,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import CounterWatch
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.keepers import Behind
from tallystick.bootstrap.engines.news import CaughtUp, News
from tallystick.kernel import WorkspaceId
from tallystick.storage.clickhouse import ClickHouseUses
from tallystick.storage.postgres import PostgresUnitOfWork

FOLLOW_SECONDS = 1.0
REST_SECONDS = 0.5
"""From one round to the next: uses of that time are carried together."""
FORGET_SECONDS = 300.0
SWEEP_SECONDS = 10.0
"""From one look at all workspaces with quotas to the next: what time alone has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """What decisions are made with."""

    behind: Behind
    clocks: WorkspaceClocks
    usage: UsageReader
    log: LoggedEvents
    gate: Gate
    watching: Watching = field(default_factory=CounterWatch)

    def units(self, workspace: WorkspaceId) -> UnitOfWork:
        """Return a fresh unit of work in a workspace."""
        return PostgresUnitOfWork(self.behind.decisions, workspace)

    def wide_units(self, workspace: WorkspaceId) -> UnitOfWork:
        """Return a fresh unit of work for questions about many rows."""
        return PostgresUnitOfWork(self.behind.pool, workspace)

    def everybody(self) -> Iterable[WorkspaceId]:
        """Return the workspaces that have quotas."""
        with self.behind.runner() as uow:
            return uow.quota_directory.with_features()


def started_quotas(deciding: Deciding, stack: ExitStack) -> Quotas:
    """Return what decides, at work until the stack is closed, with counters that follow the log."""
    recount = Recount(usage=deciding.usage, log=deciding.log, known=KnownLimits())
    desks = Desks(recount=recount, watching=deciding.watching)
    news = News(sweep_seconds=SWEEP_SECONDS)
    following = Keeper(
        "quota counters",
        _follow(deciding, desks, news),
        pause_seconds=FOLLOW_SECONDS,
        rest_seconds=REST_SECONDS,
    )
    news.told = following.wake
    deciding.behind.loader.when_new(news.add)
    quotas = Quotas(
        units=deciding.units,
        clocks=deciding.clocks,
        desks=desks,
        submit=_submit(deciding.gate),
        decided=lambda workspace: news.add([workspace]),
    )
    forgetting = Keeper("decided uses", _forget(deciding), pause_seconds=FORGET_SECONDS)
    for one in (quotas, following, forgetting):
        one.start()
        stack.callback(one.close)
    return quotas


def _follow(deciding: Deciding, desks: Desks, news: News) -> Callable[[Callable[[], bool]], None]:
    """Return the work that carries uses into the log and lets counters follow it."""
    following = Following(
        reader=ClickHouseUses(deciding.behind.clickhouse),
        desks=desks,
        trace_of=deciding.gate.traces.of,
    )
    caught_up = CaughtUp()
    deciding.behind.loader.when_new(caught_up.disturb)
    carrier = Carrier(units=deciding.units, submit=_submit(deciding.gate), find=deciding.log.find)

    def follow(workspace: WorkspaceId, going: Callable[[], bool]) -> None:
        at = deciding.clocks.now(workspace)
        while going() and carry_consumptions(workspace, at=at, carrier=carrier) == CARRIED_MAX:
            pass
        while going():
            # Of many counters that a change made stale, none keeps what comes in meanwhile waiting.
            at = deciding.clocks.now(workspace)
            read = partial(
                follow_log, at=at, uow=deciding.wide_units(workspace), following=following
            )
            caught_up.read(workspace, read)
            at = deciding.clocks.now(workspace)  # later than what was granted while it read
            if not follow_changes(at=at, uow=deciding.wide_units(workspace), desks=desks):
                break

    def work(going: Callable[[], bool]) -> None:
        each_in_turn(news.take(deciding.everybody), lambda name: follow(name, going), going=going)

    return work


def _forget(deciding: Deciding) -> Callable[[Callable[[], bool]], None]:
    """Return the work that drops uses which the log has known for long."""

    def forget(workspace: WorkspaceId) -> None:
        at = deciding.clocks.now(workspace)
        forget_consumptions(at=at, uow=deciding.wide_units(workspace))

    def work(going: Callable[[], bool]) -> None:
        each_in_turn(deciding.everybody(), forget, going=going)

    return work


def _submit(gate: Gate) -> Callable[[WorkspaceId, Sequence[bytes]], IngestReport]:
    def submit(workspace: WorkspaceId, bodies: Sequence[bytes]) -> IngestReport:
        return asyncio.run(gate.take_again(workspace, bodies))

    return submit
