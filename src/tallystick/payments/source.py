"""
Money of a payer that is at hand: what was paid, and what documents gave back beyond what is owed.

A **source** is either a payment or the surplus of a document: a credit note on an invoice that was
paid already leaves money over. What of a source is neither applied to a document nor gone is
**free**: it is the customer's credit.

    paid 100.00, of which 80.00 are applied to an invoice   ->  20.00 free
    a credit note of 30.00 on that invoice                  ->  30.00 more, a source of its own
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tallystick.kernel import AccountKey, InvoiceId, Money


class Method(StrEnum):
    """How money came in; a ``provider`` names each payment once, so its references are unique."""

    BANK_TRANSFER = "bank_transfer"
    CASH = "cash"
    CHEQUE = "cheque"
    PROVIDER = "provider"
    OTHER = "other"


class SourceKind(StrEnum):
    """Where money at hand comes from; a deposit is credit that a document drew to be paid with."""

    PAYMENT = "payment"
    SURPLUS = "surplus"
    DEPOSIT = "deposit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """
    Money that was received, as somebody recorded it.

    Attributes:
        id: derived, ``pay_...``.
        account: the payer.
        legal_entity: whose books it is in.
        money: what it counts for, in the currency of the documents that it pays.
        received: what came in, where that was in the books' own currency and the documents are in
            another; None: ``money`` itself came in.
        method: how it came.
        reference: the other side's, such as the number of a transfer; empty: none.
        note: for people; empty: none.
        cash: where it lies, the owner of a cash account of the chart, as ``bank``.
        paid_at: the value date's instant, from which it counts in the journal.
    """

    id: str
    account: AccountKey
    legal_entity: str
    money: Money
    received: Money | None = None
    method: Method
    reference: str = ""
    note: str = ""
    cash: str = "bank"
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Money at hand.

    Attributes:
        id: of the payment, or of the document that left a surplus.
        kind: which of the two.
        money: the whole.
        free: what of it is neither applied nor gone.
        moves: how often it was moved so far; the next move has this number.
        of: the document of which it is the surplus; None for a payment.
        received: what came in, where it was in another currency; see `Payment`.
    """

    id: str
    kind: SourceKind
    money: Money
    free: Money
    moves: int = 0
    of: InvoiceId | None = None
    received: Money | None = None
