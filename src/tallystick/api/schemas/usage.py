"""Usage over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.app.metering import UsageAnswer, UsageLine


class UsageItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    The quantity of one window and group.

    `unmeterable` events hold no readable value and are not counted; for `gap_seconds`, in `gaps`
    stretches, a level was not known and counts as the meter's gap policy says.
    """

    window_start: datetime
    window_end: datetime
    group: dict[str, str]
    quantity: str
    events: int
    unmeterable: int
    gap_seconds: str
    gaps: int


class UsageRead(msgspec.Struct, frozen=True, kw_only=True):
    """Usage up to a log position; `quantity` is an exact decimal in `unit`."""

    meter: str
    unit: str
    zone: str
    position: int
    items: tuple[UsageItem, ...]


def wire_from_usage(answer: UsageAnswer) -> UsageRead:
    """Return an answer as it goes over the wire."""
    return UsageRead(
        meter=answer.meter,
        unit=answer.unit,
        zone=answer.zone,
        position=answer.position,
        items=tuple(_item(line) for line in answer.lines),
    )


def _item(line: UsageLine) -> UsageItem:
    return UsageItem(
        window_start=line.start,
        window_end=line.end,
        group=line.group,
        quantity=line.quantity,
        events=line.events,
        unmeterable=line.unmeterable,
        gap_seconds=line.gap_seconds,
        gaps=line.gaps,
    )
