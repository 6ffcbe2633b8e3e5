"""
How a payer stands with a legal entity in one currency: what is owed, and what is at hand.

    owed      each issued invoice, less the notes on it, what is applied to it, and what was
              written off; oldest first: by the day on which it is due, then by issue
    at hand   each source in the order in which it came
    applied   how much of which source stands on which document

A standing is a value; `Standing.after` returns it with moves made. What moves are right is decided
elsewhere (`applying`, `refunding`); here is only seen that no source gives more than it has and no
document takes back more than it got.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from tallystick.kernel import Currency, InvoiceId, Money, check
from tallystick.payments.source import Source


class MoveKind(StrEnum):
    """What happens to money of a source."""

    APPLIED = "applied"
    TAKEN_BACK = "taken_back"
    REFUNDED = "refunded"
    FORFEITED = "forfeited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Money of a source that is applied, taken back from a document, refunded or forfeited."""

    kind: MoveKind
    source: str
    money: Money
    document: InvoiceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """
    An issued invoice and what of it is to be paid.

    Attributes:
        due: what is owed; negative while more is applied than is owed, see `surplus_on`.
        due_on: by when it is to be paid.
        issued_at: the instant of issue; of one instant, ``order`` is the order of issue.
    """

    id: InvoiceId
    number: str
    due: Money
    due_on: date
    issued_at: datetime
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """So much of a source stands on a document."""

    source: str
    document: InvoiceId
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a payer owes a legal entity in one currency, and what money is at hand."""

    currency: Currency
    sources: tuple[Source, ...] = ()
    owed: tuple[Owed, ...] = ()
    applied: tuple[Applied, ...] = ()

    @property
    def credit(self) -> Money:
        """Return what is at hand and free: the customer's credit."""
        return sum((one.free for one in self.sources), self._nothing)

    @property
    def due(self) -> Money:
        """Return what is owed for all documents."""
        return sum((one.due for one in self.owed if one.due.minor > 0), self._nothing)

    @property
    def balance(self) -> Money:
        """Return what is owed less what is at hand; negative: the payer has credit."""
        return self.due - self.credit

    @property
    def oldest_first(self) -> tuple[Owed, ...]:
        """Return the documents of which something is owed, the oldest first."""
        open_ones = (one for one in self.owed if one.due.minor > 0)
        return tuple(sorted(open_ones, key=lambda one: (one.due_on, one.issued_at, one.order)))

    def source(self, id: str) -> Source:
        """Return a source; it must be there."""
        (found,) = (one for one in self.sources if one.id == id)
        return found

    def document(self, id: InvoiceId) -> Owed:
        """Return a document; it must be there."""
        (found,) = (one for one in self.owed if one.id == id)
        return found

    def applied_to(self, document: InvoiceId) -> Money:
        """Return how much of all sources stands on a document."""
        return sum((one.money for one in self.applied if one.document == document), self._nothing)

    def refundable(self, source: str) -> Money:
        """Return how much of a source can go back: what is free and what it paid."""
        stands = (one.money for one in self.applied if one.source == source)
        return sum(stands, self.source(source).free)

    def after(self, moves: Iterable[Move]) -> "Standing":
        """
        Return the standing with moves made.

        Raises:
            InvariantBroken: a source would give more than is free, or a document back more than
                stands on it.
        """
        standing = self
        for move in moves:
            standing = standing._moved(move)
        return standing

    def with_document(self, document: Owed) -> "Standing":
        """Return the standing with a document more."""
        return replace(self, owed=(*self.owed, document))

    def with_source(self, source: Source) -> "Standing":
        """Return the standing with money more at hand."""
        return replace(self, sources=(*self.sources, source))

    def with_due(self, document: InvoiceId, due: Money) -> "Standing":
        """Return the standing with another sum owed for a document, as after a note on it."""
        return replace(
            self,
            owed=tuple(replace(one, due=due) if one.id == document else one for one in self.owed),
        )

    @property
    def _nothing(self) -> Money:
        return Money(minor=0, currency=self.currency)

    def _moved(self, move: Move) -> "Standing":
        gives = -move.money if move.kind is MoveKind.TAKEN_BACK else move.money
        source = self.source(move.source)
        free = source.free - gives
        check(
            free.minor >= 0 and move.money.minor > 0, f"{move.source} has {source.free}, not more"
        )
        moved = replace(source, free=free, moves=source.moves + 1)
        standing = replace(
            self, sources=tuple(moved if one.id == source.id else one for one in self.sources)
        )
        if move.document is None:
            return standing
        owed = self.document(move.document)
        standing = standing.with_due(owed.id, owed.due - gives)
        return replace(standing, applied=_applied(self.applied, move, gives))


def _applied(applied: tuple[Applied, ...], move: Move, gives: Money) -> tuple[Applied, ...]:
    """Return what stands on documents once money moved; a pair that was moved last stands last."""
    pair = (move.source, move.document)
    before = [one.money for one in applied if (one.source, one.document) == pair]
    money = sum(before, gives)
    check(money.minor >= 0, f"{move.document} got less of {move.source}")
    rest = tuple(one for one in applied if (one.source, one.document) != pair)
    if money.minor == 0 or move.document is None:
        return rest
    return (*rest, Applied(source=move.source, document=move.document, money=money))
