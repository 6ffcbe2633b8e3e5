"""
The use case behind GET /v1/pipeline: how far events have come, and what holds them up.

It gathers what each part knows; it decides nothing and changes nothing. Numbers of the process are
of all workspaces, everything else of the caller's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.dead_letters import WaitingLetters
from tallystick.app.keys import Scope
from tallystick.app.metering import UsageReader
from tallystick.app.pipeline.alerts import Alert
from tallystick.app.pipeline.ports import Flow, Sender, SenderReader
from tallystick.app.pipeline.silence import (
    SILENT_MAX,
    WATCHED,
    Silence,
    SilenceQuery,
    SilentResource,
)
from tallystick.app.sources import Source, believed
from tallystick.app.uncounted import (
    GROUPS_MAX,
    ListUncounted,
    UncountedSources,
    list_unattributed,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused

SENDERS_MAX = 50
SOURCES_MAX = 200
RUNS_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHole:
    """Offsets of a declared source that were passed over and are still to be read, or lost."""

    source: str
    partition: str
    open: int
    lost: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineHealth:
    """
    How events are doing.

    Attributes:
        flow: of the process.
        letters: dead letters that wait, by reason, most first.
        unattributed: events that belong to nobody or to no meter; at least so many.
        senders: of the last day, most events first.
        silent: resources with gaps in the last day, longest first.
        holes: of declared sources.
        alerts: that stand.
        differences: from the log that the last whole comparison left; None if there was none.
        checked_at: when this was looked at.
    """

    flow: Flow
    letters: tuple[WaitingLetters, ...]
    unattributed: int
    senders: tuple[Sender, ...]
    silent: tuple[SilentResource, ...]
    holes: tuple[OpenHole, ...]
    alerts: tuple[Alert, ...]
    differences: int | None
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSources:
    """Whom to ask beside the unit of work."""

    flow: Flow
    senders: SenderReader
    uncounted: UncountedSources
    usage: UsageReader
    silence: Silence
    clock: Clock


def pipeline_health(
    caller: Caller, *, uow: UnitOfWork, sources: PipelineSources
) -> Outcome[PipelineHealth]:
    """
    Return how events are doing.

    Problems:
        forbidden: the caller lacks the scope ``read``.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = sources.clock.now()
    since = now - WATCHED
    position = sources.usage.covered_position()
    with uow:
        letters = tuple(uow.dead_letters.waiting())
        meters = uow.catalog.load_meters()
        holes = tuple(_holes(uow))
        alerts = uow.alerts.standing()
        differences = _differences(uow)
    question = ListUncounted(start=since, limit=GROUPS_MAX)
    nobodys = list_unattributed(question, caller=caller, uow=uow, sources=sources.uncounted)
    if isinstance(nobodys, Refused):
        return nobodys
    levels = [
        SilenceQuery(workspace=caller.workspace, meter=meter, now=now, through=position)
        for meter in meters.values()
        if meter.hold_seconds_max is not None
    ]
    return Done(
        PipelineHealth(
            flow=sources.flow,
            letters=letters,
            unattributed=sum(each.group.events for each in nobodys.value.groups),
            senders=tuple(
                sources.senders.senders(
                    caller.workspace, as_of=position, since=since, limit=SENDERS_MAX
                )
            ),
            silent=_silent(levels, sources.silence),
            holes=holes,
            alerts=alerts,
            differences=differences,
            checked_at=now,
        )
    )


def _differences(uow: UnitOfWork) -> int | None:
    """Return what the last run over all days left."""
    runs = uow.reconciliations.page(before=None, limit=RUNS_MAX)
    return next((run.left for run in runs if run.since is None and run.until is None), None)


def _holes(uow: UnitOfWork) -> Iterable[OpenHole]:
    for source in _declared(uow):
        for part in map(believed, uow.sources.partitions(source.key)):
            if part.open or part.lost or part.problem:
                yield OpenHole(
                    source=source.key,
                    partition=part.partition,
                    open=sum(span.end - span.first for span in part.open),
                    lost=sum(span.end - span.first for span in part.lost),
                    problem=part.problem,
                )


def _declared(uow: UnitOfWork) -> Iterable[Source]:
    after = ""
    while page := uow.sources.page(after=after, limit=SOURCES_MAX):
        yield from page
        after = page[-1].key


def _silent(levels: Iterable[SilenceQuery], silence: Silence) -> tuple[SilentResource, ...]:
    found = [one for level in levels for one in silence.resources(level)]
    found.sort(key=lambda one: (-Decimal(one.gap_seconds), one.meter, one.subject))
    return tuple(found[:SILENT_MAX])
