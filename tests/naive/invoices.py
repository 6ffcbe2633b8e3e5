"""
Every invoice of a year, the slow way.

Written from the decided behaviour alone, and importing nothing of the product: its own dates, its
own fractions, its own rounding; plain loops over days, changes and events. Where the product keeps
what it settled and computes differences, this computes everything anew at each run.

A run of billing happens at an instant and knows the facts up to its number. It makes lines: for a
price and a part of a month, in cents. What was charged for the same price and part before is taken
off; a part that is due no longer is given back.

    fees in advance             due when their month begins
    usage and fees in arrears   due when their month is over

A run at which nothing falls due corrects fees, once a change has taken effect that makes another
sum of them, and usage with them; after the end of a contract each run does. Otherwise what came
late waits for the next month's invoice.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import TypeAlias

from tests.naive.facts import ZERO, Change, Offer, Rate, Tier, Use, Year

Span: TypeAlias = tuple[datetime, datetime]
Key: TypeAlias = tuple[str, datetime, datetime]
DAY = timedelta(days=1)


def cents(amount: Fraction) -> int:
    """Round an amount of money to whole cents, halves away from zero."""
    hundredfold = abs(amount) * 100
    whole = hundredfold.numerator // hundredfold.denominator
    if hundredfold - whole >= Fraction(1, 2):
        whole += 1
    return -whole if amount < 0 else whole


# --- days and months of the payer


def midnight(year: Year, day: date) -> datetime:
    """Return the instant at which a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=year.zone).astimezone(UTC)


def local(year: Year, at: datetime) -> date:
    """Return the local day of an instant."""
    return at.astimezone(year.zone).date()


def boundary(year: Year, months: int) -> datetime:
    """Return the k-th boundary: so many months after the month of the start, the day clamped."""
    first = local(year, year.start)
    index = first.year * 12 + first.month - 1 + months
    in_year, month = index // 12, index % 12 + 1
    last = monthrange(in_year, month)[1]
    return midnight(year, date(in_year, month, min(year.anchor_day, last)))


def whole_months(year: Year, until: datetime) -> Iterator[Span]:
    """Return the anchor-aligned months from the one of the start to the one of an instant."""
    number = -1
    while boundary(year, number) < until:
        span = boundary(year, number), boundary(year, number + 1)
        if span[1] > year.start:
            yield span
        number += 1


def days_ending_in(year: Year, span: Span) -> int:
    """Count the local days whose end lies in a span: after its start, up to and with its end."""
    found = 0
    day = local(year, span[0])
    while midnight(year, day + DAY) <= span[1]:
        found += midnight(year, day + DAY) > span[0]
        day += DAY
    return found


# --- what is agreed


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is agreed on at an instant."""

    offer: Offer
    seats: int
    paused: bool
    trial: bool


def known_changes(year: Year, run: int) -> list[Change]:
    """Return what a run knows to have changed, in order of time; at one instant as agreed."""
    return sorted((one for one in year.changes if one.known <= run), key=lambda one: one.at)


def ending(year: Year, run: int) -> datetime | None:
    """Return the end of the contract, as a run knows it."""
    return year.end if year.end is not None and year.end_known <= run else None


def terms_at(year: Year, run: int, at: datetime) -> Terms:
    """Return what is agreed on at an instant."""
    offer, seats, paused = year.offer, 1, False
    for change in known_changes(year, run):
        if change.at <= at:
            offer = change.offer or offer
            seats = seats if change.seats is None else change.seats
            paused = paused if change.paused is None else change.paused
    trial = year.trial_end is not None and at < year.trial_end
    return Terms(offer=offer, seats=seats, paused=paused, trial=trial)


Holds: TypeAlias = tuple[Rate, int, str, datetime | None]


def what_holds(year: Year, run: int, key: str, at: datetime, month: Span) -> Holds | None:
    """
    Return what is agreed of a key at an instant; None if nothing is due.

    That is its rate, its quantity, the mode, and since when its tiers are counted anew.
    """
    terms = terms_at(year, run, at)
    rate = next((one for one in terms.offer.rates if one.key == key), None)
    if rate is None or terms.paused or (terms.trial and rate.of != "usage"):
        return None
    restarts = [one.at for one in known_changes(year, run) if one.restart and one.at <= at]
    since = max([month[0], *restarts]) if rate.of == "usage" else None
    return rate, terms.seats if rate.of == "seats" else 1, terms.offer.mode, since


def parts(year: Year, run: int, key: str, month: Span) -> list[tuple[Span, Holds]]:
    """Return the parts of a month in which a rate, its quantity and the mode are the same."""
    end = ending(year, run)
    start, until = max(month[0], year.start), month[1] if end is None else min(month[1], end)
    cuts = {start} | {one.at for one in known_changes(year, run)}
    cuts |= {at for at in (year.trial_end,) if at is not None}
    found: list[tuple[datetime, datetime, Holds | None]] = []
    inside = sorted(cut for cut in cuts if start <= cut < until)
    for at, upto in zip(inside, [*inside[1:], until], strict=False):
        holds = what_holds(year, run, key, at, month)
        if found and found[-1][2] == holds:
            found[-1] = found[-1][0], upto, holds
        else:
            found.append((at, upto, holds))
    return [((one, two), holds) for one, two, holds in found if holds is not None]


def share(year: Year, run: int, part: Span, month: Span, mode: str) -> Fraction:
    """Return the share of a whole month that a part of it carries."""
    if mode == "none":
        return Fraction(1)
    if mode == "second":
        of = part[1] - part[0], month[1] - month[0]
        return Fraction(of[0] // timedelta(microseconds=1), of[1] // timedelta(microseconds=1))
    start, until = part
    if until == ending(year, run):
        until = max(until, midnight(year, local(year, until - timedelta(microseconds=1)) + DAY))
    return Fraction(days_ending_in(year, (start, until)), days_ending_in(year, month))


# --- prices


def price_of(rate: Rate, before: Fraction, quantity: Fraction) -> Fraction:
    """Return what a quantity costs that follows on another one in the same month."""
    if rate.model == "flat":
        return rate.tiers[0].flat
    if rate.model == "unit":
        return quantity * rate.tiers[0].unit
    if rate.model == "package":
        blocks = -(-quantity // rate.size)
        return blocks * rate.tiers[0].unit
    if rate.model == "graduated":
        return graduated(rate.tiers, before, quantity)
    reached = tier_reached(rate.tiers, before + quantity)
    if rate.model == "volume":
        flat = reached.flat if quantity > 0 else ZERO
        return quantity * reached.unit + flat
    return reached.flat if quantity > 0 else ZERO


def graduated(tiers: tuple[Tier, ...], before: Fraction, quantity: Fraction) -> Fraction:
    """Return the cost of the units from one position to another, each in its tier."""
    total, lower, after = ZERO, ZERO, before + quantity
    for tier in tiers:
        top = after if tier.up_to is None else min(after, tier.up_to)
        bottom = max(before, lower)
        if top > bottom:
            total += (top - bottom) * tier.unit
            if bottom == lower:
                total += tier.flat
        if tier.up_to is None or tier.up_to >= after:
            break
        lower = tier.up_to
    return total


def tier_reached(tiers: tuple[Tier, ...], quantity: Fraction) -> Tier:
    """Return the tier in which a quantity ends; an upper bound belongs to its tier."""
    for tier in tiers:
        if tier.up_to is None or quantity <= tier.up_to:
            return tier
    raise AssertionError("the last tier has no end")


def used(year: Year, run: int, part: Span) -> Fraction:
    """Add up what was used in a part, as a run knows it."""
    total = ZERO
    for use in year.uses:
        if use.known <= run and part[0] <= use.at < part[1]:
            total += quantity_known(use, run)
    return total


def quantity_known(use: Use, run: int) -> Fraction:
    """Return the quantity of a use, as a run knows it."""
    if use.corrected is not None and use.corrected[0] <= run:
        return use.corrected[1]
    return use.quantity


def charges(year: Year, run: int, key: str, month: Span, *, over: bool) -> dict[Key, int]:
    """Return what a key comes to in each part of a month, in cents; arrears only if it is over."""
    found: dict[Key, int] = {}
    position, counted_since = ZERO, None
    for part, (rate, quantity, mode, since) in parts(year, run, key, month):
        if not (over or rate.advance):
            continue
        of = share(year, run, part, month, mode)
        if rate.of != "usage":
            exact = price_of(rate, ZERO, Fraction(quantity)) * of
        else:
            if since != counted_since:
                position, counted_since = ZERO, since
            priced = max(ZERO, used(year, run, part) - rate.included * of)
            exact = price_of(rate, position, priced)
            position += priced
        found[key, *part] = cents(exact)
    return found


# --- runs and documents


@dataclass(slots=True, kw_only=True)
class Billed:
    """What runs made of a year."""

    settled: dict[Key, int] = field(default_factory=dict)
    runs: list[dict[Key, int]] = field(default_factory=list)


def due(year: Year, run: int, at: datetime) -> dict[Key, int]:
    """Return all that a contract comes to up to an instant, as a run knows it."""
    found: dict[Key, int] = {}
    end = ending(year, run)
    for month in whole_months(year, at + timedelta(microseconds=1)):
        if end is None or month[0] < end:
            over = month[1] <= at or (end is not None and end <= at)
            for key in keys_of(year):
                found |= charges(year, run, key, month, over=over)
    return found


def keys_of(year: Year) -> list[str]:
    """Return the keys of all rates that a year knows; that of usage is `usage`."""
    known = [year.offer, *(one.offer for one in year.changes if one.offer is not None)]
    return sorted({rate.key for offer in known for rate in offer.rates})


def falls_due(year: Year, run: int, at: datetime) -> bool:
    """Tell whether a month begins or is over at an instant, and something is charged for it."""
    end = ending(year, run)
    if end is not None and end <= at:
        return True
    return any(
        at == (max(month[0], year.start) if rate.advance else month[1])
        for month in whole_months(year, at + timedelta(microseconds=1))
        for key in keys_of(year)
        for _, (rate, *_) in parts(year, run, key, month)
    )


def bill(year: Year, at: list[datetime]) -> Billed:
    """Bill a year at some instants, in order of time."""
    billed = Billed()
    for run, instant in enumerate(at):
        entries: dict[Key, int] = {}
        if falls_due(year, run, instant) or is_corrected(year, run, instant, billed):
            entries = differences(due(year, run, instant), billed)
        for key, minor in entries.items():
            billed.settled[key] = billed.settled.get(key, 0) + minor
        billed.runs.append(entries)
    return billed


def is_corrected(year: Year, run: int, at: datetime, billed: Billed) -> bool:
    """Tell whether fees come to something else, for changes that have taken effect."""
    effective = replace(year, changes=tuple(one for one in year.changes if one.at <= at))
    if not known_changes(effective, run):
        return False
    return all(
        any(key[0] != "usage" for key in differences(due(known, run, at), billed))
        for known in (year, effective)
    )


def differences(now: dict[Key, int], billed: Billed) -> dict[Key, int]:
    """Return what is still to be charged for each key, below zero for what is given back."""
    found = {
        key: now.get(key, 0) - billed.settled.get(key, 0)
        for key in sorted(now.keys() | billed.settled.keys())
    }
    return {key: minor for key, minor in found.items() if minor}


# --- taxes


@dataclass(slots=True)
class Taxes:
    """What was taxed together so far: by the document that charged a price and part first."""

    year: Year
    whole_of: dict[tuple[str, datetime], int] = field(default_factory=dict)
    net: dict[int, int] = field(default_factory=dict)
    issued: dict[int, int] = field(default_factory=dict)

    def of_document(self, number: int, lines: list[tuple[str, datetime, int]]) -> int:
        """
        Return the tax of a document: of what it charges first, and of what it corrects.

        Corrected tax is the tax of the corrected whole, less the tax that was issued for it.
        """
        touched = set()
        for key, start, minor in lines:
            whole = self.whole_of.setdefault((key, start), number)
            self.net[whole] = self.net.get(whole, 0) + minor
            touched.add(whole)
        total = 0
        for whole in touched:
            tax = tax_on(self.year, self.net[whole]) - self.issued.get(whole, 0)
            self.issued[whole] = self.issued.get(whole, 0) + tax
            total += tax
        return total


def tax_on(year: Year, minor: int) -> int:
    """Return the tax on a sum of lines, or the tax that it holds, in cents."""
    if year.tax is None:
        return 0
    amount = Fraction(minor, 100)
    if year.tax_inside:
        return cents(amount * year.tax / (1 + year.tax))
    return cents(amount * year.tax)
