"""Keeps what a run found, in each workspace that it looked at, and audits a repair."""

from dataclasses import dataclass, replace

from tallystick.app.audit import audit_record
from tallystick.app.command import Caller
from tallystick.app.reconcile.reconcile import Counts, Reconciliation
from tallystick.app.reconcile.runs import SCHEDULED, ReconciliationRun, told
from tallystick.app.reconcile.sources import ReconcileSources
from tallystick.kernel import WorkspaceId

KEPT_MAX = 100
"""Differences that are kept with a run."""
_INSTALLATION = WorkspaceId("")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairProjection:
    """The command that is audited: load again what differs from the log."""

    since: str
    until: str


def record_run(run: Reconciliation, *, caller: Caller | None, sources: ReconcileSources) -> None:
    """Add the run to each workspace; `caller` asked for it, None where it came by itself."""
    for workspace, counts in run.counts.items():
        if workspace == _INSTALLATION:
            continue
        shared = run.counts.get(_INSTALLATION, Counts())
        with sources.units(workspace) as uow:
            uow.reconciliations.append(_fact(run, workspace, counts, shared, caller))
            if run.repair and caller is not None:
                command = RepairProjection(
                    since=str(run.scope.since or ""), until=str(run.scope.until or "")
                )
                uow.audit.append(
                    audit_record(
                        replace(caller, workspace=workspace),
                        command,
                        subject="projection",
                        at=run.finished_at,
                        details={
                            "position": run.position,
                            "found": counts.found,
                            "left": counts.left,
                            "reloaded": run.reloaded,
                        },
                    )
                )
            uow.commit()


def _fact(
    run: Reconciliation,
    workspace: WorkspaceId,
    counts: Counts,
    shared: Counts,
    caller: Caller | None,
) -> ReconciliationRun:
    mine = [one for one in run.differences if one.workspace in {workspace, _INSTALLATION}]
    return ReconciliationRun(
        id=0,
        asked_by=SCHEDULED if caller is None else caller.actor,
        repair=run.repair,
        since=run.scope.since,
        until=run.scope.until,
        started_at=run.started_at,
        finished_at=run.finished_at,
        position=run.position,
        found=counts.found + shared.found,
        left=counts.left + shared.left,
        answering=counts.answering,
        reloaded=run.reloaded,
        invoices=run.invoices,
        differences=tuple(told(one) for one in mine[:KEPT_MAX]),
    )
