"""
Rates of Open Exchange Rates in JSON, ``latest.json`` or ``historical/2026-01-30.json``.

The day is that of ``timestamp`` in UTC. Take the historical file of a day that is over: the rates
of ``latest.json`` still change, and what was stored of a day never does.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from tallystick.currency import PublishedRate
from tallystick.kernel import EXACT, FRACTION_DIGITS_MAX, Misuse

OPEN_RATES = "openexchangerates"
_PLACES = Decimal(1).scaleb(-FRACTION_DIGITS_MAX)


class _OpenRates(msgspec.Struct, frozen=True):
    timestamp: int
    base: str
    rates: dict[str, Decimal]


def open_exchange_rates(content: bytes) -> Iterator[PublishedRate]:
    """
    Yield the rates of a file.

    Raises:
        Misuse: it is not of this form, or a value in it cannot be.
    """
    try:
        found = msgspec.json.decode(content, type=_OpenRates)
        day = datetime.fromtimestamp(found.timestamp, tz=UTC).date()
    except (msgspec.MsgspecError, OverflowError, ValueError, OSError) as error:
        raise Misuse(f"this is no JSON of Open Exchange Rates: {error}") from error
    for quote, value in found.rates.items():
        if quote != found.base:
            rate = _with_places(value)
            yield PublishedRate(source=OPEN_RATES, base=found.base, quote=quote, day=day, rate=rate)


def _with_places(value: Decimal) -> Decimal:
    """Return a rate with at most 18 digits behind the point; JSON may write more of a float."""
    if -int(value.as_tuple().exponent) <= FRACTION_DIGITS_MAX:
        return value
    return value.quantize(_PLACES, context=EXACT)
