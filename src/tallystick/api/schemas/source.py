"""Sources over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from tallystick.app.sources import (
    Item,
    ItemStatus,
    PartitionReport,
    PartitionState,
    RefusedMessage,
    ReportProgress,
    SenderSequence,
    SourceStatus,
    Span,
    UnreadableMessage,
)
from tallystick.integrations.sources import Definition, definition_from_document

ITEMS_MAX = 10_000
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class WireSpan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Offsets from `first` up to, not including, `end`."""

    first: Offset
    end: Offset


class PartitionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    How far a partition was read; `open` is still to be pulled again, `lost` cannot be.

    Of `explained` a person has said why nothing is missing.
    """

    partition: str
    next_offset: int
    open: tuple[WireSpan, ...]
    lost: tuple[WireSpan, ...]
    explained: tuple[WireSpan, ...]
    holes_found: int
    messages: int
    newest_at: datetime | None
    problem: str
    reported_at: datetime | None


class SourceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A source as declared, and what is known of its reading; ages in whole seconds."""

    key: str
    kind: str
    paused: bool
    changed_at: datetime
    newest_at: datetime | None
    newest_age_seconds: int | None
    items_done: int
    items_failed: int
    partitions: tuple[PartitionAnswer, ...]
    definition: Definition


class SequenceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Which numbers of a sender are missing, and the source that watches them."""

    source: str
    sender: str
    next_number: int
    open: tuple[WireSpan, ...]
    lost: tuple[WireSpan, ...]


class HoleOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Offsets or numbers from `first` up to, not including, `end` that never come, and why."""

    partition: Name
    first: Offset
    end: Offset
    reason: str


class WireUnreadable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message that is no event; `body` in base64."""

    offset: Offset
    message: Annotated[str, msgspec.Meta(max_length=4096)]
    body: bytes


class WireRefused(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message whose event was refused: its offset, and `source` and `id` of the event."""

    offset: Offset
    source: Annotated[str, msgspec.Meta(max_length=4096)]
    id: Annotated[str, msgspec.Meta(max_length=4096)]


class PartitionOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was read of one partition since the last report."""

    partition: Name
    begin: Offset | None = None
    read: tuple[WireSpan, ...] = ()
    lost: tuple[WireSpan, ...] = ()
    messages: Count = 0
    newest_at: Instant | None = None
    unreadable: tuple[WireUnreadable, ...] = ()
    refused: tuple[WireRefused, ...] = ()
    problem: Annotated[str, msgspec.Meta(max_length=4096)] = ""


class ItemShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file or object that was finished."""

    name: Name
    version: Name
    status: ItemStatus
    events: Count
    not_counted: Count
    problem: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    finished_at: Instant


class ProgressOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a collector has read, after the server has acknowledged the events."""

    partitions: Annotated[tuple[PartitionOrder, ...], msgspec.Meta(max_length=ITEMS_MAX)] = ()
    items: Annotated[tuple[ItemShape, ...], msgspec.Meta(max_length=ITEMS_MAX)] = ()


def wire_from_source(status: SourceStatus, *, now: datetime) -> SourceAnswer:
    """Return a source as it goes over the wire."""
    source, newest = status.source, status.newest_at
    return SourceAnswer(
        key=source.key,
        kind=source.kind,
        paused=source.paused,
        changed_at=source.changed_at,
        newest_at=newest,
        newest_age_seconds=None if newest is None else int((now - newest).total_seconds()),
        items_done=status.items.get(ItemStatus.DONE, 0),
        items_failed=status.items.get(ItemStatus.FAILED, 0),
        partitions=tuple(map(wire_from_partition, status.partitions)),
        definition=definition_from_document(source.document),
    )


def wire_from_sequence(found: SenderSequence) -> SequenceAnswer:
    """Return how the numbers of a sender stand, as it goes over the wire."""
    state = found.state
    return SequenceAnswer(
        source=found.source,
        sender=state.partition,
        next_number=state.next_offset,
        open=_wire_from_spans(state.open),
        lost=_wire_from_spans(state.lost),
    )


def wire_from_item(item: Item) -> ItemShape:
    """Return an item as it goes over the wire."""
    return ItemShape(
        name=item.name,
        version=item.version,
        status=item.status,
        events=item.events,
        not_counted=item.not_counted,
        problem=item.problem,
        finished_at=item.finished_at,
    )


def progress_from_wire(source: str, order: ProgressOrder) -> ReportProgress:
    """Return the command that a report is."""
    return ReportProgress(
        source=source,
        partitions=tuple(map(_partition_from_wire, order.partitions)),
        items=tuple(
            Item(
                name=each.name,
                version=each.version,
                status=each.status,
                events=each.events,
                not_counted=each.not_counted,
                problem=each.problem,
                finished_at=each.finished_at,
            )
            for each in order.items
        ),
    )


def wire_from_partition(state: PartitionState) -> PartitionAnswer:
    """Return how far a partition was read, as it goes over the wire."""
    return PartitionAnswer(
        partition=state.partition,
        next_offset=state.next_offset,
        open=_wire_from_spans(state.open),
        lost=_wire_from_spans(state.lost),
        explained=_wire_from_spans(state.explained),
        holes_found=state.holes_found,
        messages=state.messages,
        newest_at=state.newest_at,
        problem=state.problem,
        reported_at=state.reported_at,
    )


def _partition_from_wire(order: PartitionOrder) -> PartitionReport:
    return PartitionReport(
        partition=order.partition,
        begin=order.begin,
        read=_spans_from_wire(order.read),
        lost=_spans_from_wire(order.lost),
        messages=order.messages,
        newest_at=order.newest_at,
        unreadable=tuple(
            UnreadableMessage(offset=each.offset, message=each.message, body=each.body)
            for each in order.unreadable
        ),
        refused=tuple(
            RefusedMessage(offset=each.offset, source=each.source, event_id=each.id)
            for each in order.refused
        ),
        problem=order.problem,
    )


def _wire_from_spans(spans: tuple[Span, ...]) -> tuple[WireSpan, ...]:
    return tuple(WireSpan(first=span.first, end=span.end) for span in spans)


def _spans_from_wire(spans: tuple[WireSpan, ...]) -> tuple[Span, ...]:
    """Return spans; those without an offset in them say nothing and are left out."""
    return tuple(Span(first=each.first, end=each.end) for each in spans if each.first < each.end)
