"""
Proration: which share of a period's fee and allowance a part of the period carries.

| mode | a part's share | the parts of a period |
|---|---|---|
| `day` | local days whose end lies in the part, of the days of the whole period | add up to 1 |
| `second` | its seconds, of the seconds of the whole period | add up to 1 |
| `none` | all of it | are charged in full, each |

In `day` mode a day belongs to the version in force at its end, so that the day of a switch is the
new version's; the day within which a subscription is cancelled is billed.  The denominator is the
whole anchor-aligned period around the part, never a shortened one.

    100.00 a month, from March 15 (31 days): 17/31, 54.84
    switch on January 15 at noon: old version 14/31, new version 17/31

Shares are fractions, so nothing is rounded before money is settled.  Usage is never prorated: it
switches at the instant.  Source: the project's semantics, "Time and periods".
"""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from tallystick.catalog import Proration
from tallystick.kernel import (
    EXACT,
    Amount,
    Interval,
    IntervalUnit,
    Period,
    boundary,
    check,
    micros,
    time_zone,
)
from tallystick.subscriptions.periods import BillingPeriod

_SHARES_KEPT = 10_000
_ONE_DAY = Interval(count=1, of=IntervalUnit.DAY)


@lru_cache(_SHARES_KEPT)
def share_of(
    part: Period, *, whole: Period, zone: str, mode: Proration, closes: bool = False
) -> Fraction:
    """
    Give the exact share of a part in its whole period.

    Args:
        part: half-open; within ``whole`` unless it bridges two zones.
        whole: the anchor-aligned period around it.
        zone: IANA name of the payer's zone, whose days count.
        mode: how; see above.
        closes: whether a cancellation ends the part, so that the day begun counts.

    Raises:
        InvariantBroken: ``day`` mode with a whole period in which no day ends.

    >>> from tallystick.kernel import instant
    >>> march = Period(start=instant("2026-03-01T00:00:00Z"), end=instant("2026-04-01T00:00:00Z"))
    >>> part = Period(start=instant("2026-03-15T08:00:00Z"), end=march.end)
    >>> share_of(part, whole=march, zone="UTC", mode=Proration.DAY)
    Fraction(17, 31)
    """
    if mode is Proration.NONE:
        return Fraction(1)
    if mode is Proration.SECOND:
        return Fraction(_micros(part), _micros(whole))
    days = _days(whole, zone)
    check(days > 0, f"no day ends within {whole}: prorate by the second")
    return Fraction(_days(part, zone, closes=closes), days)


def share_of_period(period: BillingPeriod, mode: Proration) -> Fraction:
    """
    Give the share of a billing period that its fees carry; a bridging one counts seconds.

    The share of a period that bridges two zones may exceed 1 by the hours that it is longer.
    """
    return share_of_part(period.span, period, mode)


def share_of_part(part: Period, period: BillingPeriod, mode: Proration) -> Fraction:
    """
    Give the share that a part of a billing period carries; the parts add up to that of the period.

    Args:
        part: half-open, within the period's span.
        period: around it; says the whole, the zone, and whether a cancellation ends it.
        mode: how; in mode ``none`` each part is charged in full.
    """
    if period.bridges and mode is Proration.DAY:
        mode = Proration.SECOND
    closes = period.closes and part.end == period.span.end
    return share_of(part, whole=period.whole, zone=period.zone, mode=mode, closes=closes)


def prorate(amount: Amount, share: Fraction) -> Amount:
    """
    Give a share of an exact amount: one multiplication and one division, right to 76 digits.

    >>> from tallystick.kernel import currency
    >>> prorate(Amount(value=Decimal("7.50"), currency=currency("EUR")), Fraction(1, 3)).value
    Decimal('2.50')
    """
    product = EXACT.multiply(amount.value, Decimal(share.numerator))
    value = EXACT.divide(product, Decimal(share.denominator))
    return Amount(value=value, currency=amount.currency)


def _micros(period: Period) -> int:
    return micros(period.end) - micros(period.start)


def _days(period: Period, zone: str, *, closes: bool = False) -> int:
    """Count the local midnights after the start up to the end; plus the day begun, if it closes."""
    place = time_zone(zone)
    first, last = period.start.astimezone(place).date(), period.end.astimezone(place).date()
    count = (last - first).days
    begun = boundary(last, _ONE_DAY, 0, zone) < period.end
    return count + 1 if closes and begun else count
