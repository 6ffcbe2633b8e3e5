"""
What credit documents before took for a key, and what of it a key may keep.

Credit that a document took for a line is a movement under the line's id (`credits.Movement`), and
a fact: what was taken stays taken, whatever is granted or expires later. So a key that is priced
again keeps what was taken for it, as far as it comes to that much; the rest is brought back in the
reverse order.

    calls of January, 70.00, of which credit covered 50.00     20.00 charged
    usage comes late: 90.00, 50.00 covered                     20.00 more, for credit or the payer
    usage is taken back: 40.00, 40.00 covered                  20.00 and 10.00 of credit come back
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from tallystick.credits import (
    CreditHistory,
    GiveBack,
    LotId,
    Movement,
    MovementKind,
    Part,
    give_back,
)
from tallystick.invoicing.credited.taking import line_of, names_of, taking
from tallystick.invoicing.line import LineKey, LineKind, line_id
from tallystick.invoicing.replay import Billed, Identity
from tallystick.kernel import EXACT, InvariantBroken, Refused

_NOTHING = Decimal(0)
_BURNED = MovementKind.BURNED
Asking: TypeAlias = Callable[[LineKey], tuple[datetime, datetime | None]]
NOTHING_HELD: Mapping[Identity, tuple["Held", ...]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """So much of a lot was taken for a key by a movement, less what of it was brought back."""

    movement: str
    part: Part


def held_by_key(
    history: CreditHistory, billed: Iterable[Billed], asking: Asking
) -> tuple[CreditHistory, Mapping[Identity, tuple[Held, ...]]]:
    """
    Return what issued lines took for their keys, in the order in which it was taken.

    What documents took that are drafted beside this one is not recorded yet: their lines say it. It
    is added to the history that is returned.

    Args:
        history: what is known of the payer's credit.
        billed: issued lines of contracts, then those drafted beside this one, in their order.
        asking: for which instant a line's service asks, and that of issue where it counts.
    """
    run = _Run(history, asking)
    for line in billed:
        if line.kind is LineKind.DERIVED and line.disposition is None:
            run.take(line)
        elif line.disposition is not None and line.corrects is not None:
            run.bring_back(line, line_id(line.corrects, line.key))
    return run.history, run.held


class _Run:
    """What lines took so far."""

    def __init__(self, history: CreditHistory, asking: Asking) -> None:
        self.history = history
        self.held: dict[Identity, tuple[Held, ...]] = {}
        self._asking = asking
        self._back = _brought_back(history)
        self._taken = {one.key: one for one in history.movements if one.kind is _BURNED}

    def take(self, line: Billed) -> None:
        """Add what a line took, or take away what it brought back."""
        name, held = line_id(line.document, line.key), self.held.get(line.key.identity, ())
        taken = [self._taken[one] for one in names_of(name) if one in self._taken]
        beyond = () if taken else _beyond(line.credit or (), held)
        if beyond:
            taken += self._take(line, name, beyond)
        for movement in taken:
            parts = (_less(one, self._back.get((movement.key, one.lot))) for one in movement.parts)
            new = (Held(movement=movement.key, part=one) for one in parts if one.amount > 0)
            held = self.held[line.key.identity] = (*held, *new)
        if line.credit is not None:
            most = sum_of(line.credit)
            over = EXACT.subtract(sum_of(one.part for one in held), most)
            self._give_back(line, held, over)
            self.held[line.key.identity] = kept(held, most)

    def _take(self, line: Billed, name: str, parts: Sequence[Part]) -> tuple[Movement, ...]:
        """Return the movements of a line that is drafted beside; they are known from now on."""
        at, asked = self._asking(line.key)
        made = taking(self.history, (name, line.document), parts, at=at, asked=asked)
        for movement in made:
            self._taken[movement.key] = movement
            self.history = self.history.moved(movement)
        return made

    def bring_back(self, line: Billed, name: str) -> None:
        """Take away what a voided line took; it may be taken again, for the same instant."""
        held = self.held.get(line.key.identity, ())
        own = [one for one in held if line_of(one.movement) == name]
        self._give_back(line, own, sum_of(one.part for one in own))
        self.held[line.key.identity] = tuple(one for one in held if line_of(one.movement) != name)

    def _give_back(self, line: Billed, held: Sequence[Held], amount: Decimal) -> None:
        if amount > 0:
            by = line_id(line.document, line.key)
            for one in giving_back(self.history, held, amount, line=by, document=line.document):
                self.history = self.history.moved(one)


def giving_back(
    history: CreditHistory, held: Sequence[Held], amount: Decimal, *, line: str, document: str
) -> tuple[Movement, ...]:
    """
    Return the movements by which a line brings credit back, what was taken last first.

    It counts from when it was taken, as if it had not been.

    Args:
        history: what is known of the payer's credit.
        held: what was taken for the key, in the order of taking; no less than the amount.
        amount: how much comes back.
        line: id of the line.
        document: of which it is.
    """
    taken: dict[str, Decimal] = {}
    for one in held:
        taken[one.movement] = EXACT.add(taken.get(one.movement, _NOTHING), one.part.amount)
    made: list[Movement] = []
    left = amount
    for name in reversed(taken):
        part = min(left, taken[name])
        if part > 0:
            (at,) = (one.at for one in history.movements if one.key == name)
            back = GiveBack(key=f"{line}/{len(made)}", of=name, at=at, amount=part, source=document)
            outcome = give_back(history, back)
            if isinstance(outcome, Refused):
                raise InvariantBroken(outcome.problems[0].message)
            made.append(outcome.value)
            history = history.moved(outcome.value)
            left = EXACT.subtract(left, part)
    return tuple(made)


def kept(held: Sequence[Held], most: Decimal) -> tuple[Held, ...]:
    """Return what of it is kept where a key comes to no more than so much: the first taken."""
    found: list[Held] = []
    left = max(most, _NOTHING)
    for one in held:
        amount = min(left, one.part.amount)
        if amount > 0:
            found.append(replace(one, part=replace(one.part, amount=amount)))
            left = EXACT.subtract(left, amount)
    return tuple(found)


def sum_of(parts: Iterable[Part]) -> Decimal:
    """Return what parts come to."""
    total = _NOTHING
    for one in parts:
        total = EXACT.add(total, one.amount)
    return total


def _beyond(parts: Iterable[Part], held: Sequence[Held]) -> tuple[Part, ...]:
    """Return what of parts was not held before."""
    before: dict[LotId, Decimal] = {}
    for one in held:
        amount = before.get(one.part.lot, _NOTHING)
        before[one.part.lot] = EXACT.add(amount, one.part.amount)
    left = (_less(one, before.get(one.lot)) for one in parts)
    return tuple(one for one in left if one.amount > 0)


def _less(part: Part, amount: Decimal | None) -> Part:
    return part if amount is None else replace(part, amount=EXACT.subtract(part.amount, amount))


def _brought_back(history: CreditHistory) -> Mapping[tuple[str, LotId], Decimal]:
    """Return how much of which lot was brought back of each movement."""
    back: dict[tuple[str, LotId], Decimal] = {}
    for movement in history.movements:
        for part in movement.parts if movement.of else ():
            at = (movement.of, part.lot)
            back[at] = EXACT.add(back.get(at, _NOTHING), part.amount)
    return back
