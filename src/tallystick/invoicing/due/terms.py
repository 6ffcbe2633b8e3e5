"""Bounds over several prices that are for several billing periods: when and how they settle."""

from fractions import Fraction

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due.item import Item, Run
from tallystick.kernel import Period
from tallystick.pricing import Price, SpendPrice
from tallystick.subscriptions import BillingPeriod, share_of_part


def bounded_span(basis: Basis, item: Item) -> Period:
    """Return the time for which a bound over several prices counts: its billing periods."""
    return Period(start=_term_of(basis, item.price, item.billed)[0].span.start, end=item.billed.end)


def _term_of(basis: Basis, price: Price, within: Period) -> tuple[BillingPeriod, ...]:
    """Return the billing periods of a price's term up to one of them; others have but that one."""
    begun = basis.billing_periods(through=within.start)
    length = price.model.periods if isinstance(price.model, SpendPrice) else 1
    return begun[-1 - (len(begun) - 1) % length :]


def closes_term(basis: Basis, run: Run, around: BillingPeriod) -> bool:
    """Tell whether a price is settled in a period: a term of several is in its last one."""
    model = run.price.model
    if not isinstance(model, SpendPrice) or model.periods == 1:
        return True
    end = basis.subscription.end
    is_last = len(_term_of(basis, run.price, around.span)) == model.periods
    ends = end is not None and end <= around.span.end
    return (is_last or ends) and run.period.end == around.span.end


def share_of_term(basis: Basis, run: Run, around: BillingPeriod) -> Fraction:
    """Return the share of a part in its term: of one period, or of all that it has."""
    model = run.price.model
    if not isinstance(model, SpendPrice) or model.periods == 1:
        return share_of_part(run.period, around, run.mode)
    term = _term_of(basis, run.price, around.span)
    return (
        sum((share_of_part(one.span, one, run.mode) for one in term), Fraction(0)) / model.periods
    )
