"""
Every invoice of a year, the slow way.

Written from the decided behaviour alone, and importing nothing of the product: its own dates, its
own fractions, its own rounding; plain loops over days, changes and events. Where the product keeps
what it settled and computes differences, this computes everything anew at each run.

A run of billing happens at an instant and knows the facts up to its number. It makes lines: for a
price and a part of a period, in cents. What was charged for the same price and part before is taken
off; a part that is due no longer is given back, on a credit note to what charged it.

    fees in advance             due when their period begins
    usage and fees in arrears   due when their period is over

A run at which nothing falls due corrects fees, once a change has taken effect that makes another
sum of them, and usage with them; after the end of a contract each run does. Otherwise what came
late waits for the next period's invoice.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from tests.naive.days import Span, local
from tests.naive.facts import Year
from tests.naive.pieces import Key, Slot, billing_periods
from tests.naive.prices import cents
from tests.naive.terms import Known
from tests.naive.whole import Rates, Whole, everything

USAGE = frozenset({"usage", "extra/usage"})


class ParkedError(Exception):
    """More would be given back than was charged: a person has to see to the account."""


@dataclass(slots=True, kw_only=True, eq=False)
class Paper:
    """
    A document: lines in cents, zeros included; what it corrects, if it gives back.

    ``slot``: None for a correction.  ``voids``: what it takes back, to be billed ``anew`` or not.
    ``by_hand``: it changes what is owed, and not what keys are settled to.
    ``off``: what coupons and bounds took off each key.
    """

    number: int
    slot: Slot | None
    lines: dict[Key, int]
    corrects: "Paper | None" = None
    replaces: "Paper | None" = None
    voids: "Paper | None" = None
    anew: bool = False
    voided: bool = False
    by_hand: bool = False
    off: dict[Key, int] = field(default_factory=dict)

    @property
    def is_within(self) -> bool:
        """Tell whether it was issued within a period, as usage passed a threshold."""
        return self.slot is not None and self.slot[1] == "within"


@dataclass(slots=True, kw_only=True)
class Books:
    """What runs made of a year so far."""

    year: Year
    papers: list[Paper] = field(default_factory=list)
    rates: dict[Key, tuple[Span, Fraction]] = field(default_factory=dict)
    spans: set[Span] = field(default_factory=set)

    def settled(self, key: Key) -> int:
        """Return what all documents charged for a key."""
        return sum(paper.lines.get(key, 0) for paper in self.settling)

    @property
    def settling(self) -> list[Paper]:
        """Return the documents that settle keys: all but those by hand."""
        return [paper for paper in self.papers if not paper.by_hand]

    def before_off(self, key: Key) -> int:
        """Return what was charged for a key before its document took anything off."""
        standing = [
            paper.off.get(key, 0)
            for paper in self.settling
            if key in paper.lines and paper.voids is None and not paper.voided
        ]
        return self.settled(key) + (standing[-1] if standing else 0)

    def is_waived(self, key: Key) -> bool:
        """Tell whether a key was taken back for good."""
        last = self.last(key)
        return last is not None and last.voids is not None and not last.anew

    def place(self, key: Key) -> Paper | None:
        """Return the document in whose place alone a key is billed; None: in any."""
        last = self.last(key)
        open_again = last is not None and last.anew and last.voids in self.reopened()
        return last.voids if last is not None and open_again else None

    @property
    def keys(self) -> list[Key]:
        """Return every key that stands on a document."""
        return list(dict.fromkeys(key for paper in self.settling for key in paper.lines))

    def last(self, key: Key) -> Paper | None:
        """Return the last document that names a key."""
        return next((paper for paper in reversed(self.settling) if key in paper.lines), None)

    def is_closed(self, key: Key) -> bool:
        """Tell whether a document that stands has charged a key, or nobody shall any more."""
        naming = (paper for paper in self.settling if key in paper.lines)
        return self.is_waived(key) or any(
            paper.voids is None and not paper.voided and not paper.is_within for paper in naming
        )

    def running(self, key: Key) -> Slot | None:
        """Return the document that settles what others charged within its period."""
        within = (paper.slot for paper in self.papers if paper.is_within and key in paper.lines)
        slot = next(within, None)
        return None if slot is None or self.is_closed(key) else (slot[0], "period")

    def original(self, key: Key) -> Paper | None:
        """Return the invoice that a credit note about a key names."""
        naming = [
            paper
            for paper in self.papers
            if key in paper.lines and paper.corrects is None and not paper.voided
        ]
        charging = [paper for paper in naming if paper.lines[key] > 0]
        return next(iter([*charging, *naming]), None)

    def reopened(self) -> list[Paper]:
        """Return what was taken back to be billed anew, and was not yet."""
        replaced = [paper.replaces for paper in self.papers]
        voids = [paper.voids for paper in self.papers if paper.anew and paper.voids is not None]
        return [paper for paper in voids if all(paper is not one for one in replaced)]


def bill(year: Year, books: Books, run: int, at: datetime) -> list[Paper]:
    """Return what a run issues, in order; the books hold it then."""
    now = _now(books, run, at)
    due: list[tuple[Slot | None, Paper | None]] = []
    anew = {paper.slot: paper for paper in books.reopened() if paper.slot is not None}
    issued = {paper.slot for paper in books.papers if paper.corrects is None} - set(anew)
    holding = dict.fromkeys(
        piece.slot for piece in sorted(now.pieces.values(), key=lambda one: (one.due, one.slot[1]))
    )
    due += [(slot, anew.get(slot)) for slot in holding if slot not in issued]
    due += [(None, paper) for paper in books.reopened() if paper.slot is None]
    end = Known(year, run).end
    if not due and end is not None and end <= at and (holding or books.papers):
        due = [(None, None)]
    if not due and is_corrected(year, books, run, at):
        due = [(None, None)]
    agreed = year
    if len(due) == 1 and due[0][0] is None:
        agreed = _as_agreed_by(year, books, run, at)
    made: list[Paper] = []
    for slot, replaces in due:
        made += _draft(books, _now(books, run, at, year=agreed), slot, replaces)
    return made


def _as_agreed_by(year: Year, books: Books, run: int, at: datetime) -> Year:
    """
    Return what a correction by itself counts: no change that lies ahead of it.

    But one that a document has counted stays, for that document's lines begin or end with it.
    """
    end = Known(year, run).end
    by = at if end is None or end > at else end
    cuts = {one for span in books.spans for one in span}
    counted = [one.at for one in Known(year, run).changes if one.at in cuts]
    last = max([by, *counted])
    return replace(year, changes=tuple(one for one in year.changes if one.at <= last))


def look(year: Year, books: Books, run: int, at: datetime) -> list[Paper]:
    """Return the invoice of usage within the running period, if it passes a threshold."""
    known = Known(year, run, used_until=at)
    span = next((one.span for one in billing_periods(known, at) if one.span[1] > at), None)
    if not year.thresholds or span is None or span[0] == at:
        return []
    now = everything(known, span[1], Rates(kept=books.rates, issued=local(year, at)))
    slot = (span[0], "period")
    usage = {key: now.net[key] for key in now.net if key[0] in USAGE}
    lines = {
        key: net - books.settled(key)
        for key, net in usage.items()
        if now.pieces[key].slot == slot and net != books.settled(key)
    }
    before = sum(books.settled(key) for key in books.keys if key[0] in USAGE)
    if not crosses(year, before, before + sum(lines.values())):
        return []
    paper = _paper(books, (span[0], "within"), lines)
    _note_down(books, paper, now, usage)
    return [paper]


def crosses(year: Year, before: int, now: int) -> bool:
    """Tell whether a threshold lies above an amount, and not above the next one."""
    once = [cents(amount) for amount, recurs in year.thresholds if not recurs]
    highest = max(once, default=0)
    for amount, recurs in year.thresholds:
        step = cents(amount)
        times = [max(one - highest, 0) // step for one in (before, now)]
        if (times[1] > times[0]) if recurs else (before < step <= now):
            return True
    return False


def is_corrected(year: Year, books: Books, run: int, at: datetime) -> bool:
    """Tell whether fees come to something else, for changes that have taken effect."""
    effective = replace(year, changes=tuple(one for one in year.changes if one.at <= at))
    if not Known(effective, run).changes or not books.papers:
        return False
    return all(_fees_differ(books, _now(books, run, at, year=known)) for known in (year, effective))


def _now(books: Books, run: int, at: datetime, *, year: Year | None = None) -> Whole:
    of = books.year if year is None else year
    return everything(Known(of, run), at, Rates(kept=books.rates, issued=local(of, at)))


def _fees_differ(books: Books, now: Whole) -> bool:
    issued = {paper.slot for paper in books.papers}
    fees = {key: net for key, net in now.alone.items() if now.pieces[key].slot in issued}
    for key in dict.fromkeys([*fees, *books.keys]):
        before, after = books.before_off(key), fees.get(key, 0)
        after = min(after, before) if books.is_waived(key) else after
        if key[0] not in USAGE and after != before:
            return True
    return False


def _draft(books: Books, now: Whole, slot: Slot | None, replaces: Paper | None) -> list[Paper]:
    """Make the document of a slot, or a correction, and the credit notes beside it."""
    known = {paper.slot for paper in books.papers if paper.corrects is None} | {slot}
    current = {key: net for key, net in now.net.items() if now.pieces[key].slot in known}
    invoice: dict[Key, int] = {}
    notes: dict[int, tuple[Paper, dict[Key, int]]] = {}
    for key in dict.fromkeys([*current, *books.keys]):
        if books.place(key) not in (None, replaces) or books.running(key) not in (None, slot):
            continue
        before, after = books.settled(key), current.get(key, 0)
        after = min(after, before) if books.is_waived(key) else after
        original = books.original(key)
        if not books.is_closed(key) or after > before or (after < before and original is None):
            invoice[key] = after - before
        elif after < before and original is not None:
            _see_that_enough_is_left(books, key, before, after)
            notes.setdefault(id(original), (original, {}))[1][key] = after - before
    made = []
    if invoice:
        made.append(_paper(books, slot, invoice, replaces=replaces))
    made += [_paper(books, None, lines, corrects=of) for of, lines in notes.values()]
    for paper in made:
        _note_down(books, paper, now, current)
    return made


def _see_that_enough_is_left(books: Books, key: Key, before: int, after: int) -> None:
    """Give nothing back, and issue nothing, where a person gave back more than will be left."""
    given = -sum(paper.lines.get(key, 0) for paper in books.papers if paper.by_hand)
    if given and before >= 0 and after < given:
        raise ParkedError


def _paper(
    books: Books,
    slot: Slot | None,
    lines: dict[Key, int],
    *,
    corrects: Paper | None = None,
    replaces: Paper | None = None,
) -> Paper:
    number = len(books.papers)
    paper = Paper(number=number, slot=slot, lines=lines, corrects=corrects, replaces=replaces)
    books.papers.append(paper)
    return paper


def _note_down(books: Books, paper: Paper, now: Whole, current: dict[Key, int]) -> None:
    """Remember what was taken off keys, and by which rates they were converted."""
    for key in paper.lines:
        paper.off[key] = now.alone[key] - now.net[key] if key in current else 0
        if key in current:
            books.spans.add(now.pieces[key].span)
            books.rates.setdefault(key, (now.pieces[key].span, now.rates[key]))


def take_back(books: Books, paper: Paper, *, anew: bool) -> Paper:
    """Void a document: all that is left of each line is given back."""
    lines = {key: -left(books, paper, key) for key in paper.lines}
    note = Paper(
        number=len(books.papers), slot=None, lines=lines, corrects=paper, voids=paper, anew=anew
    )
    paper.voided = True
    books.papers.append(note)
    return note


def left(books: Books, paper: Paper, key: Key) -> int:
    """Return what is left of a line: of the document, and of all that was charged for its key."""
    of_document = paper.lines[key] + sum(
        one.lines.get(key, 0) for one in books.papers if one.corrects is paper
    )
    if paper.lines[key] < 0:
        return min(of_document, 0)
    of_key = sum(one.lines.get(key, 0) for one in books.papers)
    return max(min(of_document, of_key), 0)


def give_back(books: Books, paper: Paper, key: Key, *, minor: int) -> Paper:
    """Give back some of a line by hand."""
    note = Paper(
        number=len(books.papers), slot=None, lines={key: -minor}, corrects=paper, by_hand=True
    )
    books.papers.append(note)
    return note
