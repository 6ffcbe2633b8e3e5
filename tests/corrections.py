"""Rows of the log that correct, for tests below the use cases."""

from tallystick.metering import (
    BACKFILLS,
    CORRECTIONS,
    BackfillFact,
    Content,
    Correction,
    Event,
    data_of,
)
from tests.events import event


def void(target: Event, *, position: int, first: int = 0, backfill: int = 0) -> Event:
    """Return the row that voids an event; ``first``: where it first stood, if it was amended."""
    return _row(_correction(target, first, backfill, None), position)


def amend(
    target: Event, content: Event, *, position: int, first: int = 0, backfill: int = 0
) -> Event:
    """Return the row that gives an event other content."""
    replacement = Content(
        type=content.type,
        subject=content.subject,
        used_at=int(content.used_at.timestamp()) * 1_000_000 + content.used_at.microsecond,
        sequence=content.sequence,
        data=content.data,
    )
    return _row(_correction(target, first, backfill, replacement), position)


def fact(type_: str, name: str, *, position: int, number: int = 0) -> Event:
    """Return a row about a backfill."""
    said = BackfillFact(name=name, actor="test", number=number)
    return event(
        0, data_of(said), type=type_, source=BACKFILLS, id=f"{type_}/{name}", position=position
    )


def _correction(
    target: Event, first: int, backfill: int, replacement: Content | None
) -> Correction:
    return Correction(
        target=first or target.position,
        source=target.source,
        id=target.id,
        actor="test",
        reason="wrong",
        backfill=backfill,
        replacement=replacement,
    )


def _row(said: Correction, position: int) -> Event:
    return event(
        0,
        data_of(said),
        type=said.type,
        source=CORRECTIONS,
        id=f"c{position}",
        subject="" if said.replacement is None else said.replacement.subject,
        position=position,
    )
