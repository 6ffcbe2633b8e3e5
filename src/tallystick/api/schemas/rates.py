"""Exchange rates over the wire."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from tallystick.app.currency import ImportRates, RatesImported
from tallystick.currency import CODE_PATTERN, ExchangeRate, PublishedRate
from tallystick.kernel import parse_decimal, plain

Code = Annotated[str, msgspec.Meta(pattern=CODE_PATTERN)]
Number = Annotated[str, msgspec.Meta(max_length=64)]


class RateOfDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit of `base` is worth `rate` units of `quote`, as published for a day."""

    base: Code
    quote: Code
    day: date
    rate: Number


class RatesOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Published rates of one source."""

    source: str
    rates: tuple[RateOfDay, ...]


class RatesImportedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was added, what stood already, and what stands with another value and stays."""

    added: int
    unchanged: int
    conflicts: int
    described: tuple[str, ...]


class RatesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A source's rates of a day."""

    source: str
    rates: tuple[RateOfDay, ...]


class ConversionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The rate of a day: by whom and for which day it was published."""

    base: str
    quote: str
    rate: str
    on: date
    source: str


def import_from_wire(order: RatesOrder) -> ImportRates:
    """
    Return the command that an order asks for.

    Raises:
        Misuse: a rate that cannot be.
    """
    return ImportRates(
        rates=tuple(
            PublishedRate(
                source=order.source,
                base=each.base,
                quote=each.quote,
                day=each.day,
                rate=parse_decimal(each.rate),
            )
            for each in order.rates
        )
    )


def wire_from_imported(done: RatesImported) -> RatesImportedAnswer:
    """Return what an import did."""
    return RatesImportedAnswer(
        added=done.added,
        unchanged=done.unchanged,
        conflicts=done.conflicts,
        described=done.described,
    )


def wire_from_published(rate: PublishedRate) -> RateOfDay:
    """Return a published rate; its source is told beside it."""
    return RateOfDay(base=rate.base, quote=rate.quote, day=rate.day, rate=plain(rate.rate))


def wire_from_rate(rate: ExchangeRate) -> ConversionAnswer:
    """Return the rate of a day."""
    return ConversionAnswer(
        base=rate.base.code,
        quote=rate.quote.code,
        rate=plain(rate.value),
        on=rate.on,
        source=rate.source,
    )
