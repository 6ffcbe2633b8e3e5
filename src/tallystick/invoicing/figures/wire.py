"""Usage by day as text, for when the events behind it are removed; every digit is kept."""

from datetime import date
from decimal import Decimal

import msgspec

from tallystick.invoicing.figures.by_day import UsageByDay
from tallystick.kernel import canonical_struct, plain


class DaysDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What a line's quantity was on each day; decimals as texts."""

    line: str
    unit: str
    is_level: bool
    days: list[tuple[str, str]]


def days_content(usage: UsageByDay) -> bytes:
    """Return the canonical text of usage by day."""
    return canonical_struct(
        DaysDocument(
            line=usage.line,
            unit=usage.unit,
            is_level=usage.is_level,
            days=[(day.isoformat(), plain(value)) for day, value in usage.days],
        )
    )


def days_from_content(content: bytes) -> UsageByDay:
    """Return what `days_content` wrote."""
    read = msgspec.json.decode(content, type=DaysDocument)
    return UsageByDay(
        line=read.line,
        unit=read.unit,
        is_level=read.is_level,
        days=tuple((date.fromisoformat(day), Decimal(value)) for day, value in read.days),
    )
