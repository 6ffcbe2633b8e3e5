"""
What a change of a contract does to its fees: before and after, period by period.

    base 10.00 for March, base 20.00 from March 11 on     base, March 1 to 31     10.00 -> 3.23
                                                          base, March 11 to 31     0.00 -> 13.55
                                                          base, April             10.00 -> 20.00

Usage is not here: it is not known yet, and it switches at the instant.  Nor are bounds over several
prices: what is missing to a minimum is known when its period is over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TypeAlias

from tallystick.invoicing.basis import Basis, agreed_prices
from tallystick.invoicing.charging.by_hand import charge_of_item
from tallystick.invoicing.charging.rates import at_rate, latest_rate
from tallystick.invoicing.charging.rating import charge_of
from tallystick.invoicing.due import Item, items_around
from tallystick.invoicing.line import LineKey
from tallystick.kernel import Amount, Money, Period, PriceKey, micros, plain, settle
from tallystick.pricing import Charge, Price, SpendPrice

_FEE: TypeAlias = tuple[PriceKey, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeEffect:
    """
    What a fee comes to for a service period.

    Attributes:
        period: as it is after the change; before it, where there is no fee after it.
        before: nothing where the contract had no such fee.
        after: nothing where it has none any more.
    """

    price: PriceKey
    period: Period
    before: Money
    after: Money


def fee_effects(before: Basis, after: Basis, *, at: datetime) -> tuple[FeeEffect, ...]:
    """
    Return the fees that differ in the billing period around an instant, and in the next one.

    Where the change itself ends the period that runs, what is left of that period counts too.
    Fees in another currency are told at the latest rate that the bases have.
    """
    running = before.periods_of().last(at)
    begun = [] if running is None else [running.span.start]
    old, new = (_fees_around(basis, [*begun, at]) for basis in (before, after))
    nothing = Money(minor=0, currency=before.currency)
    effects = (
        FeeEffect(
            price=fee[0],
            period=(new[fee] if fee in new else old[fee]).period,
            before=_money(before, old[fee]) if fee in old else nothing,
            after=_money(after, new[fee]) if fee in new else nothing,
        )
        for fee in sorted({**old, **new}, key=lambda fee: (fee[1], fee[0]))
    )
    return tuple(effect for effect in effects if effect.before != effect.after)


def rate_warnings(bases: Iterable[Basis], effects: Iterable[FeeEffect]) -> tuple[str, ...]:
    """
    Return which rates fees are told at, where they are converted.

    Documents take the rates of their own days, so that a fee may come to something else then.
    """
    told = {effect.price for effect in effects}
    rates = {
        dated.rate: None
        for basis in bases
        for price in basis.prices
        if price.meter is None and (dated := latest_rate(basis, price)) is not None
    }
    if not told:
        return ()
    return tuple(
        f"fees are converted at the latest rate known, {plain(rate.value)} {rate.quote.code} for "
        f"one {rate.base.code} ({rate.source} of {rate.on}); documents take that of their day"
        for rate in rates
    )


def prorated(before: Basis, effects: Iterable[FeeEffect], *, at: datetime) -> tuple[Money, Money]:
    """
    Return what fees of the period that runs give back, and what they charge, both 0 or more.

    A change between two periods gives nothing back and charges nothing besides the next period.
    """
    nothing = Money(minor=0, currency=before.currency)
    last = before.periods_of().last(at)
    running = [] if last is None else [last.span]
    within = [
        each.after - each.before
        for each in effects
        for span in running
        if span.contains(at) and span.start < at and each.period.start < span.end
    ]
    less = sum((one for one in within if one.minor < 0), nothing)
    return nothing - less, sum((one for one in within if one.minor > 0), nothing)


def fee_rate(basis: Basis, at: datetime) -> Fraction:
    """
    Return what the fees agreed at an instant come to in a second, exactly.

    Each fee is spread over its own whole period, so that a monthly plan can be compared with
    a yearly one; a pause or a trial does not count.
    """
    terms = basis.terms_at(at)
    rates = (
        Fraction(_converted(basis, agreed.price, charge_of(agreed.price, agreed.quantity)).value)
        / _seconds(one.whole)
        for agreed in agreed_prices(basis, terms)
        if agreed.price.meter is None and not isinstance(agreed.price.model, SpendPrice)
        if (one := basis.periods_of(agreed.price).last(at)) is not None
    )
    return sum(rates, Fraction(0))


def _fees_around(basis: Basis, instants: Sequence[datetime]) -> dict[_FEE, Item]:
    """Return the fees of the billing periods around instants and of the one after the last."""
    last = basis.periods_of().last(instants[-1])
    following = () if last is None else (last.span.end,)
    return {
        (item.price.key, item.period.start): item
        for each in (*instants, *following)
        for item in items_around(basis, each)
        if item.price.meter is None and not isinstance(item.price.model, SpendPrice)
    }


def _money(basis: Basis, item: Item) -> Money:
    key = LineKey(
        subscription=basis.subscription.key, price=item.price.key, period=item.period, group=()
    )
    return settle(_converted(basis, item.price, charge_of_item(basis, key, item, item.quantity)))


def _converted(basis: Basis, price: Price, charge: Charge) -> Amount:
    """Return a charge in the contract's currency, at the latest rate that the basis has."""
    dated = latest_rate(basis, price)
    return charge.amount if dated is None else at_rate(charge, dated).amount


def _seconds(period: Period) -> Fraction:
    return Fraction(micros(period.end) - micros(period.start), 1_000_000)
