"""
What everything comes to: prices alone, then coupons and bounds, document by document.

Computed anew at each run from all that the run knows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from tests.naive.days import TICK, Span, local
from tests.naive.facts import ZERO, Gift, Use, Year
from tests.naive.pieces import Key, Piece, Slot, pieces
from tests.naive.prices import cents, price_of, shared_out
from tests.naive.terms import Known


@dataclass(slots=True, kw_only=True)
class Whole:
    """What each key comes to in cents, before and after what is taken off whole documents."""

    pieces: dict[Key, Piece] = field(default_factory=dict)
    alone: dict[Key, int] = field(default_factory=dict)
    net: dict[Key, int] = field(default_factory=dict)
    rates: dict[Key, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """By which rate of exchange a key was billed, and on which day its document is issued."""

    kept: Mapping[Key, tuple[Span, Fraction]]
    issued: date


def everything(known: Known, until: datetime, rates: Rates) -> Whole:
    """
    Return what all comes to that falls due up to an instant.

    Args:
        known: what the run knows.
        until: what falls due up to here, or at it.
        rates: of exchange.
    """
    found = Whole()
    exact: dict[Key, Fraction] = {}
    due = pieces(known, until)
    for piece in due:
        rate = exchanged(known.year, piece, rates)
        found.pieces[piece.at] = piece
        found.rates[piece.at] = rate
        exact[piece.at] = rate * charged(known, piece, due)
        found.alone[piece.at] = cents(exact[piece.at])
    found.net = dict(found.alone)
    _take_off(known, found, exact)
    return found


def charged(known: Known, piece: Piece, due: Sequence[Piece]) -> Fraction:
    """Return what a piece comes to by itself, exactly."""
    rate, of = piece.holds.rate, piece.share
    if rate.of == "bound":
        return (rate.least or ZERO) * of
    if rate.of != "usage":
        return price_of(rate, ZERO, Fraction(piece.holds.quantity)) * of
    before = ZERO
    for one in due:
        is_before = one.key == piece.key and one.within[0] == piece.within[0]
        since = piece.holds.since or piece.within[0]
        if is_before and since <= one.span[0] < piece.span[0]:
            before += priced(known, one)
    return price_of(rate, before, priced(known, piece))


def priced(known: Known, piece: Piece) -> Fraction:
    """Return the units of a piece that are not included."""
    included = piece.holds.rate.included * piece.share
    return max(ZERO, used(known, piece.span) - included)


def used(known: Known, span: Span) -> Fraction:
    """Add up what was used in a time, as a run knows it."""
    end = span[1] if known.used_until is None else min(span[1], known.used_until)
    inside = (use for use in known.year.uses if span[0] <= use.at < end)
    return sum((quantity_known(use, known.run) for use in inside if use.known <= known.run), ZERO)


def quantity_known(use: Use, run: int) -> Fraction:
    """Return the quantity of a use, as a run knows it."""
    if use.corrected is not None and use.corrected[0] <= run:
        return use.corrected[1]
    return use.quantity


def exchanged(year: Year, piece: Piece, rates: Rates) -> Fraction:
    """
    Return the rate by which a piece is converted into the contract's currency.

    What was billed keeps its rate, and so does what is cut out of it.  Else it is the last one
    published by the day of issue (in advance), or by the last local day (in arrears).
    """
    if not year.exchange:
        return Fraction(1)
    if piece.at in rates.kept:
        return rates.kept[piece.at][1]
    for (key, _), (span, rate) in rates.kept.items():
        if key == piece.key and span[0] < piece.span[1] and piece.span[0] < span[1]:
            return rate
    advance = piece.holds.rate.advance
    on = rates.issued if advance else local(year, piece.span[1] - TICK)
    return max(one for one in year.published if one[0] <= on)[1]


# --- what is taken off whole documents


def _take_off(known: Known, found: Whole, exact: dict[Key, Fraction]) -> None:
    """Go through the documents as they fall due: coupons first, then bounds."""
    gifts = known.gifts
    counted = {one.name: 0 for one in gifts}
    left = {one.name: cents(one.amount) for one in gifts if one.used_up}
    slots: dict[Slot, list[Piece]] = {}
    for piece in sorted(found.pieces.values(), key=lambda one: one.due):
        slots.setdefault(piece.slot, []).append(piece)
    order = {at: number for number, at in enumerate(found.pieces)}
    for members in slots.values():
        members.sort(key=lambda one: order[one.at])
        due = members[0].due
        counting = [
            one
            for one in gifts
            if one.at <= due
            and (one.until is None or due < one.until)
            and (one.times is None or counted[one.name] < one.times)
        ]
        for one in counting:
            counted[one.name] += 1
        _give(found, members, counting, left)
        for key in dict.fromkeys(one.key for one in members if one.holds.rate.of == "bound"):
            _bound(found, members, [one for one in members if one.key == key], exact)


def _give(
    found: Whole, members: Sequence[Piece], gifts: Iterable[Gift], left: dict[str, int]
) -> None:
    """Take coupons off the lines of a document: narrow ones first, amounts before percentages."""
    lines = [one.at for one in members if one.holds.rate.of != "bound"]
    for gift in sorted(gifts, key=lambda one: (not one.keys, one.percent is not None)):
        chosen = [at for at in lines if not gift.keys or at[0] in gift.keys]
        weights = [max(found.net[at], 0) for at in chosen]
        base = sum(weights)
        if not base:
            continue
        if gift.percent is not None:
            off = cents(Fraction(base, 100) * gift.percent / 100)
        else:
            off = min(left.get(gift.name, cents(gift.amount)), base)
        if gift.name in left:
            left[gift.name] -= off
        for at, part in zip(chosen, shared_out(off, weights), strict=True):
            found.net[at] -= part


def _bound(
    found: Whole, members: Sequence[Piece], parts: Sequence[Piece], exact: dict[Key, Fraction]
) -> None:
    """
    Keep other prices below a bound together, and charge what is missing to it.

    Those count that are for the same period, from the first part of the bound to its last.
    """
    first, last = parts[0], parts[-1]
    over = first.holds.rate.over
    counting = [
        one.at
        for one in found.pieces.values()
        if one.holds.rate.of != "bound"
        and (not over or one.key in over)
        and one.billed[0] == last.billed[0]
        and one.due <= last.due
        and (one.holds.rate.every is not None or first.span[0] <= one.span[0] < last.span[1])
    ]
    own = {one.at for one in members}
    mosts = [one.holds.rate.most for one in parts]
    total = sum(found.net[at] for at in counting)
    if all(most is not None for most in mosts):
        most = sum((one.holds.rate.most or ZERO) * one.share * found.rates[one.at] for one in parts)
        lines = [at for at in counting if at in own]
        weights = [max(found.net[at], 0) for at in lines]
        excess = min(total - cents(Fraction(most)), sum(weights))
        if excess > 0:
            for at, off in zip(lines, shared_out(excess, weights), strict=True):
                found.net[at] -= off
            total -= excess
    covered = Fraction(max(total, 0), 100)
    for one in parts:
        part = min(covered, exact[one.at])
        covered -= part
        found.net[one.at] = cents(exact[one.at] - part)
