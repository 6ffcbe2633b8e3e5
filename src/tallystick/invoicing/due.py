"""
What a document is due to hold: which price, for which service period, at which share.

    subscription from January 10, calendar months, a fee in advance and usage in arrears

    document                 fee for                      usage of
    opening, January 10      January 10 to 31 (22/31)
    period, January 10-31    February                     January 10 to 31
    period, February         March                        February

Where the contract changes within a period, each price is due for each part of the period in which
it and its quantity are the same; a part with another price, or none, begins a new one:

    base 10.00 until February 10, 20.00 after it      base for February 1 to 10 (9/28)
    seats 5 until February 20, 8 after it             base for February 10 to 28 (19/28)
                                                      seats 5 for February 1 to 20, 8 for the rest

An ended subscription has no next period, so its last document holds no fee in advance.  If the end
is taken back after that document, the fee it left out falls due with the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from tallystick.catalog import Proration
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.invoice import Purpose
from tallystick.kernel import Period, PriceKey
from tallystick.pricing import Price, SpendPrice
from tallystick.subscriptions import AgreedPrice, BillingPeriod, Terms, share_of_part

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    A price for one service period.

    Attributes:
        share: the part of a whole period that the service period is.
        quantity: how much the contract takes of a price without a meter; of a bound over several
            prices nothing, for what these come to is known only when they are priced.
        within: the billing period around it.
        part: of the share of the billing period; 1 unless the contract changes within it.
        tiers_from: tiers are filled by what was used in the billing period since this instant.
    """

    price: Price
    period: Period
    share: Fraction
    quantity: Decimal = Decimal(1)
    within: Period
    part: Fraction = Fraction(1)
    tiers_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A part of a billing period in which a price is the same."""

    price: Price
    quantity: Decimal
    mode: Proration
    period: Period
    tiers_from: datetime


def due_items(basis: Basis, *, period: Period, purpose: Purpose) -> tuple[Item, ...]:
    """
    Return what the document of a period and purpose is due to hold, in the order of the plans.

    Args:
        basis: the contract.
        period: one of the subscription's billing periods; only its beginning counts, for the end of
            the contract may have moved since.
        purpose: opening or period; corrections and notes are due nothing of their own.
    """
    if purpose not in {Purpose.OPENING, Purpose.PERIOD}:
        return ()
    in_arrears = _begun_at(basis, period.start)
    in_advance = in_arrears
    if in_arrears is not None and purpose is Purpose.PERIOD:
        in_advance = _begun_at(basis, in_arrears.span.end)
    items = [item for item in _items_in(basis, in_advance) if is_in_advance(item.price)]
    if purpose is Purpose.PERIOD:
        items += [item for item in _items_in(basis, in_arrears) if not is_in_advance(item.price)]
    order = {key: index for index, key in enumerate(price.key for price in basis.prices[::-1])}
    return tuple(sorted(items, key=lambda item: (-order[item.price.key], item.period.start)))


def items_around(basis: Basis, at: datetime) -> tuple[Item, ...]:
    """Return every item of the billing period that an instant lies in; none outside a contract."""
    begun = basis.billing_periods(through=at)[-1:]
    return tuple(item for one in begun if one.span.contains(at) for item in _items_in(basis, one))


def is_in_advance(price: Price) -> bool:
    """Return whether a price falls due before its service period; usage never does."""
    return price.cadence == "advance" and price.meter is None


def item_of(basis: Basis, price: PriceKey, period: Period) -> Item | None:
    """Return what the contract holds of a price for a service period, None if nothing."""
    found = items_around(basis, period.start)
    return next((one for one in found if (one.price.key, one.period) == (price, period)), None)


def _begun_at(basis: Basis, at: datetime) -> BillingPeriod | None:
    """Return the billing period that begins at an instant, None where none does."""
    last = basis.billing_periods(through=at)[-1:]
    return next((one for one in last if one.span.start == at), None)


def _items_in(basis: Basis, around: BillingPeriod | None) -> tuple[Item, ...]:
    """Return what is charged for a billing period, price by price; a share of 0 charges no fee."""
    if around is None:
        return ()
    runs: dict[PriceKey, list[_Run]] = {}
    for run in _runs(basis, around.span):
        before = runs.setdefault(run.price.key, [])
        if before and _goes_on(before[-1], run):
            whole = Period(start=before[-1].period.start, end=run.period.end)
            before[-1] = replace(run, period=whole)
        else:
            before.append(run)
    items = (
        item
        for of_price in runs.values()
        for run in of_price
        if _closes_term(basis, run, around)
        for item in [_item(basis, run, around)]
    )
    return tuple(item for item in items if item.share or item.price.meter is not None)


def bounded_span(basis: Basis, item: Item) -> Period:
    """Return the time for which a bound over several prices counts: its billing periods."""
    return Period(start=_term_of(basis, item.price, item.within)[0].span.start, end=item.within.end)


def _term_of(basis: Basis, price: Price, within: Period) -> tuple[BillingPeriod, ...]:
    """Return the billing periods of a price's term up to one of them; others have but that one."""
    begun = basis.billing_periods(through=within.start)
    length = price.model.periods if isinstance(price.model, SpendPrice) else 1
    return begun[-1 - (len(begun) - 1) % length :]


def _closes_term(basis: Basis, run: _Run, around: BillingPeriod) -> bool:
    """Tell whether a price is settled in a period: a term of several is in its last one."""
    model = run.price.model
    if not isinstance(model, SpendPrice) or model.periods == 1:
        return True
    end = basis.subscription.end
    is_last = len(_term_of(basis, run.price, around.span)) == model.periods
    ends = end is not None and end <= around.span.end
    return (is_last or ends) and run.period.end == around.span.end


def _share_of_term(basis: Basis, run: _Run, around: BillingPeriod) -> Fraction:
    """Return the share of a part in its term: of one period, or of all that it has."""
    model = run.price.model
    if not isinstance(model, SpendPrice) or model.periods == 1:
        return share_of_part(run.period, around, run.mode)
    term = _term_of(basis, run.price, around.span)
    return (
        sum((share_of_part(one.span, one, run.mode) for one in term), Fraction(0)) / model.periods
    )


def _item(basis: Basis, run: _Run, around: BillingPeriod) -> Item:
    part, whole = (share_of_part(part, around, run.mode) for part in (run.period, around.span))
    return Item(
        price=run.price,
        period=run.period,
        share=_share_of_term(basis, run, around),
        quantity=run.quantity,
        within=around.span,
        part=part / whole if whole else Fraction(1),
        tiers_from=run.tiers_from,
    )


def _runs(basis: Basis, span: Period) -> Iterator[_Run]:
    """Yield each price of each segment of the contract that charges it within a period."""
    for segment in basis.segments():
        end = span.end if segment.end is None else min(segment.end, span.end)
        start = max(segment.start, span.start)
        if start >= end:
            continue
        for agreed in _charged(segment.terms):
            yield _Run(
                price=agreed.price,
                quantity=_NOTHING
                if isinstance(agreed.price.model, SpendPrice)
                else agreed.quantity,
                mode=agreed.mode,
                period=Period(start=start, end=end),
                tiers_from=max(segment.terms.tiers_from or span.start, span.start)
                if agreed.price.meter is not None
                else span.start,
            )


def _charged(terms: Terms) -> Iterator[AgreedPrice]:
    """Yield the prices that terms charge: none while paused, usage alone in a trial."""
    if not terms.paused:
        yield from (
            agreed
            for agreed in terms.agreed_prices()
            if agreed.price.meter is not None or not agreed.trial
        )


def _goes_on(before: _Run, run: _Run) -> bool:
    return before.period.end == run.period.start and before == replace(run, period=before.period)
