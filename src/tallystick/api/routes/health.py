"""
Whether the process runs (`/healthz`), whether it can serve (`/readyz`), how it does (`/metrics`).

`/healthz` asks nothing of the engines: a supervisor that restarts a process because PostgreSQL is
away would only make it worse. `/readyz` asks each part and answers 503 when one of them fails, so
that a load balancer sends traffic elsewhere. None of the three needs a key; none names an address
or a version. `/metrics` names workspaces, their declared sources and the partitions of those, never
numbered senders or accounts: where that is not for everybody who reaches the port, let the proxy in
front keep it to the scraper.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

import msgspec
from litestar import Response, get

from tallystick.api.metrics import TEXT_FORMAT, Metrics
from tallystick.api.source_series import PARTITIONS_MAX
from tallystick.api.usage import UsageStreams
from tallystick.bootstrap.engines import Application
from tallystick.kernel import EngineUnavailable

PUBLIC = {"public": True}
LAG_SECONDS_MAX = 60
State = Literal["ok", "failing"]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: State = "ok"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """The state of each part; `lag_seconds` is the age of the oldest event not yet in queries."""

    status: State
    log: State
    postgres: State
    projection: State
    log_position: int
    projection_position: int
    lag_seconds: int


@get("/healthz", sync_to_thread=False, opt=PUBLIC, tags=["operation"], summary="Does it run?")
def healthz() -> Health:
    """Answer as long as the process does."""
    return Health()


@get("/readyz", sync_to_thread=True, opt=PUBLIC, tags=["operation"], summary="Can it serve?")
def readyz(application: Application) -> Response[Readiness]:
    """Ask every part; 503 when one fails or queries are more than a minute behind."""
    readiness = readiness_of(application)
    return Response(readiness, status_code=200 if readiness.status == "ok" else 503)


@get("/metrics", sync_to_thread=True, opt=PUBLIC, include_in_schema=False)
def exposition(
    application: Application, metrics: Metrics, streams: UsageStreams
) -> Response[bytes]:
    """Return the series of this process as Prometheus text."""
    log_position = application.durable_position()
    covered = application.usage.covered_position()
    metrics.log_position.set(log_position)
    metrics.projection_position.set(covered)
    metrics.rolled_up_position.set(application.rolled_up.through)
    metrics.lag_events.set(max(0, log_position - covered))
    metrics.lag_seconds.set(application.lag_seconds())
    metrics.queue_depth.set(application.gate.queued_events)
    metrics.streams.set(streams.open)
    # The last count stays while PostgreSQL is away: that is when the other series are looked at.
    with suppress(EngineUnavailable), application.runner() as uow:
        metrics.dead_letters.set(uow.letters.count_waiting())
        metrics.parked.set(uow.parked_figures.count())
        figures = uow.source_directory.figures(rows_max=PARTITIONS_MAX)
        metrics.sources.tell(figures, now=application.clock.now())
        metrics.tell_alerts(uow.alert_figures.standing())
        latest = uow.reconciled.latest()
        if latest is not None:
            metrics.reconcile_differences.set(latest.left)
            metrics.reconcile_finished.set(int(latest.finished_at.timestamp()))
            metrics.reconcile_seconds.set(latest.seconds)
    return Response(metrics.text(), media_type=TEXT_FORMAT)


def readiness_of(application: Application) -> Readiness:
    """Return the state of each part."""
    log: State = "failing" if application.log.failure() else "ok"
    postgres = _postgres(application)
    covered, projection = _covered(application)
    lag = application.lag_seconds()
    fine = {log, postgres, projection} == {"ok"} and lag <= LAG_SECONDS_MAX
    return Readiness(
        status="ok" if fine else "failing",
        log=log,
        postgres=postgres,
        projection=projection,
        log_position=application.durable_position(),
        projection_position=covered,
        lag_seconds=lag,
    )


def _postgres(application: Application) -> State:
    try:
        with application.runner() as uow:
            uow.directory.page(after="", limit=1)
    except EngineUnavailable:
        return "failing"
    return "ok"


def _covered(application: Application) -> tuple[int, State]:
    try:
        return application.projection.max_position(), "ok"
    except EngineUnavailable:
        return application.loader.covered_position, "failing"
