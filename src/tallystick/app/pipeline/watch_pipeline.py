"""
Looks at a workspace's pipeline and notes what crossed a threshold since, and what came back.

Facts, not commands: nobody asked for them. They leave through the outbox like every other effect,
in the transaction that records them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.command import Caller
from tallystick.app.outbox import Message
from tallystick.app.pipeline.alerts import Alert, Changes, Thresholds, due_changes
from tallystick.app.pipeline.measures import cut_short, measures_of
from tallystick.app.pipeline.pipeline_health import PipelineSources, pipeline_health
from tallystick.app.pipeline.ports import Flow
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Refused, WorkspaceId, instant_text

OPENED = "alert.opened"
CLOSED = "alert.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """From which values on there are alerts, and the flow at the look before; None at the first."""

    thresholds: Thresholds
    earlier: Flow | None


def watch_pipeline(
    workspace: WorkspaceId, *, uow: UnitOfWork, sources: PipelineSources, watching: Watching
) -> int:
    """Open and close what is due in a workspace; return how many alerts changed."""
    caller = Caller(workspace=workspace, actor="alerts", scopes=frozenset({"read"}))
    health = pipeline_health(caller, uow=uow, sources=sources)
    if isinstance(health, Refused):
        return 0
    measures = list(measures_of(health.value, watching.earlier))
    at = health.value.checked_at

    def due(standing: Iterable[Alert]) -> Changes:
        return due_changes(
            measures, standing, watching.thresholds, cut_short=cut_short(health.value)
        )

    if not _due(due(health.value.alerts)):
        return 0
    with uow:
        # Once more behind a lock: another owner may have opened the same.
        standing = uow.alerts.standing(lock=True)
        changes = due(standing)
        for measure in changes.opened:
            threshold = watching.thresholds[measure.condition]
            alert = uow.alerts.open(measure, threshold=threshold, at=at)
            uow.outbox.put(_message(workspace, alert, OPENED, at))
        for alert, value in changes.closed:
            uow.alerts.close(alert, value=value, at=at)
            uow.outbox.put(_message(workspace, alert, CLOSED, at, closed_value=value))
        uow.commit()
    return _due(changes)


def _due(changes: Changes) -> int:
    return len(changes.opened) + len(changes.closed)


def _message(
    workspace: WorkspaceId, alert: Alert, topic: str, at: datetime, **more: int
) -> Message:
    payload: Mapping[str, object] = {
        "alert": alert.id,
        "condition": alert.condition.value,
        "about": alert.about,
        "value": alert.value,
        "threshold": alert.threshold,
        "opened_at": instant_text(alert.opened_at),
        "at": instant_text(at),
        **more,
    }
    return Message(
        workspace=workspace,
        id=f"alert-{alert.id}-{topic.partition('.')[2]}",
        topic=topic,
        payload=payload,
        due_at=at,
    )
