"""
Runs reconciliations one after the other in a thread: those asked for, and one now and then.

A run that nobody waits for leaves the machine to others: after each step it rests as long as the
step took.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

import structlog

from tallystick.app.command import Caller, not_operator
from tallystick.app.reconcile.reconcile import Reconciliation
from tallystick.app.reconcile.record_run import record_run
from tallystick.app.reconcile.sources import ReconcileSources, Watched
from tallystick.app.reconcile.spans import Scope
from tallystick.kernel import (
    Done,
    EngineUnavailable,
    Outcome,
    Problem,
    Refused,
    TallystickError,
    derived_id,
    instant_text,
    refuse,
)

LOOK_SECONDS = 30.0
FIRST_RUN = timedelta(minutes=15)
"""After the start, where no run was ever made."""
KEPT_MAX = 20
REST_SECONDS_MAX = 60.0

_log = structlog.get_logger()


class RunState(StrEnum):
    """``failed``: an engine was away, or the log cannot be read; see the problem."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class _Stopped(TallystickError):
    """The process ends."""


@dataclass(slots=True, kw_only=True)
class Run:
    """A run under way, or one of the last few; `caller` is None where it came by itself."""

    id: str
    scope: Scope
    repair: bool
    caller: Caller | None
    stopping: threading.Event = field(repr=False)
    state: RunState = RunState.RUNNING
    steps: int = 0
    done: int = 0
    stage: str = ""
    found: Reconciliation | None = None
    problem: str = ""
    stepped_at: float = field(default_factory=time.monotonic)

    def expect(self, steps: int) -> None:
        """Take note of how many steps are to come."""
        self.steps = steps

    def advance(self, stage: str) -> None:
        """Take note of one step; rest where nobody waits."""
        self.stage, self.done = stage, self.done + 1
        rest = 0.0 if self.caller else min(time.monotonic() - self.stepped_at, REST_SECONDS_MAX)
        self.stopping.wait(rest)
        self.check()
        self.stepped_at = time.monotonic()

    def check(self) -> None:
        """Raise if the process ends."""
        if self.stopping.is_set():
            raise _Stopped("the process ends")


class Reconciler:
    """
    The one place where the log is compared and the projection repaired.

    Args:
        work: compares and repairs, and says what it found.
        sources: keep what was found.
        period: from one run by itself to the next; None for none.
    """

    def __init__(
        self,
        work: Callable[[Scope, bool, Watched], Reconciliation],
        sources: ReconcileSources,
        *,
        period: timedelta | None,
    ) -> None:
        self._work = work
        self._sources = sources
        self._period = period
        self._started_at = sources.clock.now()
        self._runs: dict[str, Run] = {}
        self._current: Run | None = None
        self._repairs = 0
        self._turn = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def start(self) -> None:
        """Begin to look for what is due."""
        self._thread.start()

    def close(self) -> None:
        """Stop within a second or two; a repair of rows that was begun is brought to its end."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def ask(self, scope: Scope, *, repair: bool, caller: Caller | None) -> Outcome[Run]:
        """
        Ask for a run, which begins at once.

        All workspaces share the rows that a repair takes out, whatever its scope: it is for the
        operator alone.

        Problems:
            forbidden: a repair is asked for, and not by the operator.
            reconciliation_runs: another is under way.
        """
        unpermitted = not_operator(caller) if repair else None
        if unpermitted is not None:
            return Refused((unpermitted,))
        with self._turn:
            if self._current is not None:
                message = f"reconciliation {self._current.id} is under way; wait until it is done"
                return refuse("reconciliation_runs", message)
            named = derived_id("rec", instant_text(self._sources.clock.now()), str(len(self._runs)))
            run = Run(id=named, scope=scope, repair=repair, caller=caller, stopping=self._stopping)
            self._runs[run.id] = self._current = run
            self._repairs += repair
            for old in list(self._runs)[:-KEPT_MAX]:
                del self._runs[old]
        self._wake.set()
        return Done(run)

    def find(self, run: str) -> Run | None:
        """Return a run by its id, None if it is not one of the last few of this process."""
        return self._runs.get(run)

    def problem(self) -> Problem | None:
        """
        Return why nothing should be read for bills now, None if nothing stands against it.

        What the last runs left is a fact of each workspace, and asked for there.

        Problems:
            projection_under_repair: rows are being loaded again.
        """
        current = self._current
        if current is not None and current.repair:
            message = "the projection is being repaired; try again when that is done"
            return Problem(code="projection_under_repair", message=message)
        return None

    def repairs(self) -> int:
        """Return how many repairs were asked for so far; counted before the first row is gone."""
        return self._repairs

    def run_due(self) -> bool:
        """Make the run that was asked for, or that is due; return whether there was one."""
        if self._current is None and self._is_due():
            self.ask(Scope(), repair=False, caller=None)
        run = self._current
        if run is None:
            return False
        try:
            run.found = self._work(run.scope, run.repair, run)
            record_run(run.found, caller=run.caller, sources=self._sources)
            run.state = RunState.DONE
        except (EngineUnavailable, TallystickError) as error:
            run.state, run.problem = RunState.FAILED, str(error)
            _log.warning("not reconciled", run=run.id, error=str(error))
        except Exception as error:
            run.state, run.problem = RunState.FAILED, f"{type(error).__name__}: {error}"
            raise
        finally:
            with self._turn:
                self._current = None
        return True

    def _is_due(self) -> bool:
        if self._period is None:
            return False
        with self._sources.runner() as uow:
            latest = uow.reconciled.latest()
        tried = [run for run in self._runs.values() if run.caller is None]
        if tried and tried[-1].state is RunState.FAILED and self._failed_lately(tried[-1]):
            return False
        if latest is None:
            return self._sources.clock.now() >= self._started_at + min(FIRST_RUN, self._period)
        return self._sources.clock.now() >= latest.finished_at + self._period

    def _failed_lately(self, run: Run) -> bool:
        return time.monotonic() - run.stepped_at < FIRST_RUN.total_seconds()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            try:
                while not self._stopping.is_set() and self.run_due():
                    pass
            except EngineUnavailable as error:
                _log.warning("reconciliation waits for an engine", error=str(error))
            except Exception:  # noqa: BLE001 - said each time, and tried again when it is due
                _log.exception("not reconciled")
