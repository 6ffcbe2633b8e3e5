"""How events are doing, over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.app.pipeline import Alert, PipelineHealth
from tallystick.kernel import micros


class FlowItem(msgspec.Struct, frozen=True, kw_only=True):
    """The process that takes events; outcomes since it started, of all workspaces."""

    log_position: int
    projection_position: int
    lag_events: int
    lag_seconds: int
    queued_events: int
    accepted: int
    duplicate: int
    conflict: int
    rejected: int


class WaitingItem(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters of one reason that wait."""

    code: str
    letters: int
    oldest_at: datetime


class SenderItem(msgspec.Struct, frozen=True, kw_only=True):
    """A source of events in the last day; the age is that of the newest event's usage."""

    source: str
    events: int
    newest_used_at: datetime
    newest_received_at: datetime
    age_seconds: int


class SilentItem(msgspec.Struct, frozen=True, kw_only=True):
    """A resource whose level was not known for a while in the last day."""

    meter: str
    subject: str
    gap_seconds: str
    gaps: int


class HoleItem(msgspec.Struct, frozen=True, kw_only=True):
    """Offsets of a declared source that are still to be read, or are lost."""

    source: str
    partition: str
    open: int
    lost: int
    problem: str


class PipelineRead(msgspec.Struct, frozen=True, kw_only=True):
    """
    How events are doing on their way from senders to questions.

    `alerts` are those that stand; `reconcile_differences` those that the last comparison of all
    days left, null if none was made.
    """

    flow: FlowItem
    dead_letters: tuple[WaitingItem, ...]
    unattributed_events: int
    senders: tuple[SenderItem, ...]
    silent_resources: tuple[SilentItem, ...]
    holes: tuple[HoleItem, ...]
    alerts: tuple[Alert, ...]
    reconcile_differences: int | None
    checked_at: datetime


def wire_from_pipeline(health: PipelineHealth) -> PipelineRead:
    """Return a look at the pipeline as it goes over the wire."""
    flow = health.flow
    now = micros(health.checked_at)
    return PipelineRead(
        flow=FlowItem(
            log_position=flow.durable,
            projection_position=flow.covered,
            lag_events=max(0, flow.durable - flow.covered),
            lag_seconds=flow.lag_seconds,
            queued_events=flow.queued,
            accepted=flow.accepted,
            duplicate=flow.duplicate,
            conflict=flow.conflict,
            rejected=flow.rejected,
        ),
        dead_letters=tuple(
            WaitingItem(code=each.code, letters=each.letters, oldest_at=each.oldest_at)
            for each in health.letters
        ),
        unattributed_events=health.unattributed,
        senders=tuple(
            SenderItem(
                source=each.source,
                events=each.events,
                newest_used_at=each.newest_used_at,
                newest_received_at=each.newest_received_at,
                age_seconds=max(0, now - micros(each.newest_used_at)) // 1_000_000,
            )
            for each in health.senders
        ),
        silent_resources=tuple(
            SilentItem(
                meter=each.meter,
                subject=each.subject,
                gap_seconds=each.gap_seconds,
                gaps=each.gaps,
            )
            for each in health.silent
        ),
        holes=tuple(
            HoleItem(
                source=each.source,
                partition=each.partition,
                open=each.open,
                lost=each.lost,
                problem=each.problem,
            )
            for each in health.holes
        ),
        alerts=health.alerts,
        reconcile_differences=health.differences,
        checked_at=health.checked_at,
    )
