"""What the use cases of invoicing ask of stores, of the log and of the projection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Protocol

from tallystick.app.clock import Clock
from tallystick.app.corrections import KnownCorrections
from tallystick.app.invoicing.document_writer import DocumentWriter
from tallystick.app.metering import UsageReader
from tallystick.app.segments import Agreement
from tallystick.invoicing import (
    Billed,
    DocumentType,
    Invoice,
    Line,
    Purpose,
    SealedUsage,
    Series,
    Status,
    UsageByDay,
)
from tallystick.kernel import (
    AccountKey,
    InvariantBroken,
    InvoiceId,
    Money,
    Outcome,
    Period,
    SubscriptionKey,
)
from tallystick.metering import Event


class DocumentChanged(InvariantBroken):
    """A stored document, or its basis, is not what was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document as it is kept: what it says, its canonical JSON, and its basis's."""

    invoice: Invoice
    content: bytes
    digest: str
    basis: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedDocument:
    """A document with its number, ready to be issued: the last thing done before the commit."""

    invoice: Invoice
    content: bytes
    digest: str
    issued_at: datetime
    series: Series
    series_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSummary:
    """
    A line of the list of documents.

    Attributes:
        due: what is owed for an issued invoice now; nothing for others.
        status: what became of it since included.
    """

    id: InvoiceId
    number: str | None
    document_type: DocumentType
    purpose: Purpose
    account: AccountKey
    subscription: SubscriptionKey
    period: Period
    total: Money
    issued_on: date | None
    due_on: date | None
    due: Money
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftInReview:
    """
    A draft beside the last document of its subscription and purpose before it.

    Attributes:
        digest: of the draft as it stands; whoever approves it names what was seen.
        before: number and total of that document; None: it is the first.
    """

    summary: InvoiceSummary
    digest: str
    before: tuple[str, Money] | None

    @property
    def change(self) -> Fraction | None:
        """Return by how much the total changed, as a part of that before; None without one."""
        if self.before is None or self.before[1].minor == 0:
            return None
        earlier = self.before[1].minor
        return Fraction(self.summary.total.minor - earlier, abs(earlier))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedAccount:
    """An account that is not billed until a defect is mended; why, and since when for that."""

    account: AccountKey
    subscription: SubscriptionKey
    code: str
    message: str
    position: int
    parked_at: datetime


class InvoiceStore(Protocol):
    """Documents of one workspace; those issued never change."""

    def lock(self, subscription: SubscriptionKey) -> None:
        """Wait for other transactions that bill this subscription; keep them waiting."""
        ...

    def load_billed(self, subscription: SubscriptionKey) -> tuple[Billed, ...]:
        """Return the lines of a subscription's issued documents, in the order of issue."""
        ...

    def load_document(self, id: InvoiceId) -> StoredDocument | None:
        """
        Return a document with its basis.

        Raises:
            DocumentChanged: they do not have the digests that were stored with them.
        """
        ...

    def save_drafts(self, drafts: Iterable[Invoice], *, basis: bytes, held: bool = False) -> None:
        """
        Add drafts made on one basis; ``held``: no run issues them, they wait for a review.

        Raises:
            InvariantBroken: a document for the same period, purpose and revision stands already.
        """
        ...

    def discard_drafts(
        self, subscription: SubscriptionKey, *, payer: AccountKey | None = None
    ) -> None:
        """Remove a subscription's drafts, of one payer or all, consolidated ones too."""
        ...

    def issue(self, documents: Sequence[NumberedDocument]) -> None:
        """
        Turn drafts into issued documents, in their order.

        Raises:
            InvariantBroken: there is no such draft.
        """
        ...

    def page(
        self, *, after: str, limit: int, account: AccountKey | None = None
    ) -> list[InvoiceSummary]:
        """Return documents by id, those behind ``after``; of one payer, or of all."""
        ...

    def drafts_of(
        self, subscription: SubscriptionKey, *, payer: AccountKey | None = None
    ) -> frozenset[tuple[datetime, Purpose]]:
        """Return of which periods and purposes a subscription has drafts, of one payer or all."""
        ...

    def held_subscriptions(self) -> frozenset[SubscriptionKey]:
        """Return the subscriptions with drafts that are held for a review."""
        ...

    def reviewed(self, *, limit: int) -> list[DraftInReview]:
        """Return drafts by id, each beside the last document before it."""
        ...


class Receivables(Protocol):
    """What single documents still stand for, and what was given up of them."""

    def count_one_off(self, payer: AccountKey) -> int:
        """Return how many one-off documents a payer has."""
        ...

    def due(self, id: InvoiceId) -> Money:
        """
        Return what is owed for an issued document: less notes, payments, what was written off.

        Raises:
            InvariantBroken: there is no such document.
        """
        ...

    def is_uncollectible(self, id: InvoiceId) -> bool:
        """Tell whether a document was written off."""
        ...

    def mark_uncollectible(self, id: InvoiceId, *, money: Money, reason: str, at: datetime) -> None:
        """Note that so much of a document was written off; once."""
        ...


class SealedStore(Protocol):
    """What was sealed of one workspace; it never changes."""

    def load(self, subscription: SubscriptionKey) -> tuple[SealedUsage, ...]:
        """
        Return what was sealed of a subscription.

        Raises:
            DocumentChanged: it does not have the digest that was stored with it.
        """
        ...

    def save(
        self, subscription: SubscriptionKey, sealed: Iterable[SealedUsage], *, position: int
    ) -> None:
        """Add what is not there yet; ``position``: up to which facts were known."""
        ...

    def load_days(self, document: Invoice) -> Mapping[str, UsageByDay]:
        """
        Return by line the usage by day that was sealed for a document's charts.

        Raises:
            DocumentChanged: it does not have the digest that was stored with it.
        """
        ...

    def save_days(self, document: InvoiceId, charted: Iterable[tuple[Line, UsageByDay]]) -> None:
        """Add the usage by day of a document's lines that is not there yet."""
        ...


class InvoiceSeries(Protocol):
    """The number series of one workspace."""

    def take(self, series: Series, *, count: int, issued_on: date) -> Outcome[int]:
        """
        Take ``count`` numbers and return the first; the series stays locked until the commit.

        Problems:
            issue_date_decreases: a later date was issued in the series already.
        """
        ...

    def last_date(self, legal_entity: str, document_type: DocumentType) -> date | None:
        """Return the date of the last document; the series stays locked. None: there is none."""
        ...


class ParkedAccounts(Protocol):
    """Accounts with a defect."""

    def park(self, parked: ParkedAccount) -> bool:
        """
        Note a defect; another one takes the place of an earlier one.

        Returns:
            False if the account was parked for the same reason before: what stands is left.
        """
        ...

    def release(self, account: AccountKey) -> None:
        """Forget the defect of an account that could be billed."""
        ...

    def release_all(self, accounts: Sequence[AccountKey]) -> None:
        """Forget the defects of accounts."""
        ...

    def find(self, account: AccountKey) -> ParkedAccount | None:
        """Return the defect of an account, None if it has none."""
        ...

    def page(self, *, after: str, limit: int) -> list[ParkedAccount]:
        """Return parked accounts by key, those behind ``after``."""
        ...


class ParkedFigures(Protocol):
    """Accounts with a defect, of all workspaces."""

    def count(self) -> int:
        """Return how many are not billed until a defect is mended."""
        ...


class LoggedEvents(Protocol):
    """The log itself, which verification reads and no projection stands between."""

    def durable_position(self) -> int:
        """Return the position up to which the log is durable; 0 in an empty log."""
        ...

    def read(
        self,
        *,
        workspace: str,
        types: frozenset[str],
        subjects: frozenset[str] | None,
        through: int,
    ) -> Iterator[Event]:
        """
        Yield events of these types and subjects (None: any) up to a position, in log order.

        Raises:
            LogDamaged: the log cannot be read up to there.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingSources:
    """
    Where bills come from beside the unit of work.

    Attributes:
        usage: the projection.
        log: the log behind it.
        clock: says what is due, and when documents are issued.
        tzdata_version: edition of the zone rules in use; stands on every document.
        corrections: what was corrected, and what came late.
        writer: writes documents, as legal entities demand before they get a number.
        agreement: tells whether the projection holds all that the log does; asked before a run.
    """

    usage: UsageReader
    log: LoggedEvents
    clock: Clock
    tzdata_version: str
    agreement: Agreement
    corrections: KnownCorrections
    writer: DocumentWriter
