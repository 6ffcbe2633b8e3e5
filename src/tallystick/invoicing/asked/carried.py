"""
Where tiers stand in a later part of a billing period: behind what was used in its parts before.

    calls, 100 at 0.10, above at 0.05; another plan from March 16 on

    March 1 to 16     80 calls    80 at 0.10
    March 16 to 31    50 calls    20 at 0.10, 30 at 0.05, by the new plan's prices

What is included is taken off before it fills tiers.  Only tiers carry on; a change may say that
they begin anew.  Source: the project's semantics, "Subscriptions".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import billed_quantity
from tallystick.invoicing.due import Item
from tallystick.kernel import EXACT, PriceKey
from tallystick.metering import RULES, Fold, UsageRow, evidence_of
from tallystick.pricing import GraduatedPrice, VolumePrice, billable_quantity, price_for_share

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


def rows_before(
    before: Iterable[Item],
    rows: Mapping[tuple[PriceKey, datetime], Sequence[UsageRow]],
    group: tuple[str, ...],
) -> list[tuple[Item, UsageRow | None]]:
    """Return parts with what a group used in each; ``rows`` are by price and start of the part."""
    return [
        (
            one,
            next(
                (
                    row
                    for row in rows.get((one.price.key, one.period.start), ())
                    if row.group == group
                ),
                None,
            ),
        )
        for one in before
    ]


def filled_by(
    basis: Basis, before: Iterable[Item], row_of: Callable[[Item], UsageRow | None]
) -> Decimal:
    """
    Return how much of the tiers is filled, in the price's unit.

    Args:
        basis: the contract.
        before: `parts_before`.
        row_of: gives the usage of the group in a part, None where there was none.
    """
    total = Decimal(0)
    for item in before:
        row = row_of(item)
        if row is None:
            continue
        quantity = billed_quantity(
            row.fold.quantity,
            meter=basis.meter_of(item.price),
            price=item.price,
            declared=basis.units,
        )
        priced = billable_quantity(price_for_share(item.price, item.share), quantity)
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


def _adds(basis: Basis, item: Item) -> bool:
    return RULES[basis.meter_of(item.price).aggregation].adds
