"""What an owner opens before its application: pools, what the gate asks, what is kept beside it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from threading import Thread

from tallystick.app.dead_letters import RejectedEvent
from tallystick.app.ingest import Bury, GateRules
from tallystick.app.personal import ProtectedEvents
from tallystick.app.retention import CachedHorizons
from tallystick.app.segments import SegmentRecorder
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.addresses import APP_ROLE, RUNNER_ROLE, postgres_uri
from tallystick.bootstrap.engines.event_log import OwnedLog
from tallystick.bootstrap.engines.warm_up import warm_up
from tallystick.bootstrap.settings import Settings
from tallystick.storage.postgres import Pool, PostgresUnitOfWork, open_pool

QUICK_SECONDS = 1.0
"""How long what must answer at once waits for a connection: keys, the gate, and decisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedPools:
    """The connections of requests, background work, what must answer at once, and decisions."""

    requests: Pool
    background: Pool
    quick: Pool
    decisions: Pool


def open_pools(settings: Settings, stack: ExitStack) -> OwnedPools:
    """Return the connections of an owner, open until the stack is closed."""
    app, runner = (postgres_uri(settings, role) for role in (APP_ROLE, RUNNER_ROLE))
    quick = open_pool(app, connections_max=8, wait_seconds=QUICK_SECONDS, name="quick")
    decisions = open_pool(
        app, connections_max=3, wait_seconds=QUICK_SECONDS, name="decisions", by_key=True
    )
    return OwnedPools(
        requests=stack.enter_context(open_pool(app)),
        background=stack.enter_context(open_pool(runner, connections_max=4)),
        quick=stack.enter_context(quick),
        decisions=stack.enter_context(decisions),
    )


def warming(stack: ExitStack) -> Thread:
    """Begin to warm up beside everything else."""
    warming = Thread(target=warm_up, name="warm-up")
    warming.start()
    stack.callback(warming.join)
    return warming


def record_segments(
    log: OwnedLog, runner: Callable[[], RunnerUnitOfWork], stack: ExitStack
) -> None:
    """Record segments in the manifest as they are sealed."""
    recorder = SegmentRecorder(log.sealed, units=runner)
    stack.callback(recorder.close)
    log.when_sealed(recorder.wake)


def asked_by_the_gate(
    pool: Pool, log: OwnedLog, clocks: WorkspaceClocks
) -> tuple[CachedHorizons, ProtectedEvents, GateRules]:
    """Return what the gate asks about a workspace, and how it is told of it."""
    units = partial(PostgresUnitOfWork, pool)
    horizons = CachedHorizons(units, clock=clocks.machine)
    protection = ProtectedEvents(units, log)
    return horizons, protection, GateRules(horizons=horizons, protection=protection, clocks=clocks)


def burier(pool: Pool) -> Bury:
    """Return what keeps rejected events."""

    def bury(rejected: Sequence[RejectedEvent]) -> None:
        with PostgresUnitOfWork(pool, rejected[0].workspace) as uow:
            uow.dead_letters.append(rejected)
            uow.commit()

    return bury
