"""Background work: what is done, how often, and what happens when it fails."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tallystick.app.audit import verify_audit
from tallystick.app.clock import SystemClock
from tallystick.app.command import Caller
from tallystick.app.keys import CreateKey, Scope, create_key
from tallystick.bootstrap import settings_from
from tallystick.kernel import Done, EngineUnavailable
from tallystick.storage.postgres import PostgresUnitOfWork
from tallystick.worker import Pools, Task, repeat, rest_seconds, run_tasks, worker_tasks
from tests.databases import Database


def _quiet(event: str, fields: dict[str, object]) -> None:
    """Say nothing."""


def _pools(database: Database) -> Pools:
    return Pools(runner=database.runner_pool, app=database.pool)


def _unit(database: Database) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(database.pool, database.workspace)


def test_the_audit_is_sealed_and_effects_are_delivered(database: Database, tmp_path: Path) -> None:
    """What a command wrote is in the chain after a round, and a second round finds nothing."""
    admin = Caller(workspace=database.workspace, actor="test", scopes=frozenset({Scope.ADMIN}))
    command = CreateKey(label="k", scopes=(Scope.READ,))
    made = create_key(command, caller=admin, uow=_unit(database), clock=SystemClock())
    assert isinstance(made, Done)
    settings = settings_from({}, data=tmp_path)
    tasks = worker_tasks(_pools(database), settings, say=_quiet, bill=False)
    deliverers = [f"deliver outbox {number}" for number in range(1, 5)]
    names = ["seal audit", *deliverers, "expire dead letters", "recognize revenue"]
    assert [task.name for task in tasks] == [*names, "settle credit"]
    for task in tasks:
        assert not task.run()
    report = verify_audit(_unit(database))
    assert isinstance(report, Done)
    assert (report.value.sealed >= 1, report.value.waiting) == (True, 0)


def test_billing_is_done_only_where_asked_for(database: Database, tmp_path: Path) -> None:
    """Usage that is still to be imported must not be billed as missing by itself."""
    settings = settings_from({}, data=tmp_path)
    tasks = worker_tasks(_pools(database), settings, say=_quiet, bill=True)
    assert "bill" in [task.name for task in tasks]


def test_a_round_that_found_something_is_followed_at_once() -> None:
    """A backlog is worked off without rests; an idle worker rests."""
    task = Task(name="t", period_seconds=2.0, run=lambda: False)
    assert rest_seconds(task, found=True, failures=0) == 0.0
    assert rest_seconds(task, found=False, failures=0) == 2.0
    assert rest_seconds(task, found=False, failures=60) == 30.0


@pytest.mark.parametrize(
    "error", [EngineUnavailable("away"), psycopg.OperationalError("server closed")]
)
def test_an_engine_that_is_away_is_waited_for(error: Exception) -> None:
    """The work goes on by itself once the engine is back."""
    stopping = threading.Event()
    rounds: list[int] = []

    def run() -> bool:
        rounds.append(len(rounds))
        if len(rounds) < 3:
            raise error
        stopping.set()
        return True

    said: list[str] = []
    task = Task(name="t", period_seconds=0.001, run=run)
    repeat(task, stopping=stopping, say=lambda event, _: said.append(event))
    assert said == ["engine unavailable"] * 2


def test_a_defect_ends_the_process() -> None:
    """A worker is never half alive: one task that breaks stops the others, and is told in full."""
    stopping, failed = threading.Event(), threading.Event()
    said: list[dict[str, object]] = []

    def broken() -> bool:
        msg = f"impossible at {datetime.now(UTC)}"
        raise LookupError(msg)

    tasks = [
        Task(name="broken", period_seconds=0.01, run=broken),
        Task(name="fine", period_seconds=0.01, run=lambda: False),
    ]
    run_tasks(tasks, stopping=stopping, failed=failed, say=lambda _, fields: said.append(fields))
    assert failed.is_set()
    assert "impossible" in str(said[0]["trace"])
