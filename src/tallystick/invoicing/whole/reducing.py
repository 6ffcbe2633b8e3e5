"""
Documents in the order in which they fall due, each with its coupons and then its bounds.

    coupons    narrow ones first; of an amount that is used up, the next document gets the rest
    maximum    of what is left, for a period; its lines are lowered
    minimum    of what is left then; what is missing is due on the line of the bound itself
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import msgspec

from tallystick.catalog import qualified
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import fact_by_hand
from tallystick.invoicing.due import Item, bounded_span
from tallystick.invoicing.line import LineKey
from tallystick.invoicing.replay import Replayed
from tallystick.invoicing.whole.bounds import above_maximum, covered
from tallystick.invoicing.whole.coupons import Cut, Reducible, amount_of, take_off
from tallystick.invoicing.whole.slots import Slot, is_spend
from tallystick.kernel import EXACT, Amount, Money, PlanKey, PriceKey, plain, settle
from tallystick.pricing import Charge, SpendPrice, Step, price_for_share


def reduced(basis: Basis, found: Sequence[Replayed], slots: Iterable[Slot]) -> tuple[Replayed, ...]:
    """
    Return keys with what coupons and bounds of their documents do to them, in their order.

    Args:
        basis: the contract.
        found: the keys of all the documents, priced one by one, and others, which stay as they are.
        slots: the documents on which the keys depend, in the order of falling due.
    """
    run = _Run(basis, found)
    for slot in slots:
        run.settle(slot)
    return tuple(run.now[one.key.identity] for one in found)


def with_steps(charge: Charge, steps: Sequence[Step]) -> Charge:
    """Return a charge with more steps behind its own."""
    value = charge.amount.value
    for step in steps:
        value = EXACT.add(value, step.amount)
    amount = Amount(value=value, currency=charge.amount.currency)
    return msgspec.structs.replace(charge, amount=amount, steps=(*charge.steps, *steps))


class _Run:
    """The documents so far: what their keys come to, and what is left of amounts."""

    def __init__(self, basis: Basis, found: Sequence[Replayed]) -> None:
        self.now: dict[object, Replayed] = {one.key.identity: one for one in found}
        self._basis = basis
        self._found = found
        self._kept: dict[str, Money] = {}
        self._shared: list[Replayed] = []
        self._items: dict[object, Item] = {}

    def settle(self, slot: Slot) -> None:
        """Apply what counts on one document."""
        members = _members(slot, self._found)
        self._items |= {
            one.key.identity: slot.items[slot.places[one.key.price, one.key.period.start]]
            for one in members
        }
        if not slot.counts:
            return
        related = [*self._shared, *members]
        self._take_coupons(slot, members)
        for parts in _bounds_of(slot):
            related += self._bound(members, parts)
        for one in members:
            self.now[one.key.identity] = replace(
                self.now[one.key.identity],
                last_position=max(each.last_position for each in related),
                attribution=slot.attribution,
                beside=tuple(each.key for each in related),
            )
        self._shared += members if slot.is_shared else ()

    def _take_coupons(self, slot: Slot, members: Sequence[Replayed]) -> None:
        lines = [one for one in members if not is_spend(self._items[one.key.identity].price)]
        reducible = [_reducible(self._basis, one) for one in lines]
        cuts = take_off(reducible, slot.given, kept=self._kept)
        _use_up(self._kept, slot, cuts, self._basis)
        for at, one in enumerate(lines):
            charge = _lowered(one.charge, [cut for cut in cuts if cut.line == at])
            self.now[one.key.identity] = replace(one, charge=charge)

    def _bound(self, members: Sequence[Replayed], parts: Sequence[Item]) -> list[Replayed]:
        """Settle a bound, and return the keys of documents before that count towards it."""
        own = {one.key.identity: None for one in members}
        counting = [one for one in self.now.values() if self._counts(one, parts)]
        before = [one for one in counting if one.key.identity not in own]
        lines = [self.now[at] for at in own if self._counts(self.now[at], parts)]
        charged = _sum(before, self._basis)
        maximums = [self._maximum(one) for one in parts]
        if all(maximum is not None for maximum in maximums):
            whole = Amount(value=_added(maximums), currency=self._basis.currency)
            settled = [settle(one.charge.amount) for one in lines]
            cuts = above_maximum(whole, settled, charged=charged)
            for one, cut in zip(lines, cuts, strict=True):
                label = f"down to the maximum of {plain(whole.value)}"
                off = _exactly(one.charge, cut)
                self._lower(one, off, label, origin=f"bound:{parts[0].price.key}")
        self._cover(members, parts, total=_sum([*lines, *before], self._basis, self.now))
        return before

    def _maximum(self, part: Item) -> Decimal | None:
        """Return the maximum of a part of a bound, at the rate by which its line was converted."""
        value = price_for_share(part.price, part.share).maximum
        place = (part.price.key, part.period.start)
        rates = (
            one.charge.conversion.dated.rate.value
            for one in self._found
            if one.charge.conversion and (one.key.price, one.key.period.start) == place
        )
        rate = next(rates, None)
        return value if value is None or rate is None else EXACT.multiply(value, rate)

    def _cover(self, members: Sequence[Replayed], parts: Sequence[Item], total: Money) -> None:
        places = {(one.price.key, one.period.start) for one in parts}
        lines = [
            one
            for one in members
            if (one.key.price, one.key.period.start) in places
            and fact_by_hand(self._basis, one.key) is None
        ]
        for one, part in zip(
            lines, covered([one.charge.amount for one in lines], total), strict=True
        ):
            self._lower(one, part, "covered by other prices", origin=f"bound:{one.key.price}")

    def _lower(self, one: Replayed, off: Decimal, label: str, *, origin: str) -> None:
        if off:
            step = _step(label, EXACT.minus(off), origin)
            self.now[one.key.identity] = replace(one, charge=with_steps(one.charge, [step]))

    def _counts(self, one: Replayed, parts: Sequence[Item]) -> bool:
        """Tell whether a key counts towards a bound: by its price and its service period."""
        item = self._items.get(one.key.identity)
        model = parts[0].price.model
        if item is None or is_spend(item.price) or not isinstance(model, SpendPrice):
            return False
        first, last = parts[0], parts[-1]
        span = bounded_span(self._basis, last)
        in_part = (
            item.billed != last.billed
            or item.price.interval is not None
            or (first.period.start <= item.period.start < last.period.end)
        )
        return model.covers(item.price.key) and span.contains(item.billed.start) and in_part


def _bounds_of(slot: Slot) -> list[list[Item]]:
    """Return the bounds settled with a document; each with the parts of the period in order."""
    found: dict[PriceKey, list[Item]] = {}
    for item in slot.items:
        if is_spend(item.price):
            found.setdefault(item.price.key, []).append(item)
    return list(found.values())


def _sum(
    keys: Iterable[Replayed], basis: Basis, now: Mapping[object, Replayed] | None = None
) -> Money:
    total = Money(minor=0, currency=basis.currency)
    for one in keys:
        current = one if now is None else now[one.key.identity]
        total += settle(current.charge.amount)
    return total


def _added(values: Iterable[Decimal | None]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = total if value is None else EXACT.add(total, value)
    return total


def _step(label: str, amount: Decimal, origin: str) -> Step:
    return Step(
        label=label, quantity=None, unit_price=None, flat=amount, amount=amount, origin=origin
    )


def _members(slot: Slot, found: Iterable[Replayed]) -> list[Replayed]:
    """Return the keys of a document in the order of its lines, whatever they were asked with."""
    places: Mapping[tuple[PriceKey, datetime], int] = slot.places
    members = [one for one in found if (one.key.price, one.key.period.start) in places]
    return sorted(
        members, key=lambda one: (places[one.key.price, one.key.period.start], one.key.group)
    )


def _reducible(basis: Basis, one: Replayed) -> Reducible:
    price = basis.price_of(one.key)
    return Reducible(
        price=one.key.price,
        plan=plan_of(basis, one.key),
        meter=None if price is None else price.meter,
        money=settle(one.charge.amount),
    )


def plan_of(basis: Basis, key: LineKey) -> PlanKey:
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
        off = EXACT.minus(_exactly(charge, cut.money))
        charge = with_steps(charge, [_step(_label(cut), off, f"coupon:{cut.given.grant}")])
    return charge


def _exactly(charge: Charge, off: Money) -> Decimal:
    """
    Return how much money taken off a charge is of its exact amount.

    What is taken off in full leaves nothing, not even the part of a cent behind the rounding.
    """
    return charge.amount.value if settle(charge.amount) == off else off.decimal


def _label(cut: Cut) -> str:
    coupon = cut.given.coupon
    name = coupon.name or coupon.key
    return name if coupon.percent is None else f"{name} of {plain(coupon.percent)} %"
