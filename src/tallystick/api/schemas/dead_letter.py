"""Rejected events over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.app.dead_letters import DeadLetter


class DeadLetterAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was not taken, why, and its text as sent (bytes that are no text replaced)."""

    id: int
    received_at: datetime
    source: str
    event_id: str
    code: str
    message: str
    path: str
    body: str
    replayed_at: datetime | None


def wire_from_dead_letter(letter: DeadLetter) -> DeadLetterAnswer:
    """Return a rejected event as it goes over the wire."""
    event = letter.event
    return DeadLetterAnswer(
        id=letter.id,
        received_at=event.received_at,
        source=event.source,
        event_id=event.event_id,
        code=event.code,
        message=event.message,
        path=event.path,
        body=event.body.decode(errors="replace"),
        replayed_at=letter.replayed_at,
    )
