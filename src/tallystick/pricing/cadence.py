"""
When a price falls due: in advance at its period's start, in arrears at its end.

A period may be billed in several segments (a threshold, a change in the middle). A fee in advance
belongs to the segment that contains the period's start, one in arrears to the segment that reaches
its end; a segment in the middle bears neither.
"""

from dataclasses import replace
from datetime import datetime

from tallystick.kernel import Period
from tallystick.pricing.price import Price


def due_at(price: Price, period: Period) -> datetime:
    """
    Return the instant at which a price falls due for a period: its start or its end.

    Example:
        >>> from decimal import Decimal
        >>> from tallystick.kernel import PriceKey, instant
        >>> from tallystick.pricing.models import FlatPrice
        >>> january = Period(start=instant("2026-01-01T00:00:00Z"),
        ...                  end=instant("2026-02-01T00:00:00Z"))
        >>> fee = Price(key=PriceKey("base"), model=FlatPrice(amount=Decimal(10)), currency="USD")
        >>> due_at(fee, january).date().isoformat()
        '2026-02-01'
    """
    return period.start if price.cadence == "advance" else period.end


def is_due_in(price: Price, period: Period, *, segment: Period) -> bool:
    """
    Say whether a price falls due in a segment of its period; of adjoining segments, in exactly one.

    Args:
        price: whose cadence decides.
        period: the whole period of the price.
        segment: the part of it that is billed now.
    """
    due = due_at(price, period)
    if price.cadence == "advance":
        return segment.contains(due)
    return segment.start < due <= segment.end


def price_within(price: Price) -> Price:
    """
    Return what of a price applies to a segment before its period's end: all but the minimum.

    Example:
        >>> from decimal import Decimal
        >>> from tallystick.kernel import PriceKey
        >>> from tallystick.pricing.models import UnitPrice
        >>> price = Price(key=PriceKey("calls"), model=UnitPrice(unit_price=Decimal(1)),
        ...               currency="EUR", minimum=Decimal(100))
        >>> print(price_within(price).minimum)
        None
    """
    return replace(price, minimum=None)
