"""Usage over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.app.metering import UsageRead, UsageRow
from tallystick.kernel import plain


class UsageItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    The quantity of one window and group.

    `unmeterable` events hold no readable value and are not counted; for `gap_seconds` a level was
    not known and counts as the meter's gap policy says.
    """

    window_start: datetime
    window_end: datetime
    group: dict[str, str]
    quantity: str
    events: int
    unmeterable: int
    gap_seconds: str


class UsageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Usage up to a log position; `quantity` is an exact decimal in `unit`."""

    meter: str
    unit: str
    position: int
    items: tuple[UsageItem, ...]


def wire_from_usage(read: UsageRead, *, group_by: tuple[str, ...]) -> UsageAnswer:
    """Return an answer as it goes over the wire."""
    return UsageAnswer(
        meter=read.meter.key,
        unit=read.meter.quantity_unit,
        position=read.position,
        items=tuple(_item(row, group_by) for row in read.rows),
    )


def _item(row: UsageRow, group_by: tuple[str, ...]) -> UsageItem:
    return UsageItem(
        window_start=row.window.start,
        window_end=row.window.end,
        group=dict(zip(group_by, row.group, strict=True)),
        quantity=plain(row.fold.quantity),
        events=row.fold.events,
        unmeterable=row.fold.unmeterable,
        gap_seconds=plain(row.fold.gap_seconds),
    )
