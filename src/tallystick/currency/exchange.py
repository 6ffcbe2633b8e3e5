"""
Converting an exact amount, and what must be kept of it.

A conversion is made on the exact charge, before it is settled, and is itself exact: amount times
rate. It keeps both amounts, the rate, its day and its source, so that it can be made again without
asking anyone.

    17.345 USD at 0.895094880057 (ecb, 2026-10-30)  ->  15.525420694588665 EUR  ->  settled 15.53
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tallystick.kernel import EXACT, Amount, Currency, CurrencyMismatch, Misuse


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """
    The rate by which amounts are converted: one unit of ``base`` is ``value`` units of ``quote``.

    Attributes:
        value: already rounded to the precision of the rule that chose it.
        on: the day for which it was published.
        source: who published it.

    Raises:
        Misuse: the value is not positive.
    """

    base: Currency
    quote: Currency
    value: Decimal
    on: date
    source: str

    def __post_init__(self) -> None:
        """Refuse a rate by which money would vanish or turn."""
        if not (self.value.is_finite() and self.value > 0):
            raise Misuse(f"an exchange rate is a positive number, not {self.value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRate:
    """
    The rate that was taken for a day.

    Attributes:
        day: the tax point of what is converted; ``rate.on`` is the same or earlier.
        latest_known: the day lay ahead, so the last rate known by then was taken; for previews.
    """

    day: date
    rate: ExchangeRate
    latest_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """An exact amount, what it is in another currency, and the rate between them."""

    before: Amount
    after: Amount
    rate: ExchangeRate


def converted(amount: Amount, rate: ExchangeRate) -> Conversion:
    """
    Return an exact amount in another currency; nothing is rounded.

    Raises:
        CurrencyMismatch: the rate is not one of the amount's currency.

    Example:
        >>> from tallystick.kernel import currency
        >>> rate = ExchangeRate(base=currency("USD"), quote=currency("EUR"), source="ecb",
        ...                     value=Decimal("0.9"), on=date(2026, 1, 30))
        >>> charge = Amount(value=Decimal("17.345"), currency=currency("USD"))
        >>> converted(charge, rate).after.value
        Decimal('15.6105')
    """
    if amount.currency != rate.base:
        raise CurrencyMismatch(
            f"a rate of {rate.base.code} does not convert {amount.currency.code}"
        )
    after = Amount(value=EXACT.multiply(amount.value, rate.value), currency=rate.quote)
    return Conversion(before=amount, after=after, rate=rate)
