"""
Choosing a rate: the last one published on or before a day, not older than a stated age.

Rates of one source are taken together. A pair that the source quotes the other way round, or
through a currency that both are quoted in, is the quotient of its rates **of one day**, exact as a
fraction and then rounded once to the rule's significant digits, half away from zero. There is no
interpolation, and no rate at all is an error: never 1.

    ecb, Friday 2020-01-03:  1 EUR = 1.1147 USD, 1 EUR = 0.85115 GBP
    USD to EUR on Saturday:  1 / 1.1147         = 0.897102359379
    USD to GBP on Saturday:  0.85115 / 1.1147   = 0.763568673186

Source: the project's semantics, "the last rate published on or before it and within a stated age;
none at all is an error, never 1".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from tallystick.currency.exchange import ExchangeRate
from tallystick.currency.published import PublishedRate
from tallystick.kernel import Currency, Done, Misuse, Outcome, refuse

AGE_DAYS_MAX = 7
DIGITS = 12
DIGITS_BOUNDS = range(6, 39)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRule:
    """
    Which rates may be used.

    Attributes:
        source: whose.
        age_days_max: how many days before the wanted day a rate may have been published.
        digits: significant digits to which a quotient is rounded, 6 to 38; a rate as published
            keeps the digits it has.

    Raises:
        Misuse: an age below 0, or digits outside their bounds.
    """

    source: str = "ecb"
    age_days_max: int = AGE_DAYS_MAX
    digits: int = DIGITS

    def __post_init__(self) -> None:
        """Refuse bounds that cannot be."""
        if self.age_days_max < 0 or self.digits not in DIGITS_BOUNDS:
            message = f"an age from 0 days on and {DIGITS_BOUNDS[0]} to {DIGITS_BOUNDS[-1]} digits"
            raise Misuse(message)

    def earliest(self, on: date) -> date:
        """Return the first day whose rates may be used for a day."""
        return on - self.age_days_max * _ONE_DAY


def choose_rate(
    published: Iterable[PublishedRate],
    base: Currency,
    quote: Currency,
    *,
    on: date,
    rule: RateRule,
) -> Outcome[ExchangeRate]:
    """
    Return the rate from one currency to another on a day.

    Args:
        published: of any source, day and pair; what the rule does not allow is left out.
        base: what is converted.
        quote: into what.
        on: the tax point: the last local day of the period for arrears, the day of issue for
            advance; for a preview, today.
        rule: whose rates, how old, how precise.

    Problems:
        no_exchange_rate: the source published none for the pair in the allowed days.

    Raises:
        Misuse: both currencies are the same; nothing is to be converted then.
    """
    if base == quote:
        raise Misuse(f"{base.code} needs no rate to {quote.code}")
    days: dict[date, dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for each in published:
        if each.source == rule.source and rule.earliest(on) <= each.day <= on:
            days[each.day][each.base, each.quote] = each.rate
    for day in sorted(days, reverse=True):
        value = _value(days[day], base.code, quote.code, digits=rule.digits)
        if value is not None:
            return Done(
                ExchangeRate(base=base, quote=quote, value=value, on=day, source=rule.source)
            )
    message = (
        f"{rule.source} published no rate from {base.code} to {quote.code} from "
        f"{rule.earliest(on)} to {on}; import it, or allow older ones"
    )
    return refuse("no_exchange_rate", message, "currency")


def _value(
    rates: Mapping[tuple[str, str], Decimal], base: str, quote: str, *, digits: int
) -> Decimal | None:
    """Return the value of a pair by the rates of one day, None if they do not give it."""
    direct = rates.get((base, quote))
    if direct is not None:
        return direct
    inverse = rates.get((quote, base))
    if inverse is not None:
        return _rounded(1 / Fraction(inverse), digits)
    through = sorted(
        common for common, quoted in rates if quoted == base and (common, quote) in rates
    )
    if not through:
        return None
    common = through[0]
    return _rounded(Fraction(rates[common, quote]) / Fraction(rates[common, base]), digits)


def _rounded(value: Fraction, digits: int) -> Decimal:
    context = Context(prec=digits, rounding=ROUND_HALF_UP)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))
