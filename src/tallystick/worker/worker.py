"""The worker process: seals the audit, delivers the outbox, bills and recognizes what is due."""

import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import structlog
from cyclopts import Parameter

from tallystick.app.audit import seal_audit
from tallystick.app.clock import SystemClock
from tallystick.app.dead_letters import BATCH as LETTER_BATCH
from tallystick.app.dead_letters import expire_letters
from tallystick.app.delivery import Courier
from tallystick.app.outbox import Lanes, deliver_lane
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.webhooks import WebhookSecrets
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap import DataDirectory, Settings, environment_settings, stopping_on_signals
from tallystick.bootstrap.engines import APP_ROLE, RUNNER_ROLE, letter_links, postgres_uri
from tallystick.client import Endpoint
from tallystick.integrations.documents import PaperWriter, formats_for
from tallystick.integrations.mail import SmtpPost
from tallystick.integrations.webhooks import HttpWebhookCaller
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres import (
    Pool,
    PostgresRunnerUnitOfWork,
    PostgresUnitOfWork,
    open_pool,
)
from tallystick.worker.billing import DueBilling
from tallystick.worker.bookkeeping import DueBookings
from tallystick.worker.deliverers import DELIVERERS, deliverers
from tallystick.worker.delivery import LogDelivery
from tallystick.worker.papers import OwnersPapers
from tallystick.worker.rates import DueRates
from tallystick.worker.repeat import Say, Task, repeat

SEAL_SECONDS = 0.5
BILL_SECONDS = 60.0
EXPIRE_SECONDS = 3600.0
RECOGNIZE_SECONDS = 3600.0
SETTLE_SECONDS = 60.0
SEAL_BATCH = 1000


def worker(*, bill: Annotated[bool, Parameter(negative=())] = False) -> int:
    """
    Seal the audit, deliver effects, recognize revenue and, if asked, bill; until told to stop.

    `up` runs this by itself.

    For example:

        tallystick worker
        tallystick worker --bill

    Args:
        bill: Issue invoices by themselves in every workspace that goes by the computer's clock,
            once a minute, as soon as their periods are over.
    """
    settings = environment_settings()
    stopping, failed = threading.Event(), threading.Event()
    with (
        stopping_on_signals(stopping),
        open_pool(postgres_uri(settings, RUNNER_ROLE), connections_max=4 + DELIVERERS) as runner,
        open_pool(postgres_uri(settings, APP_ROLE), connections_max=2 + DELIVERERS) as app,
    ):
        tasks = worker_tasks(Pools(runner=runner, app=app), settings, say=log, bill=bill)
        run_tasks(tasks, stopping=stopping, failed=failed, say=log)
    return int(failed.is_set())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """Connections as the role that sees across workspaces, and as the one of commands."""

    runner: Pool
    app: Pool


def worker_tasks(pools: Pools, settings: Settings, *, say: Say, bill: bool) -> list[Task]:
    """Return what this worker does."""
    clock = SystemClock()
    data = DataDirectory(root=settings.data)
    app_units = partial(PostgresUnitOfWork, pools.app)

    def owner(workspace: WorkspaceId) -> Endpoint:
        return Endpoint.local(data.run, workspace=workspace)

    delivery = _courier(app_units, settings, owner=owner, say=say)

    def units() -> PostgresRunnerUnitOfWork:
        return PostgresRunnerUnitOfWork(pools.runner)

    def seal() -> bool:
        return seal_audit(units, limit=SEAL_BATCH) >= SEAL_BATCH

    lanes = Lanes(units)

    def deliver() -> bool:
        return deliver_lane(units, delivery, lanes=lanes, clock=clock).claimed > 0

    def expire() -> bool:
        return expire_letters(units, clock=clock) >= LETTER_BATCH

    clocks = WorkspaceClocks(units, machine=clock)
    bookings = DueBookings(units=app_units, runner=units, clocks=clocks, say=say)
    tasks = [
        Task(name="seal audit", period_seconds=SEAL_SECONDS, run=seal),
        *deliverers(deliver),
        Task(name="expire dead letters", period_seconds=EXPIRE_SECONDS, run=expire),
        Task(name="recognize revenue", period_seconds=RECOGNIZE_SECONDS, run=bookings.recognize),
        Task(name="settle credit", period_seconds=SETTLE_SECONDS, run=bookings.settle),
    ]
    if settings.rates_url is not None:
        rates = DueRates(
            url=settings.rates_url,
            units=app_units,
            runner=units,
            clock=clock,
            say=say,
        )
        period = settings.rates_hours * 3600.0
        tasks.append(Task(name="fetch rates", period_seconds=period, run=rates.run))
    if bill:
        due = DueBilling(
            endpoint=owner,
            runner=units,
            now=clock.now,
            say=say,
        )
        tasks.append(Task(name="bill", period_seconds=BILL_SECONDS, run=due.run))
    return tasks


def _courier(
    units: Callable[[WorkspaceId], UnitOfWork],
    settings: Settings,
    *,
    owner: Callable[[WorkspaceId], Endpoint],
    say: Say,
) -> Courier:
    """Return the way out for messages, with what the settings say of it."""
    data = DataDirectory(root=settings.data)
    return Courier(
        units=units,
        writer=OwnersPapers(endpoint=owner, own=PaperWriter(data.designs)),
        formats=formats_for,
        links=letter_links(settings),
        post=None if settings.mail is None else SmtpPost(server=settings.mail),
        webhooks=HttpWebhookCaller(hosts=settings.webhook_hosts),
        secrets=WebhookSecrets(root=data.webhook_root),
        clock=SystemClock(),
        rest=LogDelivery(say=say),
    )


def run_tasks(
    tasks: list[Task], *, stopping: threading.Event, failed: threading.Event, say: Say
) -> None:
    """
    Run each task on a thread of its own until told to stop.

    A defect in one of them ends the whole process, to be seen and started again, rather than
    leaving it half alive.
    """
    with ExitStack() as stack:
        for task in tasks:
            watched = _watched(task, stopping=stopping, failed=failed, say=say)
            thread = threading.Thread(target=watched, name=task.name)
            thread.start()
            stack.callback(thread.join)
        stack.callback(stopping.wait)


def _watched(
    task: Task, *, stopping: threading.Event, failed: threading.Event, say: Say
) -> Callable[[], None]:
    def run() -> None:
        try:
            repeat(task, stopping=stopping, say=say)
        except Exception:  # noqa: BLE001 - told in full, and it ends the process
            say("defect", {"task": task.name, "trace": traceback.format_exc()})
            failed.set()
            stopping.set()

    return run


_logger = structlog.wrap_logger(
    structlog.PrintLogger(sys.stderr),
    processors=[
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="recorded_at"),
        structlog.processors.JSONRenderer(),
    ],
)


def log(event: str, fields: dict[str, object]) -> None:
    """Write one line of JSON on standard error."""
    _logger.msg(event, **fields)
