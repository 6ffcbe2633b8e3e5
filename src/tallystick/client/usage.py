"""
Questions for usage, typed: what `POST /v1/usage/query` takes and answers.

Quantities come as `Decimal`, exactly as the server wrote them. `UsageAsked` is sent as it stands;
what is left at its default is left to the server.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

QUERY_PATH = "/v1/usage/query"
PAGE_ROWS = 10_000
ARROW = "application/vnd.apache.arrow.stream"
CSV = "text/csv"

Window = Literal["total", "hour", "day", "week", "month", "quarter", "year"]


class Compare(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The earlier period to set beside; `start` and `end` belong to `explicit`."""

    to: Literal["previous", "year_before", "explicit"]
    start: datetime | None = None
    end: datetime | None = None


class Top(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The greatest groups of the whole time, and the rest of each window as one more."""

    count: int
    others: bool = True


class UsageAsked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What is asked for; the time is half-open, its ends with a zone.

    Example:
        >>> from datetime import UTC
        >>> asked = UsageAsked(
        ...     meters=("calls",),
        ...     start=datetime(2026, 1, 1, tzinfo=UTC),
        ...     end=datetime(2026, 2, 1, tzinfo=UTC),
        ...     window="day",
        ... )
        >>> asked.group_by
        ()
    """

    meters: tuple[str, ...]
    start: datetime
    end: datetime
    window: Window = "total"
    zone: str = ""
    account: str | None = None
    group_by: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = {}
    compare: Compare | None = None
    top: Top | None = None
    running_total: bool = False
    fill: bool = False
    position: int = 0
    as_of: int | None = None
    limit: int = PAGE_ROWS
    cursor: str = ""


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """The same window and group earlier; `change_percent` is None where there was nothing."""

    window_start: datetime
    window_end: datetime
    quantity: Decimal
    change: Decimal
    change_percent: Decimal | None


class UsageFound(msgspec.Struct, frozen=True, kw_only=True):
    """The quantity of one meter, window and group, in `unit`."""

    meter: str
    unit: str
    window_start: datetime
    window_end: datetime
    group: dict[str, str]
    others: bool
    quantity: Decimal
    events: int
    unmeterable: int
    gap_seconds: Decimal
    gaps: int
    running_total: Decimal | None
    earlier: Earlier | None


class UsagePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page; `next_cursor` is empty on the last."""

    zone: str
    position: int
    present: datetime
    items: tuple[UsageFound, ...]
    next_cursor: str
