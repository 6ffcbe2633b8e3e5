"""A payer whose documents are issued and paid as time goes on, by the rules of the product."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from tallystick.invoicing import DocumentType, Invoice
from tallystick.kernel import Currency, Done, InvoiceId, Money, Outcome, Refused
from tallystick.payments import (
    Move,
    Owed,
    Source,
    SourceKind,
    Standing,
    apply_oldest_first,
    refund,
    surplus_on,
)

DAY = date(2026, 1, 1)


@dataclass
class Till:
    """How a payer stands, from nothing on."""

    unit: Currency
    standing: Standing = field(init=False)
    left_over: dict[InvoiceId, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing owed and nothing at hand."""
        self.standing = Standing(currency=self.unit)

    def issue(self, document: Invoice) -> None:
        """Take up an issued document; free money pays what is owed."""
        if document.document_type is DocumentType.CREDIT_NOTE:
            assert document.reference is not None
            self.note(document.id, document.reference.invoice, document.total.minor)
        else:
            on = document.issued_on or DAY
            self.charge(document.id, document.total.minor, on=on)

    def charge(self, id_: str, minor: int, *, on: date = DAY) -> None:
        """Take up an invoice."""
        owed = Owed(
            id=InvoiceId(id_),
            number=id_,
            due=self.money(minor),
            due_on=on,
            issued_at=datetime.combine(on, time(), UTC),
            order=len(self.standing.owed),
        )
        self.standing = self.standing.with_document(owed)
        self._settle()

    def note(self, id_: str, of: str, minor: int) -> None:
        """Take up a credit note on an invoice; ``minor`` is negative."""
        document = InvoiceId(of)
        due = self.standing.document(document).due + self.money(minor)
        over = surplus_on(
            due=due,
            applied=self.standing.applied_to(document),
            surplus=self.money(self.left_over.get(document, 0)),
        )
        self.standing = self.standing.with_due(document, due + over)
        if over.minor:
            self.left_over[document] = self.left_over.get(document, 0) + over.minor
            self._take(Source(id=id_, kind=SourceKind.SURPLUS, money=over, free=over, of=document))
        self._settle()

    def pay(self, minor: int, id_: str = "pay") -> None:
        """Take money."""
        money = self.money(minor)
        self._take(Source(id=id_, kind=SourceKind.PAYMENT, money=money, free=money))
        self._settle()

    def refund(self, minor: int, id_: str = "pay") -> Outcome[tuple[Move, ...]]:
        """Give money back, or tell why not."""
        moves = refund(self.standing, id_, self.money(minor))
        if isinstance(moves, Refused):
            return moves
        self.standing = self.standing.after(moves.value)
        self._settle()
        return Done(moves.value)

    @property
    def stands(self) -> tuple[int, int]:
        """Return what is owed, and what is at hand."""
        return self.standing.due.minor, self.standing.credit.minor

    def money(self, minor: int) -> Money:
        """Return so many minor units."""
        return Money(minor=minor, currency=self.unit)

    def _take(self, source: Source) -> None:
        self.standing = self.standing.with_source(source)

    def _settle(self) -> None:
        self.standing = self.standing.after(apply_oldest_first(self.standing))
