"""
The use cases behind GET /v1/events/unattributed and /unmeterable.

Both answer what was accepted and counts nothing yet, with its volume, so that nothing is lost in
silence. Once the cause is mended (a resource declared, a meter added, an event amended) the events
count by themselves, and are listed here no more.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.metering import UsageReader, position_asked
from tallystick.app.uncounted.ports import EventGroup, Owned, UncountedQuery, UncountedReader
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, MeterKey, Outcome, Refused, refuse
from tallystick.metering import Meter, definitions_of, event_types

GROUPS_MAX = 500
METERED_DAYS = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListUncounted:
    """
    What to look at.

    Attributes:
        start: used at or after; None: from the beginning (unmeterable: 31 days ago).
        end: used before; None: without end.
        type, subject, meter: only these.
        position: log position that the answer must cover; 0 for none.
        limit: groups at most, for each meter where meters are asked.
    """

    start: datetime | None = None
    end: datetime | None = None
    type: str | None = None
    subject: str | None = None
    meter: MeterKey | None = None
    position: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class UncountedGroup:
    """A group, with the meters that count its type, or the one that cannot read it."""

    group: EventGroup
    meters: tuple[MeterKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UncountedAnswer:
    """Groups, the largest first; ``more``: there are others. All as of one log position."""

    groups: tuple[UncountedGroup, ...]
    position: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UncountedSources:
    """Whom to ask beside the unit of work."""

    reader: UncountedReader
    usage: UsageReader
    clock: Clock


def list_unattributed(
    question: ListUncounted, *, caller: Caller, uow: UnitOfWork, sources: UncountedSources
) -> Outcome[UncountedAnswer]:
    """
    Return events that belong to nobody, or whose type no meter counts.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        wrong_value: an empty stretch of time, or too many groups.
        not_covered: the position is not readable yet.
    """
    query = _query(question, caller, sources)
    if isinstance(query, Refused):
        return query
    with uow:
        meters = uow.catalog.load_meters()
        resources = uow.accounts.load_resources()
        accounts = uow.accounts.load_accounts()
    counting: dict[str, list[MeterKey]] = {}
    for meter in meters.values():
        for event_type in event_types(meter):
            counting.setdefault(event_type, []).append(meter.key)
    owned = Owned(
        subjects=sorted({*map(str, resources), *map(str, accounts)}),
        bounded=[one for one in resources.values() if one.started_at or one.ended_at],
        metered_types=sorted(counting),
    )
    found = sources.reader.unattributed(query.value, owned)
    groups = [
        UncountedGroup(group=each, meters=tuple(sorted(counting.get(each.type, ()))))
        for each in found
    ]
    return Done(_answer(groups, question.limit, query.value.as_of))


def list_unmeterable(
    question: ListUncounted, *, caller: Caller, uow: UnitOfWork, sources: UncountedSources
) -> Outcome[UncountedAnswer]:
    """
    Return events that a meter lets in and cannot read a value from, meter by meter.

    Problems:
        As `list_unattributed`; not_found: there is no such meter.
    """
    start = question.start or sources.clock.now() - METERED_DAYS
    query = _query(replace(question, start=start), caller, sources)
    if isinstance(query, Refused):
        return query
    with uow:
        meters = uow.catalog.load_meters()
    if question.meter is not None and question.meter not in meters:
        return refuse("not_found", f"no meter {question.meter!r}", "meter")
    groups = [
        UncountedGroup(group=group, meters=(meter.key,))
        for meter in meters.values()
        if meter.formula is None and question.meter in (None, meter.key)
        for definition in definitions_of(meter)
        if _is_asked(definition, question)
        for group in sources.reader.unmeterable(query.value, definition)
    ]
    groups.sort(key=lambda each: (-each.group.events, each.meters, each.group.subject))
    return Done(_answer(groups, question.limit, query.value.as_of))


def _is_asked(meter: Meter, question: ListUncounted) -> bool:
    """Tell whether a meter may meet what it cannot read: it has a value or a condition."""
    reads = meter.value is not None or meter.conditions
    return bool(reads) and question.type in (None, meter.event_type)


def _query(
    question: ListUncounted, caller: Caller, sources: UncountedSources
) -> Outcome[UncountedQuery]:
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if question.start is not None and question.end is not None and question.end <= question.start:
        return refuse("wrong_value", "end must lie after start", "end")
    if not 1 <= question.limit <= GROUPS_MAX:
        return refuse("wrong_value", f"1 to {GROUPS_MAX} groups at a time", "limit")
    position = position_asked(question.position, None, sources.usage)
    if isinstance(position, Refused):
        return position
    return Done(
        UncountedQuery(
            workspace=caller.workspace,
            as_of=position.value,
            start=question.start,
            end=question.end,
            type=question.type,
            subject=question.subject,
            limit=question.limit + 1,
        )
    )


def _answer(groups: list[UncountedGroup], limit: int, position: int) -> UncountedAnswer:
    more = len(groups) > limit
    return UncountedAnswer(groups=tuple(groups[:limit]), position=position, more=more)
