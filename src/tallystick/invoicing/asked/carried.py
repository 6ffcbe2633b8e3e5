"""
Where tiers stand in a later part of a billing period: behind what was used in its parts before.

    calls, 100 at 0.10, above at 0.05; another plan from March 16 on

    March 1 to 16     80 calls    80 at 0.10
    March 16 to 31    50 calls    20 at 0.10, 30 at 0.05, by the new plan's prices

What is included is taken off before it fills tiers.  Only tiers carry on; a change may say that
they begin anew.  Of a level that is prorated, the highest that it reached carries on: flat fees of
tiers up to there are paid.  Source: the project's semantics, "Subscriptions".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from tallystick.invoicing.asked.detailed import parts_by_group
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import (
    UsageOf,
    billed_quantity,
    changes_of,
    charge_of_item,
    detail_of,
)
from tallystick.invoicing.due import Item
from tallystick.invoicing.line import LineKey
from tallystick.kernel import EXACT, PriceKey
from tallystick.metering import RULES, Fold, UsageRow, evidence_of
from tallystick.pricing import (
    NO_DETAIL,
    Charge,
    Detail,
    GraduatedPrice,
    Need,
    VolumePrice,
    billable_quantity,
    price_for_share,
    windows_of,
)

_NOTHING = Decimal(0)

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
    if not isinstance(price.model, GraduatedPrice | VolumePrice) or not _adds(basis, item):
        return ()
    found = [
        one
        for one in items
        if (one.price.key, one.price.meter, one.price.unit, one.price.group_by)
        == (price.key, price.meter, price.unit, price.group_by)
        and one.within.start == item.within.start
        and item.tiers_from <= one.period.start < item.period.start
    ]
    return tuple(sorted(found, key=lambda one: one.period.start))


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


def charged(basis: Basis, item: Item, usage: UsageOf, *, start: Decimal = _NOTHING) -> Charge:
    """
    Return the exact charge of what a group used of an item, or what was fixed by hand.

    Args:
        basis: the contract.
        item: of a metered price.
        usage: of the group, with the detail that the price asks for.
        start: what fills the tiers before it, see `filled_by`.

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
    detail = msgspec.structs.replace(detail, start=start) if start else detail
    key = LineKey(
        subscription=basis.subscription.key,
        price=item.price.key,
        period=item.period,
        group=usage.group,
    )
    return charge_of_item(basis, key, item, quantity, detail)


def filled_by(basis: Basis, before: Iterable[Item], usage_in: Callable[[Item], UsageOf]) -> Decimal:
    """
    Return how much of the tiers is filled, in the price's unit; of a level, the highest reached.

    Args:
        basis: the contract.
        before: `parts_before`.
        usage_in: gives the usage of the group in a part.
    """
    total = _NOTHING
    for item in before:
        usage = usage_in(item)
        if item.price.need is Need.CHANGES:
            total = max(total, _highest(basis, item, usage))
        elif usage.row is not None:
            priced = billable_quantity(
                price_for_share(item.price, item.share),
                _used(basis, item, usage),
                detail=detail_of(basis, item.price, usage),
            )
            total = EXACT.add(total, priced)
    return total


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


def _adds(basis: Basis, item: Item) -> bool:
    return RULES[basis.meter_of(item.price).aggregation].adds
