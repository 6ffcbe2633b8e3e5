"""Questions for the usage of several meters, over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from tallystick.app.metering import (
    PAGE_ROWS_MAX,
    Earlier,
    EarlierLine,
    InquiryAnswer,
    InquiryLine,
    WindowSize,
)

TOP_MAX = 100
LIMIT_DEFAULT = 1000

Whole = Annotated[int, msgspec.Meta(ge=0)]


class CompareOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The earlier period to set beside; `start` and `end` belong to `explicit`."""

    to: Earlier
    start: datetime | None = None
    end: datetime | None = None


class TopOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The greatest groups of the whole time, and the rest of each window as one more."""

    count: Annotated[int, msgspec.Meta(ge=1, le=TOP_MAX)]
    others: bool = True


class UsageOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A question for usage.

    `filters` holds the accepted texts of dimensions, or of `subject`; `position` is waited for,
    `as_of` is looked up to and no further.
    """

    meters: tuple[str, ...]
    start: datetime
    end: datetime
    window: WindowSize = WindowSize.TOTAL
    zone: str = ""
    account: str | None = None
    group_by: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = {}
    compare: CompareOrder | None = None
    top: TopOrder | None = None
    running_total: bool = False
    fill: bool = False
    position: Whole = 0
    as_of: Whole | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_ROWS_MAX)] = LIMIT_DEFAULT
    cursor: Annotated[str, msgspec.Meta(max_length=1024)] = ""


class EarlierItem(msgspec.Struct, frozen=True, kw_only=True):
    """The same window and group earlier; `change_percent` is null where there was nothing."""

    window_start: datetime
    window_end: datetime
    quantity: str
    change: str
    change_percent: str | None


class UsageQueryItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    The quantity of one meter, window and group, exact, in `unit`.

    `others` marks the rest behind the top groups; `unmeterable` events are not counted.
    """

    meter: str
    unit: str
    window_start: datetime
    window_end: datetime
    group: dict[str, str]
    others: bool
    quantity: str
    events: int
    unmeterable: int
    gap_seconds: str
    gaps: int
    running_total: str | None
    earlier: EarlierItem | None


class ComparedPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """The earlier period, half-open."""

    start: datetime
    end: datetime


class UsageQueryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    A page of rows, all of events up to `position` and of levels up to `present`.

    `next_cursor` is empty on the last page.
    """

    zone: str
    position: int
    present: datetime
    compared: ComparedPeriod | None
    items: tuple[UsageQueryItem, ...]
    next_cursor: str


def wire_from_inquiry(answer: InquiryAnswer, *, next_cursor: str) -> UsageQueryAnswer:
    """Return an answer as it goes over the wire."""
    compared = answer.compared
    return UsageQueryAnswer(
        zone=answer.zone,
        position=answer.position,
        present=answer.present,
        compared=None
        if compared is None
        else ComparedPeriod(start=compared.start, end=compared.end),
        items=tuple(_item(line) for line in answer.lines),
        next_cursor=next_cursor,
    )


def _item(line: InquiryLine) -> UsageQueryItem:
    return UsageQueryItem(
        meter=line.meter,
        unit=line.unit,
        window_start=line.start,
        window_end=line.end,
        group=dict(line.group),
        others=line.others,
        quantity=line.quantity,
        events=line.events,
        unmeterable=line.unmeterable,
        gap_seconds=line.gap_seconds,
        gaps=line.gaps,
        running_total=line.running_total,
        earlier=None if line.earlier is None else _earlier(line.earlier),
    )


def _earlier(line: EarlierLine) -> EarlierItem:
    return EarlierItem(
        window_start=line.start,
        window_end=line.end,
        quantity=line.quantity,
        change=line.change,
        change_percent=line.change_percent,
    )
