"""
Where tiers stand in a later part of a billing period: behind what was used in its parts before.

    calls, 100 at 0.10, above at 0.05; another plan from March 16 on

    March 1 to 16     80 calls    80 at 0.10
    March 16 to 31    50 calls    20 at 0.10, 30 at 0.05, by the new plan's prices

What is included is taken off before it fills tiers.  Only tiers carry on; a change may say that
they begin anew.  Of a level that is prorated, the highest that it reached carries on: flat fees of
tiers up to there are paid.

A price may count its tiers over the contract, and let go on what is left of an allowance; then all
periods before count, in order of time, at what they included then.  Source: the project's
semantics, "Subscriptions" and "Prices".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from tallystick.invoicing.asked.detailed import parts_by_group
from tallystick.invoicing.asked.together import facts_together, window_together
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import (
    UsageOf,
    billed_quantity,
    changes_of,
    charge_of_item,
    detail_of,
)
from tallystick.invoicing.due import Item, items_around, items_before
from tallystick.invoicing.line import LineKey
from tallystick.invoicing.spot import rates_within
from tallystick.kernel import EXACT, Period, PriceKey, digest, plain
from tallystick.metering import RULES, Fold, UsageRow, evidence_of
from tallystick.pricing import (
    NO_DETAIL,
    Charge,
    Detail,
    GraduatedPrice,
    Need,
    StairstepPrice,
    Together,
    VolumePrice,
    billable_quantity,
    left_over,
    price_for_share,
    windows_of,
)

_NOTHING = Decimal(0)

_TIERED = (GraduatedPrice, VolumePrice, StairstepPrice)
_NO_EVIDENCE = evidence_of(())
_NO_USAGE = Fold(
    numerator=Decimal(0),
    denominator=Decimal(1),
    events=0,
    unmeterable=0,
    gap_seconds=Decimal(0),
)


def parts_before(basis: Basis, item: Item, items: Iterable[Item]) -> tuple[Item, ...]:
    """
    Return the items whose usage fills the tiers before an item's, in order of time.

    Args:
        basis: the contract.
        item: of a metered price.
        items: all of its billing period at least.
    """
    price = item.price
    if not _has_tiers(basis, item) and not price.reaches_back:
        return ()
    found = [
        one
        for one in items
        if (one.price.key, one.price.meter, one.price.unit, one.price.group_by)
        == (price.key, price.meter, price.unit, price.group_by)
        and one.period.start < item.period.start
        and (price.reaches_back or _fills_tiers(basis, item, one))
    ]
    return tuple(sorted(found, key=lambda one: one.period.start))


def items_behind(basis: Basis, item: Item) -> tuple[Item, ...]:
    """Return the items that may come before one: of its period, or since the contract began."""
    if item.price.reaches_back:
        return items_before(basis, item)
    return items_around(basis, item.period.start)


def attribution_of(basis: Basis, item: Item) -> str:
    """Return the attribution of an item: of all the time whose usage it follows from."""
    if rates := rates_within(item.price, item.period):
        prices = [(rate.at, plain(rate.unit_price)) for rate in rates]
        return digest({"around": basis.attribution(item.period), "prices": prices})
    if item.price.shares_tiers:
        around = basis.attribution(window_together(item))
        return digest({"around": around, "together": facts_together(basis, item)})
    if not item.price.reaches_back:
        return basis.attribution(item.period)
    first = min((one.period.start for one in items_before(basis, item)), default=item.period.start)
    return basis.attribution(Period(start=first, end=item.period.end))


def usage_before(
    before: Iterable[Item],
    rows: Mapping[tuple[PriceKey, datetime], Sequence[UsageRow]],
    group: tuple[str, ...],
) -> list[tuple[Item, UsageOf]]:
    """Return parts with what a group used in each; ``rows`` are by price and start of the part."""
    return [
        (one, usage_of(one, rows.get((one.price.key, one.period.start), ()), group))
        for one in before
    ]


def usage_of(item: Item, rows: Sequence[UsageRow], group: tuple[str, ...]) -> UsageOf:
    """Return what a group used of an item, from all rows of its window."""
    return UsageOf(
        group=group,
        row=next((row for row in rows if row.group == group), None),
        parts=parts_by_group(item.price, rows).get(group, ()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """
    What usage before leaves to an item, in the price's unit.

    Attributes:
        start: how much of the tiers is filled; of a level, the highest reached.
        first_paid: whether tier one's flat fee was due in one of them, though nothing was used.
        carried: what of allowances before is left.
        together: what others used that fill the same tiers; None: they are its own.
    """

    start: Decimal = _NOTHING
    first_paid: bool = False
    carried: Decimal = _NOTHING
    together: Together | None = None


NOTHING_BROUGHT = Brought()


def charged(
    basis: Basis, item: Item, usage: UsageOf, *, brought: Brought = NOTHING_BROUGHT
) -> Charge:
    """
    Return the exact charge of what a group used of an item, or what was fixed by hand.

    Args:
        basis: the contract.
        item: of a metered price.
        usage: of the group, with the detail that the price asks for.
        brought: what the parts before leave to it, see `brought_into`.

    Raises:
        UnitMismatch: the units measure different things.
        Unrateable: the detail lacks what the model needs, or a formula has no value.
    """
    if item.price.need is Need.CHANGES:
        quantity, changes = changes_of(basis, item, usage.parts)
        detail = msgspec.structs.replace(NO_DETAIL, changes=changes)
    else:
        quantity = quantity_of_part(basis, item, _used(basis, item, usage))
        detail = _with_windows(basis, item, usage, detail_of(basis, item.price, usage))
    if brought != NOTHING_BROUGHT:
        detail = msgspec.structs.replace(
            detail,
            start=brought.start,
            first_paid=brought.first_paid,
            carried=brought.carried,
            together=brought.together,
        )
    key = LineKey(
        subscription=basis.subscription.key,
        price=item.price.key,
        period=item.period,
        group=usage.group,
    )
    return charge_of_item(basis, key, item, quantity, detail)


def brought_into(
    basis: Basis, item: Item, before: Iterable[Item], usage_in: Callable[[Item], UsageOf]
) -> Brought:
    """
    Return what the parts before an item leave to it.

    Args:
        basis: the contract.
        item: of a metered price.
        before: `parts_before`.
        usage_in: gives the usage of the group in a part.
    """
    start = carried = _NOTHING
    first_paid = False
    for one in before:
        usage = usage_in(one)
        price = price_for_share(one.price, one.share)
        if _has_tiers(basis, item) and _fills_tiers(basis, item, one):
            first_paid |= getattr(one.price.model, "flat_at_zero", False)
            if one.price.need is Need.CHANGES:
                start = max(start, _highest(basis, one, usage))
            elif usage.row is not None:
                detail = _carrying(detail_of(basis, one.price, usage), carried)
                priced = billable_quantity(price, _used(basis, one, usage), detail=detail)
                start = EXACT.add(start, priced)
        if item.price.rollover is not None:
            detail = _carrying(detail_of(basis, one.price, usage), carried)
            carried = left_over(price, _used(basis, one, usage), detail=detail)
    return Brought(start=start, first_paid=first_paid, carried=carried)


def _carrying(detail: Detail, carried: Decimal) -> Detail:
    return msgspec.structs.replace(detail, carried=carried) if carried else detail


def quantity_of_part(basis: Basis, item: Item, quantity: Decimal) -> Decimal:
    """
    Return what a part bills of its quantity: all of it, or its share where the meter cannot add.

    A part of a period whose meter does not add (the most users at once) bills its own quantity
    times its share, so that the parts are a weighted mean.
    """
    if item.part == 1 or _adds(basis, item):
        return quantity
    product = EXACT.multiply(quantity, Decimal(item.part.numerator))
    return EXACT.divide(product, Decimal(item.part.denominator))


def row_without_usage(item: Item) -> UsageRow:
    """Return what stands for no usage; a price with groups shows it under empty values."""
    return UsageRow(
        window=item.period,
        group=("",) * len(item.price.group_by),
        fold=_NO_USAGE,
        evidence=_NO_EVIDENCE,
    )


def _with_windows(basis: Basis, item: Item, usage: UsageOf, detail: Detail) -> Detail:
    """Return a detail with how many windows the price commits to, in the time that was measured."""
    if item.price.need is not Need.PARTS:
        return detail
    measured = item.period if usage.row is None else usage.row.window
    (zone,) = basis.zones_of([measured])
    windows = windows_of(item.price.model, measured, zone=zone)
    return msgspec.structs.replace(detail, windows=windows) if windows else detail


def _used(basis: Basis, item: Item, usage: UsageOf) -> Decimal:
    """Return what was used, in the price's unit."""
    return billed_quantity(
        _NOTHING if usage.row is None else usage.row.fold.quantity,
        meter=basis.meter_of(item.price),
        price=item.price,
        declared=basis.units,
    )


def _highest(basis: Basis, item: Item, usage: UsageOf) -> Decimal:
    level = highest = _NOTHING
    for change in changes_of(basis, item, usage.parts)[1]:
        level = EXACT.add(level, change.quantity)
        highest = max(highest, level)
    return highest


def _has_tiers(basis: Basis, item: Item) -> bool:
    """Tell whether an item has tiers of its own that usage before may fill."""
    tiered = isinstance(item.price.model, _TIERED) and not item.price.shares_tiers
    return tiered and _adds(basis, item)


def _fills_tiers(basis: Basis, item: Item, before: Item) -> bool:
    """Tell whether usage before an item counts in its tiers; a change may have begun them anew."""
    if item.price.tiers_over == "contract":
        anew = basis.terms_at(item.period.start).tiers_from
        return anew is None or anew <= before.period.start
    return before.within.start == item.within.start and item.tiers_from <= before.period.start


def _adds(basis: Basis, item: Item) -> bool:
    return RULES[basis.meter_of(item.price).aggregation].adds
