"""A collector reports what it has read, after the log holds it and before it is acknowledged."""

from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.dead_letters import LetterPlace, RejectedEvent
from tallystick.app.keys import Scope
from tallystick.app.sources.declare_source import unknown_source
from tallystick.app.sources.offsets import PartitionState, Span, covered, lost
from tallystick.app.sources.ports import Item, SourceStatus
from tallystick.app.sources.sequences import believed
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId

UNREADABLE = "unreadable_message"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableMessage:
    """A message that is no event: its offset, why, and its bytes."""

    offset: int
    message: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedMessage:
    """A message with an event that the gate refused: its offset, and the event's names."""

    offset: int
    source: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionReport:
    """
    What was read of one partition.

    Attributes:
        begin: the first offset that is wanted at all; counts only if nothing was reported before.
        read: each message of these spans is in the log, in the dead letters, or does not exist.
        lost: spans that the other side no longer holds.
        messages: how many messages were read.
        newest_at: the latest time of an event among them.
        unreadable: those that were no events.
        refused: those whose events stand in the dead letters, which are told their places.
        problem: what is wrong just now, empty if nothing is.
    """

    partition: str
    begin: int | None = None
    read: tuple[Span, ...] = ()
    lost: tuple[Span, ...] = ()
    messages: int = 0
    newest_at: datetime | None = None
    unreadable: tuple[UnreadableMessage, ...] = ()
    refused: tuple[RefusedMessage, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportProgress:
    """What a collector has read of a source."""

    source: str
    partitions: tuple[PartitionReport, ...] = ()
    items: tuple[Item, ...] = ()


def report_progress(
    command: ReportProgress, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[SourceStatus]:
    """
    Keep what a collector has read, and return how far the source has been read now.

    A repeat changes nothing, so it needs no idempotency key: offsets that were reported are not
    reported again, and their dead letters are not written again. Like ingest it is a fact with an
    identity of its own, and leaves no audit row.

    Problems:
        forbidden: the caller does not hold the scope ``ingest``.
        unknown_source: there is no such source.
    """
    unpermitted = missing_scope(caller, Scope.INGEST)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    with uow:
        source = uow.sources.find(command.source, lock=True)
        if source is None:
            return unknown_source(command.source)
        known = {each.partition: each for each in uow.sources.partitions(source.key)}
        changed: dict[str, PartitionState] = {}
        for report in command.partitions:
            before = changed.get(report.partition) or known.get(report.partition)
            letters = _letters(report, before, source=source.key, at=now, workspace=uow.workspace)
            if letters:
                uow.dead_letters.append(letters)
            if report.refused:
                uow.dead_letters.put_places(_places(report))
            changed[report.partition] = _after(before, report, now)
        uow.sources.save_partitions(source.key, changed.values())
        uow.sources.save_items(source.key, command.items)
        counts = uow.sources.item_counts(source.key)
        uow.commit()
    now_known = map(believed, {**known, **changed}.values())
    states = tuple(sorted(now_known, key=lambda each: each.partition))
    return Done(SourceStatus(source=source, partitions=states, items=counts))


def _after(before: PartitionState | None, report: PartitionReport, now: datetime) -> PartitionState:
    begin = report.begin or 0
    state = before or PartitionState(partition=report.partition, next_offset=begin)
    is_first = before is None and report.begin is None
    for span in report.lost:
        state = lost(replace(state, next_offset=span.first) if is_first else state, span)
        is_first = False
    for span in report.read:
        state = covered(state, span, is_first=is_first)
        is_first = False
    times = [at for at in (state.newest_at, report.newest_at) if at is not None]
    return replace(
        state,
        messages=state.messages + report.messages,
        newest_at=max(times, default=None),
        problem=report.problem,
        reported_at=now,
    )


def _places(report: PartitionReport) -> list[LetterPlace]:
    return [
        LetterPlace(
            source=each.source,
            event_id=each.event_id,
            place=f"{report.partition}:{each.offset}",
        )
        for each in report.refused
    ]


def _letters(
    report: PartitionReport,
    before: PartitionState | None,
    *,
    source: str,
    at: datetime,
    workspace: WorkspaceId,
) -> list[RejectedEvent]:
    """Return the dead letters of messages that were not reported before."""
    return [
        RejectedEvent(
            workspace=workspace,
            received_at=at,
            source=f"source/{source}",
            event_id=f"{report.partition}:{each.offset}",
            code=UNREADABLE,
            message=each.message,
            path="",
            body=each.body,
            place=f"{report.partition}:{each.offset}",
        )
        for each in report.unreadable
        if before is None or not before.is_read(each.offset)
    ]
