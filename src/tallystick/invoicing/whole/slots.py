"""
The documents of a contract as they fall due, with the coupons and bounds that count on each.

A key belongs to the document that was due to charge it, whichever corrects it later: so what late
usage adds to January changes what January's coupons take off, and leaves February's alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.catalog import GivenCoupon
from tallystick.invoicing.asked import attribution_of
from tallystick.invoicing.basis import Basis, once
from tallystick.invoicing.due import Item, bounded_span, due_items, items_before
from tallystick.invoicing.schedule import Due, due_documents
from tallystick.invoicing.spot import rates_within
from tallystick.kernel import AccountKey, Period, PriceKey, digest, instant_text
from tallystick.pricing import Price, SpendPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """
    A document that fell due, as it would be with all that is known now.

    Attributes:
        items: what it is due to hold, in the order of its lines.
        given: the coupons that count on it.
        attribution: of its keys, see `Basis.attribution`: whose usage counts, what is agreed and
            which coupons count in all the documents on which its coupons depend.
    """

    items: tuple[Item, ...]
    given: tuple[GivenCoupon, ...]
    attribution: str = ""

    @property
    def counts(self) -> bool:
        """Tell whether coupons count on it, or bounds are settled with it."""
        return bool(self.given) or any(is_spend(one.price) for one in self.items)

    @property
    def is_shared(self) -> bool:
        """Tell whether documents after it depend on it: an amount is used up in it."""
        return any(one.coupon.keeps_rest for one in self.given)

    @property
    def places(self) -> dict[tuple[PriceKey, datetime], int]:
        """Return the position of each price and service period."""
        return {(one.price.key, one.period.start): at for at, one in enumerate(self.items)}

    @property
    def span(self) -> Period:
        """Return the time from the first service period's beginning to the last one's end."""
        return Period(
            start=min(one.period.start for one in self.items),
            end=max(one.period.end for one in self.items),
        )


def related_slots(basis: Basis, items: Iterable[Item]) -> tuple[Slot, ...]:
    """
    Return the documents on which coupons and bounds of items depend, in the order of falling due.

    That are the documents which hold the items, those before in which an amount is used up, and
    those which charged in advance, or in a term of several periods, what counts towards a bound.
    """
    wanted = {(one.price.key, one.period.start): one for one in items}
    if not wanted or not (basis.coupons or any(map(is_spend, basis.prices))):
        return ()
    slots = _slots(basis, through=max(one.due_at for one in wanted.values()))
    holding = {
        at for at, slot in enumerate(slots) if slot.counts and wanted.keys() & slot.places.keys()
    }
    related = set(holding)
    for at in range(len(slots) - 1, -1, -1):
        related |= _needed(basis, slots, at) if at in related else set()
    return tuple(
        replace(slots[at], attribution=_attribution(basis, slots, at)) for at in sorted(related)
    )


def is_spend(price: Price) -> bool:
    """Tell whether a price is a bound over several others."""
    return isinstance(price.model, SpendPrice)


def _needed(basis: Basis, slots: list[Slot], at: int) -> set[int]:
    """Return the places of the documents before one that its coupons and bounds depend on."""
    spans = [bounded_span(basis, item) for item in slots[at].items if is_spend(item.price)]
    return {
        before
        for before, slot in enumerate(slots[:at])
        if (slot.is_shared and slots[at].counts)
        or any(span.contains(item.billed.start) for span in spans for item in slot.items)
    }


def _attribution(basis: Basis, slots: list[Slot], at: int) -> str:
    related = [slots[each] for each in sorted(_needed(basis, slots, at))] + [slots[at]]
    around = Period(
        start=min(_since(basis, one) for one in related), end=max(one.span.end for one in related)
    )
    given = [
        [one.grant, one.coupon.key, instant_text(one.at)] for each in related for one in each.given
    ]
    facts: dict[str, object] = {"around": basis.attribution(around), "coupons": given}
    shared = [
        attribution_of(basis, item)
        for each in related
        for item in each.items
        if item.price.shares_tiers or rates_within(item.price, item.period)
    ]
    if shared:
        facts["together"] = shared
    return digest(facts)


def _since(basis: Basis, slot: Slot) -> datetime:
    """Return since when usage counts on a document: of prices that reach back, that before it."""
    reaching = (
        one.period.start
        for item in slot.items
        if item.price.reaches_back
        for one in items_before(basis, item)[:1]
    )
    return min(reaching, default=slot.span.start)


def _slots(basis: Basis, *, through: datetime) -> list[Slot]:
    used: dict[str, int] = {}
    slots: list[Slot] = []
    for due, of in _documents(basis, through=through):
        items = due_items(of, period=due.period, purpose=due.purpose)
        if not items:
            continue
        given = tuple(
            one
            for one in basis.coupons
            if one.counts_at(due.at)
            and one.payer in {None, of.payer}
            and _has_documents_left(one, used.get(one.grant, 0))
        )
        for one in given:
            used[one.grant] = used.get(one.grant, 0) + 1
        slots.append(Slot(items=items, given=given))
    return slots


def _documents(basis: Basis, *, through: datetime) -> list[tuple[Due, Basis]]:
    """
    Return all documents due of a contract, with the facts of their payers; whoever pays them.

    What two payers are due at one instant comes in the order in which they pay.
    """
    payers = dict.fromkeys(one.payer for one in basis.payers if one.payer is not None)
    others = [basis if one == basis.payer else _paid_by(basis, one) for one in payers]
    found = [(due, of) for of in others or [basis] for due in due_documents(of, through=through)]
    return sorted(found, key=lambda one: one[0].at) if others else found


def _paid_by(basis: Basis, payer: AccountKey) -> Basis:
    return once(basis, ("paid by", payer), lambda: replace(basis, payer=payer))


def _has_documents_left(given: GivenCoupon, used: int) -> bool:
    most = given.coupon.documents
    return most is None or used < most
