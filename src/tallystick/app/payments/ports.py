"""What use cases of payments ask of the store of money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.kernel import AccountKey, Currency, InvoiceId, Money
from tallystick.payments import Move, Payment, Source, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """Whose money: of a payer, with a legal entity, in one currency; moneys never mix."""

    account: AccountKey
    legal_entity: str
    currency: Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """
    What a document gave back beyond what was owed.

    Attributes:
        document: the credit note, or the invoice below nothing; the source bears its id.
        of: the document on which money had been paid; ``document`` itself where it is an invoice.
    """

    document: InvoiceId
    of: InvoiceId
    purse: Purse
    money: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """
    Credit that a document drew to be paid with.

    Attributes:
        id: of the source that it becomes.
        document: which it pays.
    """

    id: str
    document: InvoiceId
    purse: Purse
    money: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMove:
    """
    A move as it is kept.

    Attributes:
        number: among those of its source, from 0 without a gap.
        by: who moved it.
        reference: the other side's, for a refund; empty: none.
        reason: what a person gave as it; empty: none.
    """

    move: Move
    number: int
    at: datetime
    by: str
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPayment:
    """A payment with what became of it."""

    payment: Payment
    source: Source
    moves: tuple[RecordedMove, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaid:
    """What stands on a document: what is owed for it, what is applied, what was left over."""

    due: Money
    applied: Money
    surplus: Money


class PaymentStore(Protocol):
    """Payments of one workspace: added, never changed."""

    def count(self, payer: AccountKey) -> int:
        """Return how many payments of a payer were recorded."""
        ...

    def add(self, payment: Payment, *, at: datetime, by: str) -> None:
        """Add a payment; its payer is locked."""
        ...

    def named(self, reference: str) -> str | None:
        """Return the payment of a provider with a reference, None if there is none."""
        ...

    def load(self, id: str) -> KnownPayment | None:
        """Return a payment."""
        ...

    def page(self, *, after: str, limit: int, account: AccountKey | None) -> list[KnownPayment]:
        """Return payments by id, those behind ``after``; of one payer, or of all."""
        ...


class MoneyStore(Protocol):
    """Money of payers in one workspace: surplus and moves are added, never changed."""

    def lock(self, payers: Iterable[AccountKey]) -> None:
        """
        Keep others from moving money of payers until this commits.

        Whoever moves money, or issues documents, asks first: before number series and books.
        """
        ...

    def add_surplus(self, surplus: Surplus, *, by: str) -> None:
        """Add what a document left over; its payer is locked."""
        ...

    def add_drawn(self, drawn: Drawn, *, by: str) -> None:
        """Add what a document drew; its payer is locked."""
        ...

    def add_moves(self, moves: Sequence[RecordedMove]) -> None:
        """Add moves; the payer is locked."""
        ...

    def purse_of(self, source: str) -> Purse | None:
        """Return whose a source is, None if there is none of this id."""
        ...

    def purses(self, account: AccountKey) -> tuple[Purse, ...]:
        """Return where a payer has documents or money, by legal entity and currency."""
        ...

    def standing(self, purse: Purse, *, source: str | None = None) -> Standing:
        """
        Return what is owed and what is free; of one source also what it paid.

        What was written off is not owed. Sources of which nothing is free are left out, but for the
        one that is named.
        """
        ...

    def with_credit(self, accounts: Iterable[AccountKey]) -> frozenset[Purse]:
        """Return where payers have free money."""
        ...

    def with_grants(self, accounts: Iterable[AccountKey]) -> frozenset[AccountKey]:
        """Return which accounts were ever given credit."""
        ...

    def repaid(self, document: InvoiceId) -> Repaid:
        """Return what stands on an issued document, notes and surplus counted."""
        ...
