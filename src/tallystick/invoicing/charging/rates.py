"""Which exchange rates a contract's prices may use, and what a charge is at one of them."""

import msgspec

from tallystick.catalog import OWN_RATES, PUBLISHED_RATES
from tallystick.currency import DatedRate, RateRule, converted
from tallystick.invoicing.basis import Basis
from tallystick.kernel import ISO_CODES, Currency, Misuse
from tallystick.pricing import Charge, ChargeConversion, Price


def rate_rule(basis: Basis, base: Currency) -> RateRule:
    """Return which rates convert prices of a currency: the issuer's rule for money or for units."""
    if base.code in ISO_CODES:
        return PUBLISHED_RATES if basis.issuer is None else basis.issuer.exchange_rates
    return OWN_RATES if basis.issuer is None else basis.issuer.conversion_prices


def at_rate(charge: Charge, dated: DatedRate) -> Charge:
    """Return a charge converted at a rate, exactly; its steps stay in the price's currency."""
    done = converted(charge.amount, dated.rate)
    conversion = ChargeConversion(before=done.before, dated=dated)
    return msgspec.structs.replace(charge, amount=done.after, conversion=conversion)


def latest_rate(basis: Basis, price: Price) -> DatedRate | None:
    """
    Return the newest rate held for a price, for previews; None where it needs none.

    Raises:
        Misuse: it needs one, and there is none.
    """
    if price.money == basis.currency:
        return None
    fitting = [one for one in basis.rates if one.rate.base == price.money]
    if not fitting:
        raise Misuse(f"there is no rate from {price.money.code} to {basis.currency.code}")
    return max(fitting, key=lambda one: one.rate.on)
