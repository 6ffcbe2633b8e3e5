"""
Conversions in canonical JSON: on a line of a document, and the rates that a basis holds.

    "conversion": {"amount": "17.345", "currency": "USD", "exponent": 2, "day": "2026-03-31",
                   "rate": "0.9", "rate_on": "2026-03-30", "source": "ecb"}
"""

import re
from datetime import date
from decimal import Decimal

import msgspec

from tallystick.currency import DatedRate, ExchangeRate
from tallystick.kernel import Amount, Currency, Misuse, plain
from tallystick.pricing import Charge, ChargeConversion

_EXPONENT_MAX = 18
_NUMBER = re.compile(r"-?[0-9]{1,96}(?:\.[0-9]{1,96})?")


class RateDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One unit of ``base`` was ``rate`` units of ``quote``, taken for ``day``."""

    base: str
    base_exponent: int
    quote: str
    quote_exponent: int
    day: date
    rate: str
    rate_on: date
    source: str
    latest_known: bool = False


class ConversionDocument(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a line came to in its price's currency, and the rate to the document's."""

    amount: str
    currency: str
    exponent: int
    day: date
    rate: str
    rate_on: date
    source: str
    latest_known: bool = False


def wire_from_rate(dated: DatedRate) -> RateDocument:
    """Return a rate as it is written."""
    return RateDocument(
        base=dated.rate.base.code,
        base_exponent=dated.rate.base.exponent,
        quote=dated.rate.quote.code,
        quote_exponent=dated.rate.quote.exponent,
        day=dated.day,
        rate=plain(dated.rate.value),
        rate_on=dated.rate.on,
        source=dated.rate.source,
        latest_known=dated.latest_known,
    )


def rate_from_wire(wire: RateDocument) -> DatedRate:
    """
    Return a rate as it was written.

    Raises:
        Misuse: a number or a currency that cannot be.
    """
    return DatedRate(
        day=wire.day,
        rate=ExchangeRate(
            base=_currency(wire.base, wire.base_exponent),
            quote=_currency(wire.quote, wire.quote_exponent),
            value=exact_number(wire.rate),
            on=wire.rate_on,
            source=wire.source,
        ),
        latest_known=wire.latest_known,
    )


def wire_from_conversion(charge: Charge | None) -> ConversionDocument | None:
    """Return how a charge was converted, as it is written; None where it was not."""
    if charge is None or charge.conversion is None:
        return None
    amount, dated = charge.conversion.before, charge.conversion.dated
    return ConversionDocument(
        amount=plain(amount.value),
        currency=amount.currency.code,
        exponent=amount.currency.exponent,
        day=dated.day,
        rate=plain(dated.rate.value),
        rate_on=dated.rate.on,
        source=dated.rate.source,
        latest_known=dated.latest_known,
    )


def conversion_from_wire(
    wire: ConversionDocument | None, quote: Currency
) -> ChargeConversion | None:
    """
    Return how a charge was converted to the document's currency, as it was written.

    Raises:
        Misuse: a number or a currency that cannot be.
    """
    if wire is None:
        return None
    base = _currency(wire.currency, wire.exponent)
    dated = DatedRate(
        day=wire.day,
        rate=ExchangeRate(
            base=base,
            quote=quote,
            value=exact_number(wire.rate),
            on=wire.rate_on,
            source=wire.source,
        ),
        latest_known=wire.latest_known,
    )
    return ChargeConversion(
        before=Amount(value=exact_number(wire.amount), currency=base), dated=dated
    )


def _currency(code: str, exponent: int) -> Currency:
    if not 0 <= exponent <= _EXPONENT_MAX:
        raise Misuse(f"no currency has {exponent} places")
    return Currency(code=code, exponent=exponent)


def exact_number(text: str) -> Decimal:
    """
    Return an exact number as it is written: up to 96 digits, for quotients that do not end.

    Raises:
        Misuse: the text is no plain decimal.
    """
    if _NUMBER.fullmatch(text) is None:
        raise Misuse(f"{text[:40]!r} is not a plain decimal")
    return Decimal(text)
