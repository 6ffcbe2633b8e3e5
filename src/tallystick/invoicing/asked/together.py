"""
Tiers that the accounts of a tree fill together: whose usage counts, and in which time.

    corp (pays) <- alpha, from January on     hours in March   90
                <- beta,  from March 10 on    hours since then 60

    alpha's line of March: 150 together, of which it bears 90/150
    beta's line of March 10 to 31: 150 together, of which it bears 60/150

What counts is the whole period around a line's, by the payer's boundaries, up to the end of the one
with which the line falls due: all of it is over then, and contracts that begin or change within it
count the same.  Each contract counts while it pays such a price.  The order of accounts, then of
contracts, decides who bears a cent.  Source: docs/decisions/0039-scope-of-tiers.md.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from tallystick.invoicing.basis import Basis, once
from tallystick.invoicing.charging import billed_quantity
from tallystick.invoicing.due import Item, items_around
from tallystick.invoicing.tree import Sold, agreed_times, sold_as
from tallystick.kernel import (
    AccountKey,
    Period,
    SubjectSpan,
    SubscriptionKey,
    instant_text,
)
from tallystick.metering import UsageRow, exact_sum
from tallystick.pricing import Together

RowsOf: TypeAlias = Callable[[SubscriptionKey, Period], Sequence[UsageRow]]
"""Gives the rows of a contract's usage in a piece of time, for all groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharer:
    """A contract that fills the tiers, with the pieces of time in which its usage counts."""

    account: AccountKey
    subscription: SubscriptionKey
    spans: tuple[SubjectSpan, ...]
    pieces: tuple[Period, ...]


def window_together(item: Item) -> Period:
    """Return the time in which usage fills the tiers that an item shares."""
    whole = item.around.whole
    return Period(start=whole.start, end=min(whole.end, item.billed.end))


def sharers(basis: Basis, item: Item) -> tuple[Sharer, ...]:
    """Return the contracts that fill an item's tiers, this one too; none if they are its own."""
    sold = sold_as(item.price)
    if sold is None:
        return ()
    window = window_together(item)
    key = ("sharers", sold, window, item.around.span)
    return once(basis, key, lambda: tuple(_sharers(basis, item, sold, window)))


def together(basis: Basis, item: Item, group: tuple[str, ...], rows_of: RowsOf) -> Together | None:
    """
    Return what fills an item's tiers besides its own usage, in its price's unit.

    Args:
        basis: the contract.
        item: of a metered price.
        group: of its line.
        rows_of: the usage of each contract.

    Raises:
        UnitMismatch: the meter's unit does not convert into the price's.
    """
    found = sharers(basis, item)
    if not found:
        return None
    own = next(at for at, one in enumerate(found) if one.subscription == _own(basis))
    used = [
        [
            billed_quantity(
                _used(rows_of(one.subscription, piece), group),
                meter=basis.meter_of(item.price),
                price=item.price,
                declared=basis.units,
            )
            for piece in one.pieces
        ]
        for one in found
    ]
    starts = [piece.start for piece in found[own].pieces]
    return Together(
        before=tuple(exact_sum(quantities) for quantities in used[:own]),
        after=tuple(exact_sum(quantities) for quantities in used[own + 1 :]),
        earlier=tuple(
            one for at, one in zip(starts, used[own], strict=True) if at < item.period.start
        ),
        later=tuple(
            one for at, one in zip(starts, used[own], strict=True) if at > item.period.start
        ),
    )


def last_position_together(
    basis: Basis, item: Item, group: tuple[str, ...], rows_of: RowsOf
) -> int:
    """Return the position of the latest event of all that fill an item's tiers, 0 if none does."""
    return max(
        (
            row.evidence.last_position
            for one in sharers(basis, item)
            for piece in one.pieces
            for row in rows_of(one.subscription, piece)
            if row.group == group and row.evidence is not None
        ),
        default=0,
    )


def facts_together(basis: Basis, item: Item) -> list[object]:
    """Return what decides whose usage of others fills an item's tiers, for its attribution."""
    return [
        (
            one.subscription,
            [(piece.start, piece.end) for piece in one.pieces],
            sorted(_clipped(one.spans, one.pieces)),
        )
        for one in sharers(basis, item)
        if one.subscription != _own(basis)
    ]


def _own(basis: Basis) -> SubscriptionKey:
    return basis.subscription.key


def _sharers(basis: Basis, item: Item, sold: Sold, window: Period) -> list[Sharer]:
    contract = basis.subscription
    mine = agreed_times(basis.segments(), sold)
    cuts = sorted(
        {
            at
            for one in items_around(basis, item.period.start)
            if sold_as(one.price) == sold
            for at in (one.period.start, one.period.end)
        }
    )
    found = [
        Sharer(
            account=contract.account,
            subscription=contract.key,
            spans=basis.spans,
            pieces=tuple(_cut(_within(window, mine), cuts)),
        )
    ]
    found += [
        Sharer(
            account=one.account,
            subscription=one.subscription,
            spans=one.spans,
            pieces=tuple(_within(window, one.agreed)),
        )
        for one in basis.tree
        if one.sold == sold
    ]
    return sorted(found, key=lambda one: (one.account, one.subscription))


def _within(window: Period, times: Iterable[tuple[datetime, datetime | None]]) -> Iterator[Period]:
    for start, end in times:
        begins, ends = max(start, window.start), min(end or window.end, window.end)
        if begins < ends:
            yield Period(start=begins, end=ends)


def _cut(periods: Iterable[Period], cuts: Sequence[datetime]) -> Iterator[Period]:
    for period in periods:
        begins = period.start
        for at in (*(at for at in cuts if period.start < at < period.end), period.end):
            yield Period(start=begins, end=at)
            begins = at


def _used(rows: Sequence[UsageRow], group: tuple[str, ...]) -> Decimal:
    return next((row.fold.quantity for row in rows if row.group == group), Decimal(0))


def _clipped(
    spans: Iterable[SubjectSpan], pieces: Iterable[Period]
) -> Iterator[tuple[str, str, str]]:
    for piece in pieces:
        for span in spans:
            begins = max(span.start or piece.start, piece.start)
            ends = min(span.end or piece.end, piece.end)
            if begins < ends:
                yield (span.subject, instant_text(begins), instant_text(ends))
