"""
Invoices and credit notes: a document of one subscription, one period and one purpose.

A consolidated document holds several of these as its sections; see `gathered`.

A document without a number is a draft; the number makes it an issued document, which never changes
again. Every document's sum is the sum of its lines and the taxes on top of them, and amounts are
signed as they move the receivable: a credit note's lines are negative.

    purpose      issued when                   holds
    opening      the subscription begins       fees paid in advance for the first period
    period       a period has ended            its usage and fees in arrears, fees in advance for
                                               the next one, what late facts added to earlier ones
    correction   late facts took away, or      what late facts took away from one document;
                 there is no next period       what they added
    threshold    usage within a period has     the usage so far, which the document of the
                 passed a threshold            period takes off by difference
    void         a person takes a document     all that is left of it, given back
                 back
    credit       a person gives back           what was ordered of one document
    one_off      a person sells something      what was ordered, of no contract
    consolidated several of the first four     a section for each of them
                 come together
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tallystick.invoicing.line import Line
from tallystick.invoicing.orders import CreditKind, Disposition
from tallystick.kernel import (
    AccountKey,
    Currency,
    InvoiceId,
    Money,
    Period,
    SubscriptionKey,
    WorkspaceId,
    check,
    derived_id,
    instant_text,
)
from tallystick.tax import TaxSubtotal, subtotals


class DocumentType(StrEnum):
    """What the document is; each type has its own number series."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Purpose(StrEnum):
    """Why the document is made."""

    OPENING = "opening"
    PERIOD = "period"
    CORRECTION = "correction"
    THRESHOLD = "threshold"
    VOID = "void"
    CREDIT = "credit"
    ONE_OFF = "one_off"
    CONSOLIDATED = "consolidated"


class Status(StrEnum):
    """
    Draft until it has a number, then open; what came after is told elsewhere, not on the document.

    ``void``: taken back as a whole.  ``uncollectible``: what was left of it is written off.
    ``paid``: nothing of it is owed any more; ``partly_paid``: some was paid, some is owed.
    """

    DRAFT = "draft"
    OPEN = "open"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The issued document that another one corrects."""

    invoice: InvoiceId
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepaid:
    """
    What was paid of a document before it was issued.

    Attributes:
        source: id of the payment, or of the document that left the money.
        money: above nothing.
    """

    source: str
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    A part of a consolidated document: what one contract's document of a period holds.

    Attributes:
        account: who is subscribed; the payer is the document's.
        period, purpose, revision: as of an `Invoice` of the contract alone; of a note on a
            consolidated document purpose and revision are the note's.
        basis: digest of the contract's own facts, which stand in the document's basis.
        lines: how many lines it has; they follow each other in the order of the sections.
    """

    account: AccountKey
    subscription: SubscriptionKey
    period: Period
    purpose: Purpose
    revision: int
    basis: str
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """
    A document with its lines.

    Attributes:
        id: follows from subscription, period, purpose and revision; the same on every machine.
        revision: 0, and counting from 1 for corrections of one period, for documents that take the
            place of a voided one, for ordered notes on one document, and for one-off documents.
        legal_entity: key of the issuer.
        account: key of the payer.
        subscription: the contract; of a consolidated document a name that no contract has.
        period: the billing period that the document closes, opens or corrects; half-open; of a
            consolidated document from its sections' first beginning to their last end.
        issued_on: local date of issue in the legal entity's zone; None for a draft.
        due_on: local date by which it is to be paid; None for a draft.
        reference: the document corrected by a credit note.
        replaces: the voided document in whose place this one was issued.
        credit_kind: why an ordered credit note gives back; None on others, which correct.
        disposition: of a document that voids another one.
        reason: what the person who ordered the document gave as its reason.
        prepaid: what of the total money at hand paid as it was issued; none for a draft.
        payment_days: how long its contract's plan gives to pay; the longest of its sections. None:
            as long as payer or legal entity say.
        sections: of a consolidated document and of notes on it; empty on others.
        position: the log position up to which facts were known.
        basis: digest of the contract facts behind it (`Basis`).
        rating_version: which rules rated it.
        tzdata_version: which edition of the zone rules drew its boundaries.
        taxed_on: the date of issue that its taxes assume; None where it carries no tax.
        converted_on: the date of issue that its exchange rates assume; None where nothing due in
            advance is converted.
    """

    id: InvoiceId
    number: str | None
    document_type: DocumentType
    purpose: Purpose
    revision: int
    workspace: WorkspaceId
    legal_entity: str
    account: AccountKey
    subscription: SubscriptionKey
    currency: Currency
    period: Period
    lines: tuple[Line, ...]
    issued_on: date | None
    due_on: date | None
    reference: Reference | None
    position: int
    basis: str
    rating_version: str
    tzdata_version: str
    taxed_on: date | None = None
    converted_on: date | None = None
    replaces: Reference | None = None
    credit_kind: CreditKind | None = None
    disposition: Disposition | None = None
    reason: str = ""
    prepaid: tuple[Prepaid, ...] = ()
    payment_days: int | None = None
    sections: tuple[Section, ...] = ()

    @property
    def contracts(self) -> tuple[SubscriptionKey, ...]:
        """Return the contracts that it charges, in order of their keys; a sale counts as one."""
        return tuple(sorted({one.subscription for one in self.sections} or {self.subscription}))

    @property
    def places(self) -> tuple[tuple[Period, Purpose], ...]:
        """Return for each line the period and purpose of the contract's document that it is of."""
        if not self.sections:
            return ((self.period, self.purpose),) * len(self.lines)
        return tuple((one.period, one.purpose) for one in self.sections for _ in range(one.lines))

    @property
    def status(self) -> Status:
        """Return whether it was issued."""
        return Status.DRAFT if self.number is None else Status.OPEN

    @property
    def net(self) -> Money:
        """Return the sum of the lines without any tax."""
        return sum((line.net for line in self.lines), self._nothing)

    @property
    def tax(self) -> Money:
        """Return the sum of all taxes, on top of prices or within them."""
        return sum((one.money for line in self.lines for one in line.taxes), self._nothing)

    @property
    def total(self) -> Money:
        """Return what is to be paid: net and tax."""
        return self.net + self.tax

    @property
    def due(self) -> Money:
        """Return what was left to be paid when it was issued (EN 16931, BT-115)."""
        return self.total - sum((one.money for one in self.prepaid), self._nothing)

    @property
    def taxes(self) -> tuple[TaxSubtotal, ...]:
        """Return what it bears of each tax, in the order in which its lines first name them."""
        return subtotals((line.money, line.taxes) for line in self.lines)

    @property
    def _nothing(self) -> Money:
        return Money(minor=0, currency=self.currency)


def invoice_id(
    workspace: WorkspaceId,
    *,
    subscription: SubscriptionKey,
    period: Period,
    purpose: Purpose,
    revision: int,
) -> InvoiceId:
    """Return the id of the one document for a subscription, period, purpose and revision."""
    return InvoiceId(
        derived_id(
            "inv", workspace, subscription, instant_text(period.start), purpose, str(revision)
        )
    )


def id_for_payer(document: InvoiceId, payer: AccountKey | None) -> InvoiceId:
    """Return the id of a document to a payer who is named in it, see `named_payer`."""
    return document if payer is None else InvoiceId(derived_id("inv", document, payer))


def note_id(document: InvoiceId, *, purpose: Purpose, revision: int) -> InvoiceId:
    """Return the id of the one note of a purpose and revision on a document."""
    return InvoiceId(derived_id("inv", document, purpose, str(revision)))


def issued(draft: Invoice, *, number: str, issued_on: date, due_on: date) -> Invoice:
    """
    Return the draft as an issued document.

    Raises:
        InvariantBroken: it was issued before, would be due before it is issued, more was paid than
            it comes to, or it is a preview, whose lines have no evidence.
    """
    for line in draft.lines:
        shown = line.measurement is None or line.measurement.digest
        check(shown, f"line {line.id} has no evidence: draft it again for issue")
    check(draft.number is None, f"{draft.id} was issued as {draft.number}")
    check(
        issued_on <= due_on, f"{draft.id} would be due on {due_on}, before its issue on {issued_on}"
    )
    paid = draft.prepaid
    check(not paid or draft.due.minor >= 0, f"more was paid of {draft.id} than it comes to")
    return replace(draft, number=number, issued_on=issued_on, due_on=due_on)
