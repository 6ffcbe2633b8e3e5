"""The wired application of the owner process: engines, gate, projection, units of work."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Protocol

import structlog

from tallystick.app.clock import Clock, SystemClock
from tallystick.app.corrections import CorrectedLog, CorrectionSources, KnownCorrections
from tallystick.app.ingest import Gate, GroupCommit, Loader, RolledUp
from tallystick.app.invoicing import BillingSources, DocumentWriter
from tallystick.app.keys import ApiKey, authenticate
from tallystick.app.mending import MendingParts
from tallystick.app.metering import UsageReader
from tallystick.app.personal import PersonalEvents, ProtectedEvents
from tallystick.app.pipeline import (
    AskedSilence,
    Condition,
    Flow,
    PipelineSources,
    RememberedSilence,
)
from tallystick.app.quotas import Quotas
from tallystick.app.reconcile import Reconciler
from tallystick.app.retention import CachedHorizons
from tallystick.app.segments import Agreement, ManifestAgreement
from tallystick.app.tax import TaxEngine, TaxRegister
from tallystick.app.tracing import TraceSources
from tallystick.app.uncounted import UncountedReader, UncountedSources
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.app.webhooks import WebhookSecrets
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.data_directory import DataDirectory
from tallystick.bootstrap.engines.addresses import clickhouse_url
from tallystick.bootstrap.engines.alerting import AlertWatch, thresholds_of
from tallystick.bootstrap.engines.anomalies import pattern_keeper
from tallystick.bootstrap.engines.corrected_log import OwnedCorrectedLog
from tallystick.bootstrap.engines.deciding import Deciding, started_quotas
from tallystick.bootstrap.engines.event_log import OwnedLog
from tallystick.bootstrap.engines.going_on import trigger_keeper
from tallystick.bootstrap.engines.keepers import Behind, keepers
from tallystick.bootstrap.engines.opening import (
    OwnedPools,
    asked_by_the_gate,
    burier,
    open_pools,
    record_segments,
    warming,
)
from tallystick.bootstrap.engines.readings import readings_keeper
from tallystick.bootstrap.engines.reconciling import (
    AgreementWhileReconciled,
    Reconciled,
    open_reconciler,
)
from tallystick.bootstrap.engines.removing import Removing, open_removing
from tallystick.bootstrap.local_key import LocalKey, new_local_key
from tallystick.bootstrap.settings import Settings
from tallystick.integrations.documents import PaperWriter
from tallystick.integrations.tax_engine import HttpTaxEngine
from tallystick.integrations.vies import ViesRegister
from tallystick.kernel import Done, WorkspaceId
from tallystick.storage.clickhouse import (
    ClickHouse,
    ClickHouseCorrections,
    ClickHouseEvents,
    ClickHousePersonal,
    ClickHouseUncounted,
    ClickHouseUsage,
    EngineLimits,
    EventProjection,
    RollUps,
    drop_if_torn,
)
from tallystick.storage.postgres import (
    PostgresRunnerUnitOfWork,
    PostgresUnitOfWork,
)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """
    What entry points call; everything in it may be used from several threads.

    Attributes:
        clock: this computer's, or that of the workspace from which the application is seen: `at`.
    """

    settings: Settings
    clock: Clock
    clocks: WorkspaceClocks
    gate: Gate
    log: OwnedLog
    loader: Loader
    rolled_up: RolledUp
    usage: UsageReader
    projection: EventProjection
    finder: ClickHouseEvents
    personal_events: PersonalEvents
    uncounted: UncountedReader
    local_key: LocalKey
    pools: OwnedPools
    agreement: Agreement
    corrected_log: CorrectedLog
    known_corrections: KnownCorrections
    reconciler: Reconciler
    horizons: CachedHorizons
    removing: Removing
    documents: DocumentWriter
    protection: ProtectedEvents
    quotas: Quotas

    @property
    def machine_clock(self) -> Clock:
        """Return this computer's clock, for keys and sessions, whichever the workspace."""
        return self.clocks.machine

    def at(self, workspace: WorkspaceId) -> "Application":
        """Return the application as it is seen from a workspace: it goes by that one's clock."""
        clock = self.clocks.of(workspace)
        return self if clock is self.clock else replace(self, clock=clock)

    def units(self, workspace: WorkspaceId) -> UnitOfWork:
        """Return a fresh unit of work in a workspace."""
        return PostgresUnitOfWork(self.pools.requests, workspace)

    def runner(self) -> RunnerUnitOfWork:
        """Return a fresh unit of work of background work."""
        return PostgresRunnerUnitOfWork(self.pools.background)

    @property
    def billing_sources(self) -> BillingSources:
        """Return where bills come from beside the unit of work."""
        return BillingSources(
            usage=self.usage,
            log=self.log,
            clock=self.clock,
            tzdata_version=version("tzdata"),
            agreement=self.agreement,
            corrections=self.known_corrections,
            writer=self.documents,
        )

    @property
    def trace_sources(self) -> TraceSources:
        """Return whom a trace asks beside the unit of work."""
        return TraceSources(finder=self.finder, usage=self.usage, log=self.log, clock=self.clock)

    @property
    def correction_sources(self) -> CorrectionSources:
        """Return where corrections go and where they are known."""
        return CorrectionSources(
            log=self.corrected_log,
            known=self.known_corrections,
            clock=self.clock,
            protect=self.protection.amendments,
        )

    @property
    def mending_parts(self) -> MendingParts:
        """Return whom mending of dead letters asks."""
        return MendingParts(
            units=self.units,
            gate=self.gate,
            positions=self.finder,
            usage=self.usage,
            clock=self.clock,
        )

    @property
    def uncounted_sources(self) -> UncountedSources:
        """Return whom questions for uncounted events ask."""
        return UncountedSources(reader=self.uncounted, usage=self.usage, clock=self.clock)

    @property
    def pipeline_sources(self) -> PipelineSources:
        """Return whom a look at the pipeline asks, and what this process says of itself."""
        return PipelineSources(
            flow=_flow(self),
            senders=self.finder,
            uncounted=self.uncounted_sources,
            usage=self.usage,
            silence=AskedSilence(self.usage),
            clock=self.clock,
        )

    @property
    def tax_register(self) -> TaxRegister:
        """Return who is asked about VAT numbers."""
        return ViesRegister(url=self.settings.vies_url)

    @property
    def tax_engine(self) -> TaxEngine:
        """Return the engine outside that is asked for tax rules, where one is connected."""
        return HttpTaxEngine(url=self.settings.tax_engine_url, key=self.settings.tax_engine_key)

    @property
    def webhook_secrets(self) -> WebhookSecrets:
        """Return what webhooks are signed with."""
        return WebhookSecrets(root=DataDirectory(root=self.settings.data).webhook_root)

    def lag_seconds(self) -> int:
        """Return the age of the oldest durable event that queries do not see; 0 if they see all."""
        covered = self.loader.covered_position
        is_behind = covered < self.durable_position()
        event = self.log.event_at(covered + 1) if is_behind else None
        if event is None:
            return 0
        now = self.clocks.now(event.workspace)
        return max(0, int((now - event.received_at).total_seconds()))

    def look_up_key(self, token: str) -> ApiKey | None:
        """Return the valid key of a token, None if there is none; blocks on PostgreSQL, briefly."""
        local = self.local_key.look_up(token)
        if local is not None:
            return local
        units = partial(PostgresUnitOfWork, self.pools.quick)
        found = authenticate(token, units=units, clock=self.machine_clock)
        return found.value if isinstance(found, Done) else None

    def durable_position(self) -> int:
        """Return the position of the last acknowledged event."""
        return self.log.durable_position()


def _flow(application: Application) -> Flow:
    """Return how events are doing in this process."""
    counters = application.gate.counters
    return Flow(
        durable=application.durable_position(),
        covered=application.loader.covered_position,
        lag_seconds=application.lag_seconds(),
        queued=application.gate.queued_events,
        accepted=counters.accepted,
        duplicate=counters.duplicate,
        conflict=counters.conflict,
        rejected=counters.rejected,
    )


@contextmanager
def open_application(settings: Settings) -> Iterator[Application]:
    """
    Open the engines of an owner and close them in reverse order.

    The data directory must be prepared and locked, PostgreSQL running and migrated.
    """
    data = DataDirectory(root=settings.data)
    with ExitStack() as stack:
        warm_up = warming(stack)
        pools = open_pools(settings, stack)
        seed = data.identity_seed()
        runner = partial(PostgresRunnerUnitOfWork, pools.background)
        log = _open_log(data, runner, stack)
        clocks = WorkspaceClocks(runner, machine=SystemClock())
        clickhouse = _open_clickhouse(settings, data, stack)
        projection = EventProjection(clickhouse)
        behind = Behind(
            clickhouse=clickhouse,
            rollups=RollUps(clickhouse),
            loader=Loader(log, projection),
            pool=pools.requests,
            decisions=pools.decisions,
            runner=runner,
        )
        loader = _follow(behind, clocks, stack)
        commits = _open_commits(log, loader, stack)
        agreement = ManifestAgreement(projection, units=runner)
        usage = ClickHouseUsage(clickhouse, projection.corrected, behind.rollups, covering=loader)
        compared = Reconciled(
            behind=behind, log=log, projection=projection, usage=usage, agreement=agreement
        )
        horizons, protection, rules = asked_by_the_gate(pools.quick, log, clocks)
        warm_up.join()
        removing, reconciler = _open_apart(compared, settings, clocks, stack)
        corrected_log = OwnedCorrectedLog(log, commits, clock=clocks.machine, seed=seed)
        bury = burier(pools.requests)
        gate = Gate(commits, clock=clocks.machine, bury=bury, seed=seed, rules=rules)
        deciding = Deciding(behind=behind, clocks=clocks, usage=usage, log=corrected_log, gate=gate)
        application = Application(
            settings=settings,
            clock=clocks.machine,
            clocks=clocks,
            gate=gate,
            log=log,
            loader=loader,
            rolled_up=behind.rolled_up,
            usage=usage,
            projection=projection,
            finder=ClickHouseEvents(clickhouse),
            personal_events=ClickHousePersonal(clickhouse),
            uncounted=ClickHouseUncounted(clickhouse),
            local_key=new_local_key(clocks.machine.now()),
            pools=pools,
            agreement=AgreementWhileReconciled(agreement, reconciler),
            corrected_log=corrected_log,
            known_corrections=ClickHouseCorrections(clickhouse),
            reconciler=reconciler,
            horizons=horizons,
            removing=removing,
            documents=PaperWriter(data.designs),
            protection=protection,
            quotas=started_quotas(deciding, stack),
        )
        yield _watched(application, clickhouse, stack)


def _open_log(
    data: DataDirectory, runner: Callable[[], RunnerUnitOfWork], stack: ExitStack
) -> OwnedLog:
    log = OwnedLog(data)
    stack.callback(log.close)
    record_segments(log, runner, stack)
    return log


def _open_commits(log: OwnedLog, loader: Loader, stack: ExitStack) -> GroupCommit:
    commits = GroupCommit(log.appender(), appended=loader.wake)
    stack.callback(commits.close)
    return commits


def _follow(behind: Behind, clocks: WorkspaceClocks, stack: ExitStack) -> Loader:
    """Start the loader, and what is kept behind it."""
    _start(behind.loader, stack)
    for keeper in keepers(behind, clocks=clocks):
        _start(keeper, stack)
    return behind.loader


def _open_apart(
    compared: Reconciled, settings: Settings, clocks: WorkspaceClocks, stack: ExitStack
) -> tuple[Removing, Reconciler]:
    """Return what removes, not started, and what compares, at work; one waits for the other."""
    removing = open_removing(compared, directory=DataDirectory(root=settings.data), clocks=clocks)
    hours = settings.reconcile_hours
    reconciler = open_reconciler(compared, removing.compared, clock=clocks.machine, hours=hours)
    _start(reconciler, stack)
    return removing, reconciler


class _Starting(Protocol):
    """What works in a thread of its own."""

    def start(self) -> None: ...

    def close(self) -> None: ...


def _open_clickhouse(settings: Settings, data: DataDirectory, stack: ExitStack) -> ClickHouse:
    if settings.clickhouse_url is None and drop_if_torn(data.clickhouse):
        _log.warning("projection_torn", told="it is loaded again from the log")
    clickhouse = ClickHouse(clickhouse_url(settings), engine_limits(settings))
    stack.callback(clickhouse.close)
    return clickhouse


def _start(starting: _Starting, stack: ExitStack) -> None:
    starting.start()
    stack.callback(starting.close)


def _watched(application: Application, clickhouse: ClickHouse, stack: ExitStack) -> Application:
    """Begin to look for alerts, and for removals that were broken off."""
    settings = application.settings
    thresholds = thresholds_of(settings.alerts)
    silence = RememberedSilence(
        application.usage,
        application.projection.arrivals,
        threshold_seconds=thresholds.get(Condition.GAP_SECONDS),
    )
    watch = AlertWatch(
        lambda: replace(application.pipeline_sources, silence=silence),
        units=application.units,
        runner=application.runner,
        thresholds=thresholds,
        clocks=application.clocks,
    )
    _start(watch.keeper(pause_seconds=settings.alert_seconds), stack)
    _start(application.removing.keeper(), stack)
    _start(pattern_keeper(application), stack)
    _start(trigger_keeper(application), stack)
    _start(readings_keeper(application, clickhouse), stack)
    return application


def engine_limits(settings: Settings) -> EngineLimits:
    """Return what ClickHouse may use, from what the settings allow."""
    memory = settings.engine_memory_bytes
    return EngineLimits(memory_bytes=memory, query_memory_bytes=memory // 2)
