"""
Money that goes back: refunds of payments, surplus of documents, credit that is given up.

A **refund** takes first what of a payment is free, then what stands on documents, the last first;
such a document is owed again, and free money (a credit note's, say) pays it anew. It never comes to
more than was paid less what was refunded before.

    paid 100.00 on an invoice of 100.00, a credit note of 30.00 on it: 30.00 free
    refund 30.00: taken back from the invoice, which the note's 30.00 pay; nothing is free

A **surplus** arises where a document is owed less than is applied to it: the part that was paid
becomes money at hand, with the document that lowered it as its source.
"""

from tallystick.kernel import Done, Money, Outcome, refuse
from tallystick.payments.standing import Move, MoveKind, Standing


def refund(standing: Standing, source: str, money: Money) -> Outcome[tuple[Move, ...]]:
    """
    Return the moves by which a part of a payment goes back.

    Problems:
        wrong_amount: nothing, or less, is to go back.
        above_what_was_paid: more than was paid less the refunds before.
    """
    free, refundable = standing.source(source).free, standing.refundable(source)
    stands = [one for one in standing.applied if one.source == source]
    if money.minor <= 0:
        return refuse("wrong_amount", f"{money} is no refund", "amount")
    if refundable < money:
        message = f"{refundable} of {source} can be refunded, not {money}"
        return refuse("above_what_was_paid", message, "amount")
    moves: list[Move] = []
    missing = money - min(free, money)
    for one in reversed(stands):
        part = min(one.money, missing)
        if part.minor <= 0:
            break
        moves.append(
            Move(kind=MoveKind.TAKEN_BACK, source=source, document=one.document, money=part)
        )
        missing -= part
    return Done((*moves, Move(kind=MoveKind.REFUNDED, source=source, money=money)))


def forfeit(standing: Standing, source: str) -> Outcome[tuple[Move, ...]]:
    """
    Return the move by which what is free of a source is given up; what it paid stays paid.

    Problems:
        nothing_free: nothing of it is free.
    """
    free = standing.source(source).free
    if free.minor == 0:
        return refuse("nothing_free", f"nothing of {source} is free", "source")
    return Done((Move(kind=MoveKind.FORFEITED, source=source, money=free),))


def surplus_on(*, due: Money, applied: Money, surplus: Money) -> Money:
    """
    Return what becomes money at hand, where a document is owed less than nothing.

    Only what was paid comes back: less than nothing may also be owed where a document was written
    off before.

    Args:
        due: what is owed for the document, with the notes on it and the surplus so far.
        applied: how much of all sources stands on it.
        surplus: what became money at hand of it before.

    Example:
        >>> from tallystick.kernel import currency
        >>> def eur(minor):
        ...     return Money(minor=minor, currency=currency("EUR"))
        >>> str(surplus_on(due=eur(-3000), applied=eur(7000), surplus=eur(0)))
        '30.00 EUR'
        >>> str(surplus_on(due=eur(-3000), applied=eur(0), surplus=eur(0)))
        '0.00 EUR'
    """
    nothing = due - due
    return max(nothing, min(-due, applied - surplus))
