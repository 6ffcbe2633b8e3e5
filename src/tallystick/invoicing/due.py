"""
What a document is due to hold: which price, for which service period, at which share.

    subscription from January 10, calendar months, a fee in advance and usage in arrears

    document                 fee for                      usage of
    opening, January 10      January 10 to 31 (22/31)
    period, January 10-31    February                     January 10 to 31
    period, February         March                        February

An ended subscription has no next period, so its last document holds no fee in advance.  If the end
is taken back after that document, the fee it left out falls due with the next one.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.invoice import Purpose
from tallystick.kernel import Period
from tallystick.pricing import Price
from tallystick.subscriptions import BillingPeriod, share_of_period


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A price for one service period; ``share`` is the part of a whole period that this one is."""

    price: Price
    period: Period
    share: Fraction


def due_items(basis: Basis, *, period: Period, purpose: Purpose) -> tuple[Item, ...]:
    """
    Return what the document of a period and purpose is due to hold, in the order of the plan.

    Args:
        basis: the contract.
        period: one of the subscription's billing periods; only its beginning counts, for the end of
            the contract may have moved since.
        purpose: opening or period; a correction is due nothing of its own.
    """
    if purpose is Purpose.CORRECTION:
        return ()
    in_arrears = _begun_at(basis, period.start)
    in_advance = in_arrears
    if in_arrears is not None and purpose is Purpose.PERIOD:
        in_advance = _begun_at(basis, in_arrears.span.end)
    items = []
    for price in basis.plan.prices:
        service = in_advance if is_in_advance(price) else in_arrears
        if service is not None and (is_in_advance(price) or purpose is Purpose.PERIOD):
            share = share_of_period(service, basis.plan.proration)
            items.append(Item(price=price, period=service.span, share=share))
    return tuple(items)


def _begun_at(basis: Basis, at: datetime) -> BillingPeriod | None:
    """Return the billing period that begins at an instant, None where none does."""
    last = basis.billing_periods(through=at)[-1:]
    return next((one for one in last if one.span.start == at), None)


def is_in_advance(price: Price) -> bool:
    """Return whether a price falls due before its service period; usage never does."""
    return price.cadence == "advance" and price.meter is None


def share_in(basis: Basis, period: Period) -> Fraction | None:
    """
    Return the share of a service period in the whole one around it, by the plan's rule.

    None: the contract has no such period.
    """
    begun = {one.span: one for one in basis.billing_periods(through=period.start)}
    found = begun.get(period)
    return None if found is None else share_of_period(found, basis.plan.proration)
