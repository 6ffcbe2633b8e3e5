"""Corrections over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from tallystick.app.corrections import (
    AmendEvents,
    Backfill,
    BackfillPreview,
    EventName,
    QuantityChange,
    RecordedCorrection,
    RecordedReach,
    Replacement,
    VoidEvents,
)
from tallystick.app.invoicing import MoneyChange

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
_CorrectionId = Annotated[str, msgspec.Meta(max_length=256)]


class EventNamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An event by its identity; under one `correction_id` a correction is taken once."""

    source: _Text
    id: _Text
    correction_id: _CorrectionId = ""


class VoidOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Events that never happened, and how that is known."""

    events: tuple[EventNamed, ...]
    reason: str


class Amendment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A CloudEvent as it should have been sent; without `time` it keeps the time it had."""

    event: dict[str, Any]
    correction_id: _CorrectionId = ""


class AmendOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Events as they should have been sent, and how that is known."""

    events: tuple[Amendment, ...]
    reason: str


class BackfillOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A set to be opened, and what it is for."""

    name: _Text
    reason: str


class BackfillStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a set is closed or reverted."""

    reason: str


class BackfillAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the next step of a set would change; see `QuantityChange` and `MoneyChange`."""

    backfill: Backfill
    changes: tuple[QuantityChange, ...]
    money: tuple[MoneyChange, ...]
    complete: bool


def wire_from_preview(preview: BackfillPreview, money: tuple[MoneyChange, ...]) -> BackfillAnswer:
    """Return a preview of quantities with that of money."""
    return BackfillAnswer(
        backfill=preview.backfill,
        changes=preview.changes,
        money=money,
        complete=preview.complete,
    )


class CorrectionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A correction as it stands in the log at `position`; `kind` is void or amend."""

    position: int
    kind: str
    source: str
    event_id: str
    event_position: int
    correction_id: str
    actor: str
    reason: str
    recorded_at: datetime


class ReachAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    A fact recorded about a time that was billed; `kind` is late, corrected or backfill.

    Quantities of `meter` for `subject` may have changed from `start` up to `end`, which is null
    where there is none; `account` had the subject then, null if nobody did.
    """

    id: int
    kind: str
    position: int
    meter: str
    subject: str
    account: str | None
    start: datetime
    end: datetime | None
    recorded_at: datetime


def wire_from_reach(numbered: tuple[int, RecordedReach]) -> ReachAnswer:
    """Return a fact as it goes over the wire."""
    number, recorded = numbered
    reach = recorded.reach
    return ReachAnswer(
        id=number,
        kind=reach.kind.value,
        position=reach.position,
        meter=reach.meter,
        subject=reach.subject,
        account=recorded.account,
        start=reach.start,
        end=reach.end,
        recorded_at=recorded.recorded_at,
    )


def void_from_wire(order: VoidOrder) -> VoidEvents:
    """Return the command."""
    return VoidEvents(
        events=tuple(
            EventName(source=one.source, id=one.id, correction_id=one.correction_id)
            for one in order.events
        ),
        reason=order.reason,
    )


def amend_from_wire(order: AmendOrder) -> AmendEvents:
    """Return the command; numbers keep the digits they were sent with."""
    encode = msgspec.json.Encoder(decimal_format="number").encode
    return AmendEvents(
        events=tuple(
            Replacement(event=encode(one.event).decode(), correction_id=one.correction_id)
            for one in order.events
        ),
        reason=order.reason,
    )


def wire_from_correction(correction: RecordedCorrection) -> CorrectionAnswer:
    """Return a correction as it goes over the wire."""
    return CorrectionAnswer(
        position=correction.position,
        kind="amend" if correction.amends else "void",
        source=correction.source,
        event_id=correction.event_id,
        event_position=correction.target,
        correction_id=correction.correction_id,
        actor=correction.actor,
        reason=correction.reason,
        recorded_at=correction.recorded_at,
    )
