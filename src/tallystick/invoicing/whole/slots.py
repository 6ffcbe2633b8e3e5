"""
The documents of a contract as they fall due, with the coupons that count on each.

A key belongs to the document that was due to charge it, whichever corrects it later: so what late
usage adds to January changes what January's coupons take off, and leaves February's alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.catalog import GivenCoupon
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import Item, due_items, is_in_advance
from tallystick.invoicing.schedule import due_documents
from tallystick.kernel import Period, PriceKey, digest, instant_text


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


def couponed_slots(basis: Basis, items: Iterable[Item]) -> tuple[Slot, ...]:
    """
    Return the documents on whose coupons items depend, in the order in which they fall due.

    That are the documents which hold the items, and those before in which an amount is used up.
    """
    wanted = {(one.price.key, one.period.start): one for one in items}
    if not basis.coupons or not wanted:
        return ()
    slots = _slots(basis, through=max(_due_at(one) for one in wanted.values()))
    holding = [
        at for at, slot in enumerate(slots) if slot.given and wanted.keys() & slot.places.keys()
    ]
    return tuple(
        replace(slot, attribution=_attribution(basis, slots[:at], slot))
        for at, slot in enumerate(slots[: max(holding, default=-1) + 1])
        if at in holding or slot.is_shared
    )


def _attribution(basis: Basis, before: Iterable[Slot], slot: Slot) -> str:
    related = [*(one for one in before if one.is_shared), slot]
    around = Period(
        start=min(one.span.start for one in related), end=max(one.span.end for one in related)
    )
    given = [
        [one.grant, one.coupon.key, instant_text(one.at)] for each in related for one in each.given
    ]
    return digest({"around": basis.attribution(around), "coupons": given})


def _due_at(item: Item) -> datetime:
    return item.within.start if is_in_advance(item.price) else item.within.end


def _slots(basis: Basis, *, through: datetime) -> list[Slot]:
    used: dict[str, int] = {}
    slots: list[Slot] = []
    for due in due_documents(basis, through=through):
        items = due_items(basis, period=due.period, purpose=due.purpose)
        if not items:
            continue
        given = tuple(
            one
            for one in basis.coupons
            if one.counts_at(due.at) and _has_documents_left(one, used.get(one.grant, 0))
        )
        for one in given:
            used[one.grant] = used.get(one.grant, 0) + 1
        slots.append(Slot(items=items, given=given))
    return slots


def _has_documents_left(given: GivenCoupon, used: int) -> bool:
    most = given.coupon.documents
    return most is None or used < most
