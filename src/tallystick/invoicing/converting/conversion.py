"""
Prices of another currency than the contract's: which rate each key is converted by.

    price in USD, contract in EUR, March in arrears: 17.345 USD
    the last rate published by March 31, of March 30: 0.9    ->  15.6105 EUR  ->  settled 15.61
    two events late, in April: 17.545 USD, at the rate of March 30 again  ->  15.7905 EUR, 15.79

A key that was billed keeps its rate, and so does one that was cut out of a billed one: what a
document charged is corrected by the same rate, whatever was published since.  All others take the
rate of their tax point (`tax_point`), which the basis holds, for those who make the document again.

Source: the project's semantics: "closed periods are then corrected [...] at the original [...]
exchange rate"; "none at all is an error, never 1".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from tallystick.currency import DatedRate, RateRule
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import at_rate, rate_rule
from tallystick.invoicing.converting.tax_point import tax_point
from tallystick.invoicing.due import Item, is_in_advance, item_of
from tallystick.invoicing.line import Line, LineKey
from tallystick.invoicing.replay import Billed, Replayed
from tallystick.kernel import Currency, Problem, check
from tallystick.pricing import Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRate:
    """A rate that a document needs: from a price's currency to the contract's, for a tax point."""

    base: Currency
    quote: Currency
    day: date
    rule: RateRule


def wanted_rates(
    basis: Basis, items: Iterable[Item], *, billed: Sequence[Billed], issue_on: date
) -> tuple[WantedRate, ...]:
    """Return the rates that items need and that no billed line gives, each once, by day."""
    found = {
        WantedRate(
            base=item.price.money,
            quote=basis.currency,
            day=tax_point(basis, item.price, item.period, issue_on=issue_on),
            rule=rate_rule(basis, item.price.money),
        )
        for item in items
        if item.price.money != basis.currency
        and _kept(_key(basis, item), item.price.money, billed) is None
    }
    return tuple(sorted(found, key=lambda one: (one.day, one.base.code)))


def missing_rates(
    basis: Basis, items: Iterable[Item], *, billed: Sequence[Billed], issue_on: date | None
) -> tuple[Problem, ...]:
    """
    Return a problem for each item that cannot be converted, because the basis has no rate for it.

    Problems:
        no_exchange_rate.
    """
    return tuple(
        _no_rate(basis, key, item.price.money)
        for item in items
        for key in (_key(basis, item),)
        if item.price.money != basis.currency
        and conversion_of(basis, key, item.price.money, billed=billed, issue_on=issue_on) is None
    )


def in_contract_currency(
    replayed: Iterable[Replayed], basis: Basis, *, billed: Iterable[Billed], issue_on: date | None
) -> tuple[Replayed, ...]:
    """
    Return what was replayed, with charges in the contract's currency.

    Args:
        replayed: keys priced from all facts; those in the contract's currency stay as they are.
        basis: the contract, with the rates of the tax points.
        billed: all issued lines of the subscription.
        issue_on: the day of issue, the tax point of what is due in advance.

    Raises:
        InvariantBroken: a rate is missing; see `missing_rates`.
    """
    lines = tuple(billed)

    def charge_of(one: Replayed) -> Charge:
        return converted_charge(one.charge, one.key, basis, billed=lines, issue_on=issue_on)

    return tuple(replace(one, charge=charge_of(one)) for one in replayed)


def converted_charge(
    charge: Charge,
    key: LineKey,
    basis: Basis,
    *,
    billed: Iterable[Billed],
    issue_on: date | None,
) -> Charge:
    """
    Return the charge of a key in the contract's currency, exactly.

    Raises:
        InvariantBroken: there is no rate for it.
    """
    base = charge.amount.currency
    if base == basis.currency:
        return charge
    dated = conversion_of(basis, key, base, billed=billed, issue_on=issue_on)
    check(dated is not None, f"{key} cannot be converted from {base.code}")
    return at_rate(charge, cast("DatedRate", dated))


def conversion_of(
    basis: Basis,
    key: LineKey,
    base: Currency,
    *,
    billed: Iterable[Billed],
    issue_on: date | None,
) -> DatedRate | None:
    """Return the rate of a key: that of what was billed for it, else that of its tax point."""
    kept = _kept(key, base, billed)
    if kept is not None:
        return kept
    item, price = item_of(basis, key.price, key.period), basis.price_of(key)
    of = price if item is None else item.price
    if of is None or issue_on is None:
        return None
    day = tax_point(basis, of, key.period, issue_on=issue_on)
    return next((one for one in basis.rates if one.day == day and _fits(one, base)), None)


def converted_on(lines: Iterable[Line], basis: Basis, *, issue_on: date | None) -> date | None:
    """Return the day of issue that lines assume; None where no rate of them is of that day."""
    for line in lines:
        price = basis.price_of(line.key)
        of_issue = line.conversion is not None and line.conversion.day == issue_on
        if of_issue and price is not None and is_in_advance(price):
            return issue_on
    return None


def rests_on(line: Billed, keys: Iterable[LineKey]) -> bool:
    """Tell whether keys take their rate from a billed line."""
    return line.conversion is not None and any(_is_cut_of(key, line) for key in keys)


def _kept(key: LineKey, base: Currency, billed: Iterable[Billed]) -> DatedRate | None:
    """Return the rate of the first line that billed a key, else of one that it was cut out of."""
    fitting = [
        line for line in billed if line.conversion is not None and _fits(line.conversion, base)
    ]
    own = [line for line in fitting if line.key.identity == key.identity]
    around = own or [line for line in fitting if _is_cut_of(key, line)]
    return next((line.conversion for line in around), None)


def _is_cut_of(key: LineKey, line: Billed) -> bool:
    same = (key.subscription, key.price) == (line.key.subscription, line.key.price)
    return same and key.period.overlap(line.key.period) is not None


def _fits(rate: DatedRate, base: Currency) -> bool:
    return rate.rate.base == base


def _key(basis: Basis, item: Item) -> LineKey:
    return LineKey(subscription=basis.subscription.key, price=item.price.key, period=item.period)


def _no_rate(basis: Basis, key: LineKey, base: Currency) -> Problem:
    rule = rate_rule(basis, base)
    message = (
        f"{key} is priced in {base.code} and billed in {basis.currency.code}: {rule.source} "
        f"published no rate for its tax point, nor in the {rule.age_days_max} days before; "
        "import it"
    )
    return Problem(code="no_exchange_rate", message=message, field=f"prices.{key.price}")
