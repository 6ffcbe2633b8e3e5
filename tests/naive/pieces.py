"""For which pieces of time each price is charged, with which document each falls due."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import TypeAlias

from tests.naive.days import Span, Stretch, around, share
from tests.naive.facts import Every
from tests.naive.terms import Holds, Known, in_order, offers_of, what_holds

Slot: TypeAlias = tuple[datetime, str]
"""A document that falls due: the period that it opens or closes, and which of the two."""

Key: TypeAlias = tuple[str, datetime]
"""A price, and when what it charges for begins."""

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A price for a time: of which period it is a share, with which document it falls due."""

    key: str
    span: Span
    within: Span
    holds: Holds
    share: Fraction
    billed: Span
    due: datetime
    slot: Slot

    @property
    def at(self) -> Key:
        """Return its key."""
        return self.key, self.span[0]


@dataclass(frozen=True, slots=True)
class Sold:
    """A price, whose periods may be its own."""

    key: str
    every: Every | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """A billing period, and with which document what is due before it falls due."""

    span: Span
    whole: Span
    before: Slot


def billing_periods(known: Known, until: datetime) -> list[Billed]:
    """
    Return the periods that begin up to an instant, or at it.

    An offer by another period ends the one that runs; from there on periods are counted its way.
    """
    starts = [(known.year.start, known.year.offer.every)]
    for change in known.changes:
        every = known.offer_at(change.at).every
        if every != starts[-1][1]:
            starts.append((change.at, every))
    found: list[Billed] = []
    before = (known.year.start, "opening")
    for number, (start, every) in enumerate(starts):
        stop = starts[number + 1][0] if number + 1 < len(starts) else _NEVER
        for each in tiles(known, every, start, min(stop, known.end or _NEVER)):
            if each.span[0] > until:
                break
            found.append(Billed(span=each.span, whole=each.whole, before=before))
            before = (each.span[0], "period")
    return found


def tiles(known: Known, every: Every, at: datetime, until: datetime) -> Iterator[Stretch]:
    """Return the periods of a time, from one boundary to the next; the first and last cut."""
    while at < until:
        whole = around(known.year, every, at)
        yield Stretch(span=(at, min(whole[1], until)), whole=whole)
        at = whole[1]


def parts(known: Known, sold: Sold, *, within: Span, span: Span) -> list[tuple[Span, Holds]]:
    """Return the parts of a time in which a rate, its quantity and the mode are the same."""
    cuts = {span[0], known.year.trial_end or span[0], *(one.at for one in known.changes)}
    found: list[tuple[datetime, datetime, Holds | None]] = []
    inside = sorted(cut for cut in cuts if span[0] <= cut < span[1])
    for at, upto in zip(inside, [*inside[1:], span[1]], strict=True):
        holds = what_holds(known, sold.key, at, sold.every)
        if holds is not None and holds.since is not None and holds.since <= within[0]:
            holds = replace(holds, since=None)
        if found and found[-1][2] == holds:
            found[-1] = found[-1][0], upto, holds
        else:
            found.append((at, upto, holds))
    return [((one, two), holds) for one, two, holds in found if holds is not None]


def pieces(known: Known, until: datetime) -> list[Piece]:
    """Return all that falls due up to an instant, in the order in which its lines stand."""
    billed = billing_periods(known, until)
    offers = offers_of(known.year)
    found = []
    for key in in_order(known.year):
        own = {rate.every for offer in offers for rate in offer.rates if rate.key == key}
        of_key = [
            piece
            for every in own
            for piece in _pieces_of(known, Sold(key, every), billed)
            if piece.due <= until and (piece.share or piece.holds.rate.of == "usage")
        ]
        found += sorted(of_key, key=lambda one: one.span[0])
    return found


def _pieces_of(known: Known, sold: Sold, billed: list[Billed]) -> Iterator[Piece]:
    """
    Return the pieces of a price, in the contract's periods or its own.

    One whose periods are shorter than those of all offers is cut where theirs end; any other is due
    whole: in advance with the period in which its own begins, in arrears with that in which it
    ends.
    """
    every = sold.every
    if every is None:
        for each in billed:
            own = Stretch(span=each.span, whole=each.whole)
            yield from _cut(known, sold, own, each, each.span)
        return
    plans = [one for one in offers_of(known.year) if one is not known.year.extra]
    is_short = all(every.days < plan.every.days for plan in plans)
    until = min(billed[-1].span[1], known.end or _NEVER)
    for own in _own(known, every, until):
        for each in billed:
            shared = max(own.span[0], each.span[0]), min(own.span[1], each.span[1])
            if is_short:
                if shared[0] < shared[1]:
                    yield from _cut(known, sold, own, each, shared)
                continue
            begins = each.span[0] <= own.span[0] < each.span[1]
            ends = each.span[0] < own.span[1] <= each.span[1]
            for piece in _cut(known, sold, own, each, own.span) if begins or ends else ():
                if begins if piece.holds.rate.advance else ends:
                    yield piece


def _own(known: Known, every: Every, until: datetime) -> Iterator[Stretch]:
    """Return a price's own periods that begin before an instant, none cut but by the end."""
    for own in tiles(known, every, known.year.start, known.end or _NEVER):
        if own.span[0] >= until:
            return
        yield own


def _cut(known: Known, sold: Sold, own: Stretch, billed: Billed, span: Span) -> Iterator[Piece]:
    """Return the parts of a span in which the same is agreed, each with its share and document."""
    for part, holds in parts(known, sold, within=own.span, span=span):
        advance = holds.rate.advance
        yield Piece(
            key=sold.key,
            span=part,
            within=own.span,
            holds=holds,
            share=share(known.year, part, own.whole, mode=holds.mode, end=known.end),
            billed=billed.span,
            due=billed.span[0] if advance else billed.span[1],
            slot=billed.before if advance else (billed.span[0], "period"),
        )
