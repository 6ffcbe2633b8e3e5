"""
Keys priced with what is taken off the whole document they belong to.

A coupon leaves a step in the charge of each line that it lowers, so that the line is net of it:
taxes, income, corrections and credit notes follow from the line as they always do.

    base 30.00, spring of 10 %    30.00 - 3.00 = 27.00
    cpu  70.00                    70.00 - 7.00 = 63.00

All is replayed from all facts known now: usage that comes late to one key may move what a coupon
takes off the others of its document, and off those of documents after it where an amount is used
up. So a key follows from the events of all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

import msgspec

from tallystick.catalog import qualified
from tallystick.invoicing.asked import Measured
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import Item, item_of
from tallystick.invoicing.line import LineKey
from tallystick.invoicing.replay import Billed, Replayed, replay
from tallystick.invoicing.whole.coupons import Cut, Reducible, amount_of, take_off
from tallystick.invoicing.whole.slots import Slot, couponed_slots
from tallystick.kernel import (
    EXACT,
    Amount,
    Money,
    PlanKey,
    PriceKey,
    plain,
    settle,
)
from tallystick.pricing import Charge, Step

Place: TypeAlias = tuple[PriceKey, datetime]


def priced(
    basis: Basis,
    items: Iterable[Item],
    measured: Iterable[Measured],
    *,
    billed: Iterable[Billed] = (),
) -> tuple[Replayed, ...]:
    """
    Price items as `replay` does, and take off what coupons take off their documents.

    Args:
        basis: the contract.
        items: what is priced.
        measured: the answers to the questions of the items, and of those `beside` them.
        billed: issued lines, for the groups that were billed.
    """
    items = tuple(items)
    near = beside(basis, items)
    found = replay(basis, (*items, *near), measured, billed=billed)
    others = {(one.price.key, one.period.start) for one in near}
    reduced = _reduced(basis, found, couponed_slots(basis, items))
    return tuple(one for one in reduced if (one.key.price, one.key.period.start) not in others)


def beside(basis: Basis, items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items besides these whose usage decides what coupons take off these."""
    own = {(one.price.key, one.period.start): one for one in items}
    slots = couponed_slots(basis, own.values())
    near = {(one.price.key, one.period.start): one for slot in slots for one in slot.items}
    return tuple(one for at, one in near.items() if at not in own)


def attributions_of(basis: Basis, keys: Iterable[LineKey]) -> Mapping[Place, str]:
    """Return the attribution of those places of keys on whose documents coupons count."""
    slots = couponed_slots(basis, _items_of(basis, keys))
    return {place: slot.attribution for slot in slots for place in slot.places}


def taken_off_steps(
    basis: Basis, keys: Iterable[LineKey], measured: Iterable[Measured]
) -> Mapping[object, tuple[Step, ...]]:
    """
    Return the steps that lower keys because of their whole documents, by identity of the key.

    Args:
        basis: the contract.
        keys: those that are wanted.
        measured: usage of their items and of those `beside` them.
    """
    items = _items_of(basis, keys)
    if not couponed_slots(basis, items):
        return {}
    return {
        one.key.identity: tuple(step for step in one.charge.steps if step.origin)
        for one in priced(basis, items, measured)
    }


def with_steps(charge: Charge, steps: Sequence[Step]) -> Charge:
    """Return a charge with more steps behind its own."""
    value = charge.amount.value
    for step in steps:
        value = EXACT.add(value, step.amount)
    amount = Amount(value=value, currency=charge.amount.currency)
    return msgspec.structs.replace(charge, amount=amount, steps=(*charge.steps, *steps))


def _items_of(basis: Basis, keys: Iterable[LineKey]) -> tuple[Item, ...]:
    places = {(key.price, key.period): None for key in keys}
    return tuple(
        item for price, period in places if (item := item_of(basis, price, period)) is not None
    )


def _reduced(
    basis: Basis, found: Sequence[Replayed], slots: Iterable[Slot]
) -> tuple[Replayed, ...]:
    by_identity: dict[object, Replayed] = {one.key.identity: one for one in found}
    kept: dict[str, Money] = {}
    before: list[Replayed] = []
    for slot in slots:
        members = _members(slot, found)
        cuts = take_off([_reducible(basis, one) for one in members], slot.given, kept=kept)
        _use_up(kept, slot, cuts, basis)
        shared = [*before, *members]
        for at, one in enumerate(members):
            by_identity[one.key.identity] = replace(
                one,
                charge=_lowered(one.charge, [cut for cut in cuts if cut.line == at]),
                last_position=max(each.last_position for each in shared),
                attribution=slot.attribution,
                beside=tuple(each.key for each in shared),
            )
        before = shared if slot.is_shared else before
    return tuple(by_identity[one.key.identity] for one in found)


def _members(slot: Slot, found: Iterable[Replayed]) -> list[Replayed]:
    """Return the keys of a document in the order of its lines, whatever they were asked with."""
    places: Mapping[Place, int] = slot.places
    members = [one for one in found if (one.key.price, one.key.period.start) in places]
    return sorted(
        members, key=lambda one: (places[one.key.price, one.key.period.start], one.key.group)
    )


def _reducible(basis: Basis, one: Replayed) -> Reducible:
    price = basis.price_of(one.key)
    return Reducible(
        price=one.key.price,
        plan=_plan_of(basis, one.key),
        meter=None if price is None else price.meter,
        money=settle(one.charge.amount),
    )


def _plan_of(basis: Basis, key: LineKey) -> PlanKey:
    """Return the plan, or the add-on, whose price a key names."""
    terms = basis.terms_at(key.period.start)
    sold = (
        taken.plan.plan
        for taken in terms.add_ons
        for price in taken.plan.prices
        if qualified(taken.plan, price).key == key.price
    )
    return next(sold, terms.plan.plan)


def _use_up(kept: dict[str, Money], slot: Slot, cuts: Iterable[Cut], basis: Basis) -> None:
    for given in slot.given:
        if given.coupon.keeps_rest:
            kept.setdefault(given.grant, amount_of(given, basis.currency))
    for cut in cuts:
        if cut.given.grant in kept:
            kept[cut.given.grant] -= cut.money


def _lowered(charge: Charge, cuts: Iterable[Cut]) -> Charge:
    """Return a charge with a step for each coupon that lowers it; never below nothing."""
    for cut in cuts:
        # What is taken off in full leaves nothing, not even the part of a cent behind the rounding.
        is_all = settle(charge.amount) == cut.money
        off = EXACT.minus(charge.amount.value if is_all else cut.money.decimal)
        step = Step(
            label=_label(cut),
            quantity=None,
            unit_price=None,
            flat=off,
            amount=off,
            origin=cut.given.grant,
        )
        charge = with_steps(charge, [step])
    return charge


def _label(cut: Cut) -> str:
    coupon = cut.given.coupon
    name = coupon.name or coupon.key
    return name if coupon.percent is None else f"{name} of {plain(coupon.percent)} %"
