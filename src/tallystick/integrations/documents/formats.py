"""
Numbers, money and dates as people of a language and country write them, through Babel.

Only what is shown passes here; machines get plain text.  Babel's own idea of a currency's places
is not used (it differs from ISO 4217 for several), nor its rounding: values come in rounded.
"""

from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import NumberPattern, get_currency_symbol, parse_pattern

from tallystick.integrations.documents.view import Days
from tallystick.kernel import EXACT, Money

QUANTITY_DIGITS = 6
PRICE_DIGITS = 18
RATE_DIGITS = 18
_LEFT_TO_RIGHT = "\u200e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """How one locale writes."""

    locale: Locale

    def money(self, money: Money) -> str:
        """Return money with its currency, at the currency's own number of places."""
        return self._currency(money.decimal, money.currency.code, money.currency.exponent)

    def amount(self, value: Decimal, *, digits: int) -> str:
        """Return an exact amount without its currency: ``digits`` places, six at most."""
        return self._number(value, least=digits, most=max(digits, QUANTITY_DIGITS))

    def price(self, value: Decimal, *, digits: int) -> str:
        """Return a unit price without its currency: all its digits, at least ``digits``."""
        return self._number(value, least=min(digits, PRICE_DIGITS), most=PRICE_DIGITS)

    def quantity(self, value: Decimal) -> str:
        """Return a quantity to the millionth, half away from zero."""
        return self._number(value, least=0, most=QUANTITY_DIGITS)

    def exchange_rate(self, value: Decimal) -> str:
        """Return an exchange rate to 18 places."""
        return self._number(value, least=0, most=RATE_DIGITS)

    def is_one(self, value: Decimal) -> bool:
        """Return whether a noun stands in the singular behind a number."""
        return str(self.locale.plural_form(value)) == "one"

    def percent(self, rate: Decimal) -> str:
        """Return a rate that is given in percent."""
        pattern = copy(self.locale.percent_formats[None])
        pattern.frac_prec = (0, QUANTITY_DIGITS)
        return str(pattern.apply(rate.scaleb(-2), self.locale, decimal_quantization=False))

    def day(self, day: date) -> str:
        """Return a date in words."""
        return _day(self.locale, day)

    def days(self, days: Days) -> str:
        """Return days from first to last, both included."""
        return _days(self.locale, days)

    def country(self, code: str) -> str:
        """Return the name of a country, or its code if nobody knows one."""
        return str(self.locale.territories.get(code, code))

    def _number(self, value: Decimal, *, least: int, most: int) -> str:
        step = Decimal(1).scaleb(-most)
        rounded = value.quantize(step, rounding=ROUND_HALF_UP, context=EXACT)
        pattern = _decimal_pattern(self.locale, least, most)
        return str(pattern.apply(rounded, self.locale, decimal_quantization=False))

    def _currency(self, value: Decimal, code: str, exponent: int) -> str:
        pattern = _currency_pattern(self.locale, exponent)
        text = str(
            pattern.apply(
                value, self.locale, currency=code, currency_digits=False, decimal_quantization=False
            )
        )
        symbol = str(get_currency_symbol(code, self.locale))
        if self.locale.text_direction == "rtl" and symbol[0].isascii():
            return text.replace(symbol, symbol + _LEFT_TO_RIGHT)  # or US$ is read as $US
        return text


def brief_day(day: date, *, formats: Formats, of_years: bool = False) -> str:
    """Return day and month, as short as they are written; or month and year."""
    skeleton = "yMMM" if of_years else "MMMd"
    return str(format_skeleton(skeleton, day, locale=formats.locale))


@lru_cache(maxsize=256)
def _decimal_pattern(locale: Locale, least: int, most: int) -> NumberPattern:
    pattern = parse_pattern(locale.decimal_formats[None].pattern)
    pattern.frac_prec = (least, most)
    return pattern


@lru_cache(maxsize=256)
def _currency_pattern(locale: Locale, exponent: int) -> NumberPattern:
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (exponent, exponent)
    return pattern


# Lines of a document, and documents of a run, speak of the same few days.
@lru_cache(maxsize=4096)
def _day(locale: Locale, day: date) -> str:
    return str(format_date(day, "long", locale=locale))


@lru_cache(maxsize=4096)
def _days(locale: Locale, days: Days) -> str:
    if days.first == days.last:
        return _day(locale, days.first)
    return str(format_interval(days.first, days.last, "yMMMd", locale=locale))


@lru_cache(maxsize=256)
def formats_for(language: str, country: str = "") -> Formats:
    r"""
    Return how a language is written in a country; in general where Babel knows of none.

    >>> from tallystick.kernel import currency
    >>> owed = Money(minor=123450, currency=currency("EUR"))
    >>> formats_for("de", "DE").money(owed), formats_for("en", "").money(owed)
    ('1.234,50\xa0€', '€1,234.50')
    """
    try:
        locale = Locale(language, country or None)
    except UnknownLocaleError:
        locale = Locale(language)
    return Formats(locale=locale)
