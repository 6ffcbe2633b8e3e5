"""
Who pays for what a contract is due, where its payer changes.

A change takes effect at the contract's next boundary: whoever pays when a billing period begins
pays for all that falls into it.  A price with a longer interval of its own is paid by whoever pays
for the billing period in which its own one begins.

    calendar months, corp, from March 10 on globe     corp    usage of March, with its last document
                                                      globe   the fee of April, with an opening one
    a quarterly price, January to March               corp    all of it
"""

from collections.abc import Iterable
from datetime import datetime

from tallystick.invoicing.basis import Basis, payer_since
from tallystick.invoicing.due.item import Item
from tallystick.kernel import AccountKey, Period
from tallystick.subscriptions import BillingPeriod


def is_paid(basis: Basis, item: Item) -> bool:
    """Tell whether the payer of the facts pays for an item."""
    return not basis.payers or payer_of_item(basis, item) == basis.payer


def payer_of_item(basis: Basis, item: Item) -> AccountKey | None:
    """Return who pays for an item; None: nobody."""
    billed, part = item.billed, item.period
    if billed.start <= part.start and part.end <= billed.end:
        return payer_since(basis, billed.start)
    return payer_at(basis, item.around.span.start)


def payer_at(basis: Basis, at: datetime) -> AccountKey | None:
    """Return who pays for the billing period that an instant lies in, or for the first, or last."""
    begun = basis.billing_periods(through=max(at, basis.subscription.start))
    return payer_since(basis, begun[-1].span.start if begun else at)


def opened(basis: Basis, periods: Iterable[BillingPeriod]) -> tuple[Period, ...]:
    """Return the periods with which the contract begins for its payer: the first, and each anew."""
    spans = [one.span for one in periods]
    if not basis.payers:
        return tuple(spans[:1])
    paid = [payer_since(basis, span.start) == basis.payer for span in spans]
    return tuple(
        span
        for before, now, span in zip([False, *paid], paid, spans, strict=False)
        if now and not before
    )


def left_at(basis: Basis, at: datetime, *, through: datetime) -> datetime | None:
    """Return when, by ``through``, another one begins to pay than at an instant; None: never."""
    payer = payer_at(basis, at)
    for one in basis.billing_periods(through=through):
        if one.span.start > at and payer_since(basis, one.span.start) != payer:
            return one.span.start
    return None
