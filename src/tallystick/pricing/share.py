"""
A price for a part of a period: what it includes, commits to and bounds is scaled by the share.

    17 of 31 days: allowance 1,000 -> 548.387..., minimum 31.00 -> 17.00, discount of 6.20 -> 3.40

Scaled are the allowance, discounts of units and of amounts, minimum, maximum, a commitment, and the
free transactions and amount of a percentage. Prices of units, bounds and flat fees of tiers are
not: usage is whatever was used; nor is a commitment for each window, of which there are fewer.

Rounding: none but the last of 76 digits where a division does not end.
"""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from tallystick.kernel import EXACT
from tallystick.pricing.models import CommittedPrice, Model, PercentagePrice
from tallystick.pricing.price import Price
from tallystick.pricing.stages import Discount

_Number = TypeVar("_Number", Decimal, Decimal | None)
_WHOLE = Fraction(1)


def price_for_share(price: Price, share: Fraction) -> Price:
    """
    Return what a price is in a part of a period.

    Args:
        price: of a whole period.
        share: of the part in the whole, above 0.

    Example:
        >>> from tallystick.kernel import PriceKey
        >>> from tallystick.pricing.models import UnitPrice
        >>> price = Price(key=PriceKey("calls"), model=UnitPrice(unit_price=Decimal(1)),
        ...               currency="EUR", allowance=Decimal(62))
        >>> price_for_share(price, Fraction(17, 31)).allowance
        Decimal('34')
    """
    if share == _WHOLE:
        return price
    return replace(
        price,
        model=_model(price.model, share),
        allowance=_scaled(price.allowance, share),
        discounts=tuple(_discount(discount, share) for discount in price.discounts),
        minimum=_scaled(price.minimum, share),
        maximum=_scaled(price.maximum, share),
    )


def _model(model: Model, share: Fraction) -> Model:
    if isinstance(model, CommittedPrice) and model.each is None:
        return replace(model, commitment=_scaled(model.commitment, share))
    if isinstance(model, PercentagePrice):
        return replace(
            model,
            free_transactions=_scaled(model.free_transactions, share),
            free_amount=_scaled(model.free_amount, share),
        )
    return model


def _discount(discount: Discount, share: Fraction) -> Discount:
    return replace(
        discount,
        usage=_scaled(discount.usage, share),
        amount=_scaled(discount.amount, share),
    )


def _scaled(number: _Number, share: Fraction) -> _Number:
    if number is None:
        return None
    times = EXACT.multiply(number, Decimal(share.numerator))
    return EXACT.divide(times, Decimal(share.denominator))
