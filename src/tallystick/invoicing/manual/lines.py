"""
A line as a person entered it: a quantity at a unit price, settled once.

    2 hours at 75.00          150.00
    1 at -5.00, goodwill       -5.00
"""

from fractions import Fraction
from typing import Protocol

import msgspec

from tallystick.catalog import ManualLine
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import charge_of
from tallystick.invoicing.line import Line, LineKey, LineKind, line_id
from tallystick.kernel import (
    EXACT,
    Amount,
    InvoiceId,
    Money,
    Period,
    PriceKey,
    SubscriptionKey,
    instant,
    parse_decimal,
    settle,
)
from tallystick.pricing import Charge, Price, UnitPrice

# Rating asks for the key of a price; what a person entered is under a code of any letters.
_RATED_AS = PriceKey("manual")


class Entered(Protocol):
    """What a person enters of a line; numbers as plain decimal text."""

    @property
    def description(self) -> str:
        """Return what stands on the document."""
        ...

    @property
    def quantity(self) -> str:
        """Return how much, above 0."""
        ...

    @property
    def unit(self) -> str:
        """Return of what; empty for nothing in particular."""
        ...

    @property
    def unit_price(self) -> str:
        """Return what one costs, in major units."""
        ...


def entered_line(
    entered: Entered, key: LineKey, basis: Basis, *, document: InvoiceId, position: int
) -> Line:
    """
    Return a manual line, without taxes; its exact amount is quantity times unit price.

    Args:
        entered: what a person said.
        key: what the line is for.
        basis: of the document, for its currency.
        document: its id.
        position: the log position that stands on the line; no event is behind it.
    """
    unit_price = parse_decimal(entered.unit_price)
    price = Price(
        key=_RATED_AS,
        model=UnitPrice(unit_price=abs(unit_price)),
        currency=basis.currency.code,
    )
    charge = charge_of(price, parse_decimal(entered.quantity))
    charge = _given_back(charge) if unit_price < 0 else charge
    return Line(
        id=line_id(document, key),
        kind=LineKind.MANUAL,
        key=key,
        description=entered.description,
        quantity=charge.quantity,
        unit=entered.unit,
        charge=msgspec.structs.replace(charge, price=key.price, unit=entered.unit),
        exact=charge.amount,
        settled_before=Money(minor=0, currency=basis.currency),
        money=settle(charge.amount),
        share=Fraction(1),
        measurement=None,
        attribution=basis.attribution(key.period),
        position=position,
    )


def _given_back(charge: Charge) -> Charge:
    """Return a charge at a unit price below zero: prices have none, so it is rated without sign."""
    (step,) = charge.steps
    unit_price = None if step.unit_price is None else EXACT.minus(step.unit_price)
    back = msgspec.structs.replace(step, unit_price=unit_price, amount=EXACT.minus(step.amount))
    amount = Amount(value=back.amount, currency=charge.amount.currency)
    return msgspec.structs.replace(charge, amount=amount, steps=(back,))


def ordered_key(subscription: SubscriptionKey, order: ManualLine) -> LineKey:
    """Return what the line of an order is for: its kind and code, and the service's time."""
    period = Period(start=instant(order.start), end=instant(order.end))
    return LineKey(subscription=subscription, price=order.price, period=period)


def ordered_as(basis: Basis, key: LineKey) -> ManualLine | None:
    """Return the order of a line of a contract; None: nobody ordered it."""
    contract = basis.subscription
    return next((one for one in contract.manual if ordered_key(contract.key, one) == key), None)
