"""Events that count nothing yet over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.app.uncounted import UncountedAnswer, UncountedGroup


class SampleEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Names of an event, to trace it by."""

    source: str
    id: str


class UnattributedItem(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one type and subject that count nothing; `meters` count the type."""

    reason: str
    type: str
    subject: str
    events: int
    first_used_at: datetime
    last_used_at: datetime
    last_received_at: datetime
    meters: tuple[str, ...]
    samples: tuple[SampleEvent, ...]


class UnmeterableItem(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one subject that a meter cannot read; `text` stands in one of them."""

    meter: str
    type: str
    subject: str
    text: str
    events: int
    first_used_at: datetime
    last_used_at: datetime
    last_received_at: datetime
    samples: tuple[SampleEvent, ...]


class UnattributedRead(msgspec.Struct, frozen=True, kw_only=True):
    """The largest groups as of a log position; `more`: there are others."""

    items: tuple[UnattributedItem, ...]
    position: int
    more: bool


class UnmeterableRead(msgspec.Struct, frozen=True, kw_only=True):
    """The largest groups as of a log position; `more`: there are others."""

    items: tuple[UnmeterableItem, ...]
    position: int
    more: bool


def wire_from_unattributed(answer: UncountedAnswer) -> UnattributedRead:
    """Return unattributed events as they go over the wire."""
    return UnattributedRead(
        items=tuple(_unattributed(each) for each in answer.groups),
        position=answer.position,
        more=answer.more,
    )


def wire_from_unmeterable(answer: UncountedAnswer) -> UnmeterableRead:
    """Return unmeterable events as they go over the wire."""
    return UnmeterableRead(
        items=tuple(_unmeterable(each) for each in answer.groups),
        position=answer.position,
        more=answer.more,
    )


def _unattributed(each: UncountedGroup) -> UnattributedItem:
    group = each.group
    return UnattributedItem(
        reason="" if group.reason is None else group.reason.value,
        type=group.type,
        subject=group.subject,
        events=group.events,
        first_used_at=group.first_used_at,
        last_used_at=group.last_used_at,
        last_received_at=group.last_received_at,
        meters=each.meters,
        samples=_samples(each),
    )


def _unmeterable(each: UncountedGroup) -> UnmeterableItem:
    group = each.group
    return UnmeterableItem(
        meter=each.meters[0],
        type=group.type,
        subject=group.subject,
        text=group.text,
        events=group.events,
        first_used_at=group.first_used_at,
        last_used_at=group.last_used_at,
        last_received_at=group.last_received_at,
        samples=_samples(each),
    )


def _samples(each: UncountedGroup) -> tuple[SampleEvent, ...]:
    return tuple(SampleEvent(source=source, id=id_) for source, id_ in each.group.samples)
