"""
Keys priced with what is taken off the whole document they belong to.

A coupon leaves a step in the charge of each line that it lowers, so that the line is net of it:
taxes, income, corrections and credit notes follow from the line as they always do.

    base 30.00, spring of 10 %    30.00 - 3.00 = 27.00
    cpu  70.00                    70.00 - 7.00 = 63.00

So does a maximum of several prices; what is missing to their minimum is a line of its own, from
which a step takes what they come to.

All is replayed from all facts known now: usage that comes late to one key may move what a coupon
takes off the others of its document, and off those of documents after it where an amount is used
up. So a key follows from the events of all of them.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypeAlias

from tallystick.invoicing.asked import Measured
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.converting import in_contract_currency
from tallystick.invoicing.due import Item, item_of, items_before
from tallystick.invoicing.line import LineKey
from tallystick.invoicing.replay import Billed, Replayed, replay
from tallystick.invoicing.whole.reducing import reduced
from tallystick.invoicing.whole.slots import related_slots
from tallystick.kernel import PriceKey
from tallystick.pricing import Step

Place: TypeAlias = tuple[PriceKey, datetime]


def priced(
    basis: Basis,
    items: Iterable[Item],
    measured: Iterable[Measured],
    *,
    billed: Iterable[Billed] = (),
    issue_on: date | None = None,
) -> tuple[Replayed, ...]:
    """
    Price items as `replay` does, convert them, and apply coupons and bounds of their documents.

    All of it is in the contract's currency then.

    Args:
        basis: the contract.
        items: what is priced.
        measured: the answers to the questions of the items, and of those `beside` them.
        billed: issued lines, for the groups that were billed and the rates that they keep.
        issue_on: the day of issue, where anything is converted.
    """
    items, billed = tuple(items), tuple(billed)
    near = beside(basis, items)
    found = replay(basis, (*items, *near), measured, billed=billed)
    found = in_contract_currency(found, basis, billed=billed, issue_on=issue_on)
    others = {(one.price.key, one.period.start) for one in near}
    now = reduced(basis, found, related_slots(basis, items))
    return tuple(one for one in now if (one.key.price, one.key.period.start) not in others)


def beside(basis: Basis, items: Iterable[Item]) -> tuple[Item, ...]:
    """
    Return the items besides these whose usage decides what these come to.

    They share coupons or bounds with these, or fill their tiers and leave them what was included.
    """
    own = {(one.price.key, one.period.start): one for one in items}
    slots = related_slots(basis, own.values())
    near = {(one.price.key, one.period.start): one for slot in slots for one in slot.items}
    for item in (*own.values(), *near.values()):
        if item.price.reaches_back:
            before = items_before(basis, item)
            near |= {(one.price.key, one.period.start): one for one in before}
    return tuple(one for at, one in near.items() if at not in own)


def converted_beside(basis: Basis, keys: Iterable[LineKey]) -> tuple[LineKey, ...]:
    """
    Return the keys of prices in other currencies whose usage decides what these keys come to.

    What was charged for them keeps its rate, so whoever makes the document of these keys again
    needs the documents that charged them.
    """
    return tuple(
        LineKey(subscription=basis.subscription.key, price=one.price.key, period=one.period)
        for one in beside(basis, _items_of(basis, keys))
        if one.price.money != basis.currency
    )


def attributions_of(basis: Basis, keys: Iterable[LineKey]) -> Mapping[Place, str]:
    """Return the attribution of those places of keys on whose documents coupons or bounds count."""
    slots = related_slots(basis, _items_of(basis, keys))
    return {place: slot.attribution for slot in slots if slot.counts for place in slot.places}


def taken_off_steps(
    basis: Basis,
    keys: Iterable[LineKey],
    measured: Iterable[Measured],
    *,
    billed: Iterable[Billed] = (),
    issue_on: date | None = None,
) -> Mapping[object, tuple[Step, ...]]:
    """
    Return the steps that lower keys because of their whole documents, by identity of the key.

    Args:
        basis: the contract.
        keys: those that are wanted.
        measured: usage of their items and of those `beside` them.
        billed: lines issued before, for the rates that they keep.
        issue_on: the day of issue, where anything is converted.

    Raises:
        InvariantBroken: there is no exchange rate for one of them.
    """
    items = _items_of(basis, keys)
    if not related_slots(basis, items):
        return {}
    return {
        one.key.identity: tuple(step for step in one.charge.steps if step.origin)
        for one in priced(basis, items, measured, billed=billed, issue_on=issue_on)
    }


def _items_of(basis: Basis, keys: Iterable[LineKey]) -> tuple[Item, ...]:
    places = {(key.price, key.period): None for key in keys}
    return tuple(
        item for price, period in places if (item := item_of(basis, price, period)) is not None
    )
