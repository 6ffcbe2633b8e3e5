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

A price may have an interval of its own.  One that is not shorter than those of all plans of the
contract is due whole: in arrears on the document of the billing period in which its own period
ends, in advance on the one before that in which it begins.  A shorter one is due with each billing
period, cut at its boundaries, each part by its share:

    calendar months, a quarterly price by anniversary from January 15    January 15 to April 15,
                                                                         due on May 1
    calendar months, a weekly price                                      February 1 to 2 (2/7), ...,
                                                                         February 23 to 28 (6/7)

An ended subscription has no next period, so its last document holds no fee in advance.  If the end
is taken back after that document, the fee it left out falls due with the next one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from tallystick.catalog import Proration
from tallystick.invoicing.basis import Basis, agreed_prices, once, payer_since
from tallystick.invoicing.due.item import Item, Run, is_in_advance
from tallystick.invoicing.due.paying import is_paid
from tallystick.invoicing.due.terms import closes_term, share_of_term
from tallystick.invoicing.invoice import Purpose
from tallystick.kernel import Interval, IntervalUnit, Period, PriceKey
from tallystick.metering import RULES
from tallystick.pricing import Price, SpendPrice
from tallystick.subscriptions import AgreedPrice, BillingPeriod, Terms, share_of_part

_NOTHING = Decimal(0)
_ONCE = Decimal(1)
_DAYS = {
    IntervalUnit.HOUR: Fraction(1, 24),
    IntervalUnit.DAY: Fraction(1),
    IntervalUnit.WEEK: Fraction(7),
    IntervalUnit.MONTH: Fraction(30),
    IntervalUnit.QUARTER: Fraction(90),
    IntervalUnit.HALF_YEAR: Fraction(180),
    IntervalUnit.YEAR: Fraction(360),
}


def due_items(basis: Basis, *, period: Period, purpose: Purpose) -> tuple[Item, ...]:
    """
    Return what the document of a period and purpose is due to hold, in the order of the plans.

    Args:
        basis: the contract; of what another payer pays, nothing is due.
        period: one of the subscription's billing periods; only its beginning counts, for the end of
            the contract may have moved since.
        purpose: opening, period, or threshold, which is due the usage of the period alone;
            corrections and notes are due nothing of their own.
    """
    if purpose not in {Purpose.OPENING, Purpose.PERIOD, Purpose.THRESHOLD}:
        return ()
    return once(basis, ("due", period.start, purpose), lambda: _paid_items(basis, period, purpose))


def _paid_items(basis: Basis, period: Period, purpose: Purpose) -> tuple[Item, ...]:
    """Return what of a document's items the payer of the facts pays for."""
    return tuple(one for one in _due_items(basis, period, purpose) if is_paid(basis, one))


def _due_items(basis: Basis, period: Period, purpose: Purpose) -> tuple[Item, ...]:
    in_arrears = _begun_at(basis, period.start)
    if purpose is Purpose.THRESHOLD:
        falling = _falling_due(basis, in_arrears)
        metered = [item for item in falling if item.price.meter is not None]
        return _in_order(basis, metered)
    in_advance = in_arrears
    if in_arrears is not None and purpose is Purpose.PERIOD:
        # Whoever does not pay for the period that is closed is opened the next one.
        follows = payer_since(basis, in_arrears.span.start) == basis.payer
        in_advance = _begun_at(basis, in_arrears.span.end) if follows else None
    items = [item for item in _falling_due(basis, in_advance) if is_in_advance(item.price)]
    if purpose is Purpose.PERIOD:
        items += [item for item in _falling_due(basis, in_arrears) if not is_in_advance(item.price)]
    return _in_order(basis, items)


def _in_order(basis: Basis, items: Iterable[Item]) -> tuple[Item, ...]:
    """Return items in the order of the plans, then of time."""
    order = once(basis, "order", lambda: _order(basis))
    return tuple(sorted(items, key=lambda item: (-order[item.price.key], item.period.start)))


def _order(basis: Basis) -> dict[PriceKey, int]:
    return {key: index for index, key in enumerate(price.key for price in basis.prices[::-1])}


def items_around(basis: Basis, at: datetime) -> tuple[Item, ...]:
    """
    Return every item of the billing period that an instant lies in; none outside a contract.

    Of prices with intervals of their own: every item of that one which the instant lies in.
    """
    found: list[Item] = []
    around = basis.periods_of().last(at)
    if around is not None and around.span.contains(at):
        found += _items_in(basis, around)
    for price in _with_own_interval(basis):
        own = basis.periods_of(price).last(at)
        if own is not None and own.span.contains(at):
            found += _own_items(basis, price, own)
    return tuple(found)


def items_before(basis: Basis, item: Item) -> tuple[Item, ...]:
    """Return what the contract held of an item's price and meter before it, in order of time."""
    begun = basis.periods_of(item.price).through(item.period.start)
    found = (
        one
        for period in begun
        for one in (
            _items_in(basis, period)
            if item.price.interval is None
            else _own_items(basis, item.price, period)
        )
        if one.period.start < item.period.start
    )
    return tuple(
        sorted((one for one in found if _is_same(one, item)), key=lambda one: one.period.start)
    )


def _is_same(one: Item, other: Item) -> bool:
    """Tell whether two items count the same under one key, so that one may go on from the other."""
    return all(
        getattr(one.price, name) == getattr(other.price, name)
        for name in ("key", "meter", "unit", "group_by")
    )


def item_of(basis: Basis, price: PriceKey, period: Period) -> Item | None:
    """Return what the payer is to pay of a price for a service period, None if nothing."""
    found = (one for one in items_around(basis, period.start) if is_paid(basis, one))
    return next((one for one in found if (one.price.key, one.period) == (price, period)), None)


def _begun_at(basis: Basis, at: datetime) -> BillingPeriod | None:
    """Return the billing period that begins at an instant, None where none does."""
    last = basis.periods_of().last(at)
    return last if last is not None and last.span.start == at else None


def _falling_due(basis: Basis, billed: BillingPeriod | None) -> tuple[Item, ...]:
    """Return what is charged with a billing period: for it, and for own periods due with it."""
    if billed is None:
        return ()
    span = billed.span
    own = (
        item
        for price in _with_own_interval(basis)
        for one in basis.periods_of(price).touching(span)
        for item in _own_items(basis, price, one)
    )
    due = (item for item in own if item.billed == span)
    return (*_items_in(basis, billed), *due)


def _items_in(basis: Basis, around: BillingPeriod) -> tuple[Item, ...]:
    """Return what is charged for a billing period, price by price; a share of 0 charges no fee."""
    runs = [run for run in _runs(basis, around.span) if run.price.interval is None]
    return _joined(basis, runs, around, billed=around.span)


def _own_items(basis: Basis, price: Price, own: BillingPeriod) -> tuple[Item, ...]:
    """Return what is charged for a period of a price's own interval."""
    found: list[Item] = []
    for piece, billed in _pieces(basis, price, own):
        runs = [
            run
            for run in _runs(basis, piece, within=own.span)
            if (run.price.key, *_interval(run.price)) == (price.key, *_interval(price))
        ]
        found += _joined(basis, runs, own, billed=billed)
    return tuple(found)


def _pieces(basis: Basis, price: Price, own: BillingPeriod) -> Iterator[tuple[Period, Period]]:
    """Yield the parts of a price's own period, each with the billing period it is due with."""
    billed = [one.span for one in basis.periods_of().touching(own.span)]
    if _is_short(basis, price):
        for span in billed:
            if (shared := own.span.overlap(span)) is not None:
                yield shared, span
        return
    advance = is_in_advance(price)
    for span in billed:
        ends = span.start < own.span.end <= span.end
        if span.contains(own.span.start) if advance else ends:
            yield own.span, span


def _is_short(basis: Basis, price: Price) -> bool:
    """Tell whether a price's own interval is shorter than that of every plan of the contract."""
    plans = [plan for plan in basis.plans if not plan.add_on]
    return price.interval is not None and all(
        _days(price.interval) < _days(plan.interval) for plan in plans
    )


def _days(interval: Interval) -> Fraction:
    """Return how long an interval is, roughly: enough to tell a longer from a shorter one."""
    return interval.count * _DAYS[interval.of]


def _interval(price: Price) -> tuple[object, ...]:
    return (price.interval, price.alignment)


def _with_own_interval(basis: Basis) -> tuple[Price, ...]:
    """Return the prices of the contract that have one, each key and interval once."""
    found = {
        (price.key, *_interval(price)): price
        for price in basis.prices
        if price.interval is not None
    }
    return tuple(found.values())


def _joined(
    basis: Basis, runs: Iterable[Run], around: BillingPeriod, *, billed: Period
) -> tuple[Item, ...]:
    """Return the items of runs, those that go on joined; a share of 0 charges no fee."""
    by_price: dict[PriceKey, list[Run]] = {}
    for run in runs:
        before = by_price.setdefault(run.price.key, [])
        if before and _goes_on(before[-1], run):
            whole = Period(start=before[-1].period.start, end=run.period.end)
            before[-1] = replace(run, period=whole)
        else:
            before.append(run)
    for key, parts in by_price.items():
        by_price[key] = _at_period_end(basis, parts)
    items = (
        item
        for of_price in by_price.values()
        for run in of_price
        if closes_term(basis, run, around)
        for item in [_item(basis, run, around, billed=billed)]
    )
    return tuple(item for item in items if item.share or item.price.meter is not None)


def _item(basis: Basis, run: Run, around: BillingPeriod, *, billed: Period) -> Item:
    part, whole = (share_of_part(part, around, run.mode) for part in (run.period, around.span))
    return Item(
        price=run.price,
        period=run.period,
        share=share_of_term(basis, run, around),
        quantity=run.quantity,
        within=around.span,
        part=part / whole if whole else Fraction(1),
        tiers_from=run.tiers_from,
        around=around,
        mode=run.mode,
        billed=billed,
    )


def _runs(basis: Basis, span: Period, *, within: Period | None = None) -> Iterator[Run]:
    """
    Yield each price of each segment of the contract that charges it in a span.

    Tiers are counted within the period around the span; the same where none is given.
    """
    counted = within or span
    for segment in basis.segments():
        end = span.end if segment.end is None else min(segment.end, span.end)
        start = max(segment.start, span.start)
        if start >= end:
            continue
        for agreed in _charged(basis, segment.terms):
            yield Run(
                price=agreed.price,
                quantity=_taken(agreed),
                mode=agreed.mode,
                period=Period(start=start, end=end),
                tiers_from=max(segment.terms.tiers_from or counted.start, counted.start)
                if agreed.price.meter is not None
                else counted.start,
                at_period_end=agreed.at_period_end,
            )
    yield from _charged_once(basis, span)


def _taken(agreed: AgreedPrice) -> Decimal:
    """Return how much the contract takes of a price; how often it takes usage does not matter."""
    if isinstance(agreed.price.model, SpendPrice):
        return _NOTHING
    return agreed.quantity if agreed.price.meter is None else _ONCE


def _charged_once(basis: Basis, span: Period) -> Iterator[Run]:
    """Yield the fees that fall into a period once: in full, whatever is left of it."""
    for change in basis.subscription.changes:
        at = max(change.at, basis.subscription.start)
        if span.contains(at):
            for fee in change.fees:
                yield Run(
                    price=fee.stated_in(basis.currency.code),
                    quantity=Decimal(1),
                    mode=Proration.NONE,
                    period=Period(start=at, end=span.end),
                    tiers_from=span.start,
                )


def _at_period_end(basis: Basis, parts: list[Run]) -> list[Run]:
    """
    Join the parts of a period where the version in force at its end bills it whole.

    Only of meters that do not add, and only parts that follow each other and ask the same of usage.
    """
    last = parts[-1]
    if not last.at_period_end or last.price.meter is None:
        return parts
    if RULES[basis.meter_of(last.price).aggregation].adds:
        return parts
    asks = (last.price.meter, last.price.group_by)
    joined, rest = last, parts[:-1]
    while rest and rest[-1].period.end == joined.period.start:
        if (rest[-1].price.meter, rest[-1].price.group_by) != asks:
            break
        whole = Period(start=rest.pop().period.start, end=joined.period.end)
        joined = replace(last, period=whole)
    return [*rest, joined]


def _charged(basis: Basis, terms: Terms) -> Iterator[AgreedPrice]:
    """Yield the prices that terms charge: none while paused, usage alone in a trial."""
    if not terms.paused:
        yield from (
            agreed
            for agreed in agreed_prices(basis, terms)
            if agreed.price.meter is not None or not agreed.trial
        )


def _goes_on(before: Run, run: Run) -> bool:
    return before.period.end == run.period.start and before == replace(run, period=before.period)
