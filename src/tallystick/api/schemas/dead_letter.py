"""Rejected events over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.api.instants import utc_if_given
from tallystick.api.problems import FieldProblem, HttpProblem
from tallystick.app.dead_letters import DeadLetter, LetterFilter
from tallystick.app.mending import LETTERS_MAX, Fix, Selection


class DeadLetterAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    An event that was not taken, why, and its text as sent (bytes that are no text replaced).

    `place` is that of the message it came with, such as topic, partition and offset.
    """

    id: int
    received_at: datetime
    source: str
    event_id: str
    type: str
    code: str
    message: str
    path: str
    body: str
    place: str
    status: str
    replayed_at: datetime | None
    replayed_position: int | None
    discarded_at: datetime | None
    discard_reason: str


def wire_from_dead_letter(letter: DeadLetter) -> DeadLetterAnswer:
    """Return a rejected event as it goes over the wire."""
    event = letter.event
    return DeadLetterAnswer(
        id=letter.id,
        received_at=event.received_at,
        source=event.source,
        event_id=event.event_id,
        type=event.type,
        code=event.code,
        message=event.message,
        path=event.path,
        body=event.body.decode(errors="replace"),
        place=event.place,
        status=letter.state,
        replayed_at=letter.replayed_at,
        replayed_position=letter.replayed_position,
        discarded_at=letter.discarded_at,
        discard_reason=letter.discard_reason,
    )


class LetterFilterOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What letters have in common; `text` stands in the message or in the body."""

    code: str = ""
    source: str = ""
    type: str = ""
    event: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


class ReplayOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Letters that wait, by `ids` or by a filter, and the fixes to rewrite them by, in order."""

    ids: tuple[int, ...] = ()
    filter: LetterFilterOrder | None = None
    limit: int = LETTERS_MAX
    fixes: tuple[Fix, ...] = ()


class DiscardOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Letters that wait, by `ids` or by a filter, and why they are given up."""

    reason: str
    ids: tuple[int, ...] = ()
    filter: LetterFilterOrder | None = None
    limit: int = LETTERS_MAX


def selection_from_wire(order: ReplayOrder | DiscardOrder) -> Selection:
    """Return the letters that an order means; 422 where it names none, or names them twice."""
    if bool(order.ids) == (order.filter is not None):
        message = "Name letters by ids, or by a filter, which may be empty for all that wait."
        problem = FieldProblem(code="invalid", message=message, path="$")
        raise HttpProblem(422, "invalid", message, errors=[problem])
    wanted = order.filter or LetterFilterOrder()
    return Selection(
        ids=order.ids,
        limit=order.limit,
        wanted=LetterFilter(
            code=wanted.code,
            source=wanted.source,
            type=wanted.type,
            event_id=wanted.event,
            since=utc_if_given("$.filter.since", wanted.since),
            until=utc_if_given("$.filter.until", wanted.until),
            text=wanted.text,
        ),
    )
