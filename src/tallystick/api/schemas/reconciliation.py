"""Reconciliations over the wire."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from tallystick.app.reconcile import Run, ToldDifference, told


class ReconcileOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What to compare: by default everything of the caller's workspace, or of all for its operator.

    `since` and `until` are days of use in UTC; `until` is the day behind the last.
    """

    workspace: str | None = None
    since: date | None = None
    until: date | None = None
    repair: bool = False


class FoundItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a run found; `left` differences stand after it."""

    started_at: datetime
    finished_at: datetime
    position: int
    lag_events: int
    invoices: int
    found: int
    left: int
    reloaded: int
    differences: tuple[ToldDifference, ...]


class RunRead(msgspec.Struct, frozen=True, kw_only=True):
    """A run: `running`, `done` or `failed`; `report` when it is done."""

    id: str
    state: str
    repair: bool
    steps: int
    steps_done: int
    stage: str
    problem: str
    report: FoundItem | None


def wire_from_run_under_way(run: Run) -> RunRead:
    """Return a run as it goes over the wire."""
    found = run.found
    report = None
    if found is not None:
        report = FoundItem(
            started_at=found.started_at,
            finished_at=found.finished_at,
            position=found.position,
            lag_events=found.lag_events,
            invoices=found.invoices,
            found=found.found,
            left=found.left,
            reloaded=found.reloaded,
            differences=tuple(told(one) for one in found.differences),
        )
    return RunRead(
        id=run.id,
        state=run.state.value,
        repair=run.repair,
        steps=run.steps,
        steps_done=min(run.done, run.steps),
        stage=run.stage,
        problem=run.problem,
        report=report,
    )
