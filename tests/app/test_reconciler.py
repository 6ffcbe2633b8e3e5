"""When the log is compared by itself, what is kept of it, and what is billed meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tallystick.app import Caller
from tallystick.app.ingest import Block
from tallystick.app.reconcile import (
    Difference,
    Reconciler,
    Reconciliation,
    RunState,
    Scope,
    Store,
    Watched,
)
from tallystick.kernel import Done, EngineUnavailable, Refused, WorkspaceId
from tallystick.storage.clickhouse.schema import INSERT_TARGET
from tests.clickhouse import UsageStore
from tests.corrected_log import CorrectedLog
from tests.databases import OTHER_WORKSPACE, Database
from tests.ingest.batches import event as wire_event
from tests.reconciling import Reconciling, W

DAY = timedelta(days=1)
OPERATOR = Caller(workspace=W, actor="key:local", scopes=frozenset({"admin"}), operator=True)


@pytest.fixture
def reconciling(
    usage_store: UsageStore, database: Database, tmp_path: Path
) -> Iterator[Reconciling]:
    """Lend a log of two events; no damage is left to the tests that follow."""
    made = Reconciling(log=CorrectedLog(usage_store, tmp_path), database=database)
    made.log.send(W, *(wire_event(one, type="t", data={"v": 1}) for one in "ab"))
    yield made
    usage_store.projection.rebuild()


def _reconciler(made: Reconciling, *, period: timedelta | None = DAY) -> Reconciler:
    def work(scope: Scope, repair: bool, watched: Watched) -> Reconciliation:  # noqa: FBT001 - a callback
        watched.expect(1)
        return made.run(scope, repair=repair)

    return Reconciler(work, made.sources, period=period)


def test_it_runs_when_it_is_due(reconciling: Reconciling) -> None:
    """Soon after the first start, then once in each period, also over a restart."""
    clock, reconciler = reconciling.log.clock, _reconciler(reconciling)
    assert not reconciler.run_due()
    clock.forward(seconds=900)
    assert [reconciler.run_due() for _ in range(3)] == [True, False, False]
    restarted = _reconciler(reconciling)
    clock.forward(hours=23)
    assert not restarted.run_due()
    clock.forward(hours=1)
    assert restarted.run_due()
    with reconciling.database.unit() as uow:
        runs = uow.reconciliations.page(before=None, limit=9)
    assert [(run.asked_by, run.found, run.position) for run in runs] == [("schedule", 0, 2)] * 2
    with reconciling.database.runner() as uow:
        latest = uow.reconciled.latest()
    assert latest is not None
    assert (latest.finished_at, latest.left) == (clock.now(), 0)


def test_it_never_runs_unless_asked(reconciling: Reconciling) -> None:
    """Without a period nothing comes by itself."""
    reconciler = _reconciler(reconciling, period=None)
    reconciling.log.clock.forward(days=400)
    assert not reconciler.run_due()


@pytest.mark.parametrize("scope", [Scope(), Scope(workspace=W), Scope(workspace=OTHER_WORKSPACE)])
def test_a_repair_is_for_the_operator(reconciling: Reconciling, scope: Scope) -> None:
    """Rows are shared by all workspaces: no admin of one may have them taken out, nor nobody."""
    reconciler = _reconciler(reconciling)
    for caller in (replace(OPERATOR, actor="key:0123456789abcdef", operator=False), None):
        refused = reconciler.ask(scope, repair=True, caller=caller)
        assert isinstance(refused, Refused)
        assert [one.code for one in refused.problems] == ["forbidden"]
        assert not reconciler.repairs()
        assert reconciler.problem() is None
    assert isinstance(reconciler.ask(scope, repair=True, caller=OPERATOR), Done)


def test_one_at_a_time(reconciling: Reconciling) -> None:
    """A second run is refused while one is under way; what it found is told until it is old."""
    reconciler = _reconciler(reconciling, period=None)
    asked = reconciler.ask(Scope(), repair=False, caller=OPERATOR)
    assert isinstance(asked, Done)
    refused = reconciler.ask(Scope(), repair=False, caller=OPERATOR)
    assert isinstance(refused, Refused)
    assert refused.problems[0].code == "reconciliation_runs"
    assert reconciler.run_due()
    assert asked.value.state is RunState.DONE
    found = reconciler.find(asked.value.id)
    assert found is not None
    assert found.found is not None
    assert isinstance(reconciler.ask(Scope(), repair=False, caller=OPERATOR), Done)


def test_nothing_is_billed_while_a_difference_stands(reconciling: Reconciling) -> None:
    """Nor while it is repaired; afterwards all is well. A fact, which outlives the process."""
    reconciler = _reconciler(reconciling, period=None)

    def run(*, repair: bool) -> str:
        asked = reconciler.ask(Scope(), repair=repair, caller=OPERATOR)
        assert isinstance(asked, Done)
        before = reconciler.problem()
        assert reconciler.run_due()
        return "" if before is None else before.code

    assert run(repair=False) == ""
    reconciling.put_again(INSERT_TARGET, "position = 1")
    assert run(repair=False) == ""
    assert [_answering(reconciling, one) for one in (W, OTHER_WORKSPACE)] == [3, 0]
    assert reconciler.repairs() == 0
    assert run(repair=True) == "projection_under_repair"
    assert (reconciler.problem(), reconciler.repairs()) == (None, 1)
    assert _answering(reconciling) == 0


def test_a_look_at_some_days_clears_nothing(reconciling: Reconciling) -> None:
    """A run over a day without differences says nothing of the others; one over all days does."""
    reconciler = _reconciler(reconciling, period=None)
    whole = reconciling.rows(INSERT_TARGET)
    reconciling.put_again(INSERT_TARGET, "position = 1")
    for scope, standing in ((Scope(), 3), (Scope(until=date(2000, 1, 1)), 3)):
        reconciler.ask(scope, repair=False, caller=OPERATOR)
        assert reconciler.run_due()
        assert _answering(reconciling) == standing
    reconciling.clickhouse.remove(INSERT_TARGET, "1", {})
    reconciling.clickhouse.write(INSERT_TARGET, whole, {"insert_deduplicate": 0})
    reconciler.ask(Scope(), repair=False, caller=OPERATOR)
    assert reconciler.run_due()
    assert _answering(reconciling) == 0


def _answering(made: Reconciling, workspace: WorkspaceId = W) -> int:
    with made.database.unit(workspace) as uow:
        return uow.reconciliations.answering()


@pytest.mark.parametrize("reading", [1, 2, 3])
def test_a_stop_does_not_wait_for_the_end_of_the_log(
    reconciling: Reconciling, reading: int
) -> None:
    """Each time that the log is read, also for the totals of what was found, a stop ends it."""
    log, blocks = reconciling.log, 0
    for one in "cdefgh":
        log.send(W, wire_event(one, type="t", data={"v": 1}))
    reconciling.put_again(INSERT_TARGET, "position = 1")
    readings = 0

    def blocks_from(position: int, *, through: int) -> Iterator[Block]:
        nonlocal blocks, readings
        readings += 1
        for block in log.blocks_from(position, through=through):
            blocks += readings == reading
            if blocks == 1:
                reconciler.close()
            yield block

    def work(scope: Scope, repair: bool, watched: Watched) -> Reconciliation:  # noqa: FBT001 - a callback
        return reconciling.run(scope, repair=repair, watched=watched)

    reconciling.blocks_from = blocks_from
    reconciler = Reconciler(work, reconciling.sources, period=None)
    asked = reconciler.ask(Scope(), repair=False, caller=OPERATOR)
    assert isinstance(asked, Done)
    assert reconciler.run_due()
    assert (asked.value.state, asked.value.problem) == (RunState.FAILED, "the process ends")
    assert (readings, blocks) == (reading, 1)


def test_a_failed_run_is_told_and_ends(reconciling: Reconciling) -> None:
    """An engine that is away fails the run with its reason; the next one may be asked for."""

    def away(scope: Scope, repair: bool, watched: Watched) -> Reconciliation:  # noqa: FBT001 - a callback
        del scope, repair, watched
        raise EngineUnavailable("ClickHouse is away")

    reconciler = Reconciler(away, reconciling.sources, period=None)
    asked = reconciler.ask(Scope(), repair=False, caller=OPERATOR)
    assert isinstance(asked, Done)
    assert reconciler.run_due()
    assert (asked.value.state, asked.value.problem) == (RunState.FAILED, "ClickHouse is away")
    assert isinstance(reconciler.ask(Scope(), repair=False, caller=OPERATOR), Done)


def test_a_row_of_a_workspace_that_is_none_is_told_of_the_installation(
    reconciling: Reconciling,
) -> None:
    """There is nobody to tell it to, and the others are told all the same."""
    reconciling.change(INSERT_TARGET, "position = 2", workspace="nobody")
    reconciler = _reconciler(reconciling, period=None)
    asked = reconciler.ask(Scope(), repair=False, caller=OPERATOR)
    assert isinstance(asked, Done)
    assert reconciler.run_due()
    assert (asked.value.state, asked.value.problem) == (RunState.DONE, "")
    with reconciling.database.unit() as uow:
        (run,) = uow.reconciliations.page(before=None, limit=9)
    assert {one.workspace for one in run.differences} == {W}
    assert (run.left, run.answering) == (run.found, run.found - 1)


def test_a_clock_that_was_set_back_loses_no_run(reconciling: Reconciling) -> None:
    """A run ends no earlier than it began, whatever the clock says by then."""
    clock = reconciling.log.clock

    def covered() -> int:
        clock.forward(hours=-1)
        return 2

    reconciling.covered = covered
    reconciler = _reconciler(reconciling, period=None)
    asked = reconciler.ask(Scope(), repair=False, caller=OPERATOR)
    assert isinstance(asked, Done)
    assert reconciler.run_due()
    assert (asked.value.state, asked.value.problem) == (RunState.DONE, "")


def test_what_is_loaded_meanwhile_stays(reconciling: Reconciling) -> None:
    """The log grows, and is loaded, between the question for its end and the removal behind it."""
    reconciling.change(INSERT_TARGET, "position = 2", position=900)
    log, asked = reconciling.log, 0

    def durable() -> int:
        nonlocal asked
        asked += 1
        last = log.durable_position()
        if asked == 3:
            log.send(W, wire_event("c", type="t", data={"v": 1}))
        return last

    reconciling.durable = durable
    assert reconciling.run(repair=True).left == 0
    assert asked == 4
    log.load()
    assert log.store.projection.count(1, 1 << 40) == 3


def test_the_loader_goes_on_where_the_log_ends(reconciling: Reconciling) -> None:
    """A stray row far ahead would keep every later event from being loaded."""
    reconciling.change(INSERT_TARGET, "position = 2", position=900)
    told: tuple[Difference, ...] = reconciling.run(repair=True).differences
    assert {one.store for one in told} == {Store.EVENTS}
    assert reconciling.reloads == 1
    reconciling.log.send(W, wire_event("c", type="t", data={"v": 1}))
    assert reconciling.log.store.projection.max_position() == 3
    assert reconciling.run().found == 0
