"""
Which money pays which document.

Free money pays what is owed by itself, the oldest source first and the oldest document first;
whoever wants it otherwise names documents and amounts.

    free 30.00 and 40.00; owed 50.00 of January, 10.00 of February
    January takes 30.00 and 20.00, February 10.00; 10.00 stay free

Source: the project's brief for payments ("oldest first by default, or named"); the order of
documents is the one in which they are due, as payers expect who pay a reminder.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tallystick.kernel import Done, InvoiceId, Money, Outcome, Problem, Refused
from tallystick.payments.source import Source
from tallystick.payments.standing import Move, MoveKind, Owed, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A document that is to be paid; ``money`` None: as far as the source and the debt reach."""

    document: InvoiceId
    money: Money | None = None


def apply_oldest_first(
    standing: Standing, *, only: Iterable[InvoiceId] | None = None
) -> tuple[Move, ...]:
    """
    Return the moves by which free money pays what is owed, oldest to oldest.

    Args:
        standing: of the payer.
        only: the documents that are paid; None: all.

    Example:
        >>> from datetime import date
        >>> from tallystick.kernel import currency, instant
        >>> from tallystick.payments import SourceKind
        >>> eur = currency("EUR")
        >>> ten, six = (Money(minor=minor, currency=eur) for minor in (1000, 600))
        >>> paid = Source(id="pay_1", kind=SourceKind.PAYMENT, money=ten, free=ten)
        >>> owed = Owed(id=InvoiceId("inv_1"), number="1", due=six, due_on=date(2026, 1, 15),
        ...     issued_at=instant("2026-01-01T00:00:00Z"))
        >>> standing = Standing(currency=eur, sources=(paid,), owed=(owed,))
        >>> moves = apply_oldest_first(standing)
        >>> [(str(move.money), move.document) for move in moves]
        [('6.00 EUR', 'inv_1')]
        >>> str(standing.after(moves).credit)
        '4.00 EUR'
    """
    chosen = None if only is None else frozenset(only)
    wanted = [one for one in standing.oldest_first if chosen is None or one.id in chosen]
    return covered([one for one in standing.sources if one.free.minor > 0], wanted)


def covered(sources: Sequence[Source], wanted: Sequence[Owed]) -> tuple[Move, ...]:
    """Return the moves by which sources pay documents, both in their order."""
    moves: list[Move] = []
    free = {one.id: one.free for one in sources}
    for document in wanted:
        due = document.due
        for source in sources:
            part = min(due, free[source.id])
            if part.minor <= 0:
                continue
            moves.append(applied(source.id, document.id, part))
            free[source.id] -= part
            due -= part
    return tuple(moves)


def apply_named(
    standing: Standing, source: str, wanted: Sequence[Named]
) -> Outcome[tuple[Move, ...]]:
    """
    Return the moves by which one source pays named documents.

    Problems:
        nothing_due: the payer owes nothing for a document, in the currency of the source.
        above_what_is_due: more is wanted for a document than is owed.
        above_what_is_free: more is wanted of the source than is free.
        wrong_amount: an amount is not above nothing.
    """
    moves: list[Move] = []
    problems: list[Problem] = []
    for index, named in enumerate(wanted):
        now = standing.after(moves)
        free = now.source(source).free
        due = next((one.due for one in now.oldest_first if one.id == named.document), None)
        if due is None:
            message = f"nothing is owed for {named.document} in {standing.currency.code}"
            problems.append(_problem("nothing_due", message, index))
            continue
        money = min(free, due) if named.money is None else named.money
        problem = _unpayable(money, due=due, free=free, index=index)
        if problem is not None:
            problems.append(problem)
            continue
        moves.append(applied(source, named.document, money))
    return Refused(tuple(problems)) if problems else Done(tuple(moves))


def applied(source: str, document: InvoiceId, money: Money) -> Move:
    """Return the move by which money of a source pays a document."""
    return Move(kind=MoveKind.APPLIED, source=source, document=document, money=money)


def _unpayable(money: Money, *, due: Money, free: Money, index: int) -> Problem | None:
    if money.minor <= 0:
        return _problem("wrong_amount", f"{money} pays nothing", index)
    if due < money:
        return _problem("above_what_is_due", f"{due} are owed, not {money}", index)
    if free < money:
        return _problem("above_what_is_free", f"{free} are free, not {money}", index)
    return None


def _problem(code: str, message: str, index: int) -> Problem:
    return Problem(code=code, message=message, field=f"documents[{index}]")
