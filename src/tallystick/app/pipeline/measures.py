"""The measures of a look at the pipeline, as alerts are made of them."""

from collections.abc import Iterator

from tallystick.app.pipeline.alerts import Condition, Measure
from tallystick.app.pipeline.pipeline_health import PipelineHealth
from tallystick.app.pipeline.ports import Flow
from tallystick.app.pipeline.silence import SILENT_MAX
from tallystick.kernel import micros

RATED_EVENTS_MIN = 100
"""Fewer events than this between two looks say nothing about a share of them."""


def measures_of(health: PipelineHealth, earlier: Flow | None) -> Iterator[Measure]:
    """
    Yield every measure that a look gives.

    Args:
        health: the look.
        earlier: the flow at the look before; without it there are no shares.
    """
    yield from _of_process(health.flow)
    if earlier is not None:
        yield from _shares(health.flow, earlier)
    waiting = sum(each.letters for each in health.letters)
    yield Measure(condition=Condition.DEAD_LETTERS, value=waiting)
    yield Measure(condition=Condition.UNATTRIBUTED_EVENTS, value=health.unattributed)
    if health.differences is not None:
        yield Measure(condition=Condition.RECONCILE_DIFFERENCES, value=health.differences)
    now = micros(health.checked_at)
    for sender in health.senders:
        age = max(0, now - micros(sender.newest_used_at)) // 1_000_000
        yield Measure(condition=Condition.NEWEST_AGE_SECONDS, about=sender.source, value=age)
    for silent in health.silent:
        yield Measure(
            condition=Condition.GAP_SECONDS,
            about=f"{silent.meter} {silent.subject}",
            value=int(silent.gap_seconds.partition(".")[0]),
        )
    for hole in health.holes:
        yield Measure(
            condition=Condition.OPEN_OFFSETS,
            about=f"{hole.source} {hole.partition}",
            value=hole.open + hole.lost,
        )


def cut_short(health: PipelineHealth) -> frozenset[Condition]:
    """Return the conditions of which a look may not have named everything that is wrong."""
    return frozenset({Condition.GAP_SECONDS} if len(health.silent) >= SILENT_MAX else ())


def _of_process(flow: Flow) -> Iterator[Measure]:
    lag = max(0, flow.durable - flow.covered)
    yield Measure(condition=Condition.LAG_EVENTS, value=lag)
    yield Measure(condition=Condition.LAG_SECONDS, value=flow.lag_seconds)
    yield Measure(condition=Condition.QUEUED_EVENTS, value=flow.queued)


def _shares(flow: Flow, earlier: Flow) -> Iterator[Measure]:
    rejected = flow.rejected - earlier.rejected
    conflict = flow.conflict - earlier.conflict
    taken = flow.accepted - earlier.accepted + flow.duplicate - earlier.duplicate
    total = rejected + conflict + taken
    if total >= RATED_EVENTS_MIN:
        yield Measure(condition=Condition.REJECTED_PERCENT, value=100 * rejected // total)
        yield Measure(condition=Condition.CONFLICT_PERCENT, value=100 * conflict // total)
