"""
Amounts that were set by hand: what stands for a derived amount, who said so, and why.

    calls, March, derived        80 at 0.10            8.00
    quantity 60                  60 at 0.10            6.00    rated anew by the price
    unit_price 0.05              80 at 0.05            4.00
    both                         60 at 0.05            3.00
    amount 5.00                                        5.00

The amount stays a derived one: it follows from a recorded fact, is settled as a whole, corrected by
difference, and found again by whoever verifies the document.  The later of two facts about one
amount holds; one that says nothing but its reason lets the derived amount hold again.

Source: the project's semantics, "Invoices" (override facts).
"""

from decimal import Decimal

import msgspec

from tallystick.catalog import AmountByHand
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging.rating import WHOLE, charge_of
from tallystick.invoicing.due import Item
from tallystick.invoicing.line import LineKey
from tallystick.kernel import EXACT, Amount
from tallystick.pricing import NO_DETAIL, Charge, Detail, LevelStep, Need, Price, Run, Step

_ZERO = Decimal(0)


def fact_by_hand(basis: Basis, key: LineKey) -> AmountByHand | None:
    """Return the fact that stands for a key's derived amount, None if none does."""
    found = [
        fact
        for change in basis.subscription.changes
        if change.at == key.period.start
        for fact in change.amounts
        if (fact.price, fact.group) == (key.price, key.group)
    ]
    return found[-1] if found and found[-1].changes_amount else None


def charge_of_item(
    basis: Basis, key: LineKey, item: Item, quantity: Decimal, detail: Detail = NO_DETAIL
) -> Charge:
    """
    Return the charge of a key: what rating gives, unless a fact stands for it.

    Args:
        basis: holds the facts.
        key: what is charged.
        item: its price and share.
        quantity: in the price's unit; without a meter, how much the contract takes of it.
        detail: what the price's model asks for beside the quantity.

    Raises:
        Unrateable: the detail lacks what the model needs, or a formula has no value.
    """
    fact = fact_by_hand(basis, key)
    if fact is not None and fact.quantity is not None:
        quantity, detail = fact.quantity, _detail_by_hand(item.price, fact.quantity, detail)
    charge = charge_of(item.price, quantity, share=item.share, detail=detail)
    if fact is None:
        return charge
    label = f"set by hand by {fact.by}: {fact.reason}"
    if fact.amount is not None:
        return _stated(charge, _step(label, flat=fact.amount))
    if fact.unit_price is not None:
        return _stated(charge, _step(label, quantity, fact.unit_price))
    return msgspec.structs.replace(charge, steps=(*charge.steps, _step(label)))


def _detail_by_hand(price: Price, quantity: Decimal, detail: Detail) -> Detail:
    """Return the detail of a level whose quantity was set: held throughout, in one run."""
    if price.need is Need.CHANGES:
        change = LevelStep(quantity=quantity, share=WHOLE)
        return msgspec.structs.replace(detail, changes=(change,))
    if price.need is Need.RUNS:
        run = Run(seconds=quantity, per_second=WHOLE, begins=False, ends=False)
        return msgspec.structs.replace(detail, runs=(run,))
    return detail


def _step(
    label: str,
    quantity: Decimal | None = None,
    unit_price: Decimal | None = None,
    flat: Decimal = _ZERO,
) -> Step:
    amount = flat
    if quantity is not None and unit_price is not None:
        amount = EXACT.multiply(quantity, unit_price)
    return Step(label=label, quantity=quantity, unit_price=unit_price, flat=flat, amount=amount)


def _stated(charge: Charge, step: Step) -> Charge:
    amount = Amount(value=step.amount, currency=charge.amount.currency)
    return msgspec.structs.replace(charge, amount=amount, steps=(step,))
