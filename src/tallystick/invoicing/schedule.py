"""
Which documents a subscription is due to have had by an instant, and which of them it lacks.

    contract from January 10 with a fee in advance, asked on March 5

    opening   January 10 to 31   due January 10
    period    January 10 to 31   due February 1
    period    February           due March 1

A contract without fees in advance has no opening document.  Each document is due at the instant its
period begins (opening) or ends (period); documents are drafted in this order, because each one's
differences rest on those before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import is_in_advance
from tallystick.invoicing.invoice import Invoice, Purpose, Reference
from tallystick.invoicing.replay import Billed
from tallystick.kernel import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A document that falls due at an instant."""

    period: Period
    purpose: Purpose
    at: datetime


def due_documents(basis: Basis, *, through: datetime) -> tuple[Due, ...]:
    """Return the documents due at or before an instant, in the order in which they are drafted."""
    begun = [one.span for one in basis.billing_periods(through=through)]
    found = [
        Due(period=period, purpose=Purpose.PERIOD, at=period.end)
        for period in begun
        if period.end <= through
    ]
    if begun and any(is_in_advance(price) for price in basis.plan.prices):
        first = begun[0]
        found.insert(0, Due(period=first, purpose=Purpose.OPENING, at=first.start))
    return tuple(found)


def missing_documents(
    basis: Basis, billed: Iterable[Billed], *, through: datetime
) -> tuple[Due, ...]:
    """
    Return the documents due by an instant that were not issued yet.

    An ended contract that lacks none is due a correction, which may turn out empty.
    """
    issued = {(line.period.start, line.purpose) for line in billed}
    due = due_documents(basis, through=through)
    missing = tuple(one for one in due if (one.period.start, one.purpose) not in issued)
    end = basis.subscription.end
    if missing or not due or end is None or due[-1].period.end < end or end > through:
        return missing
    return (Due(period=due[-1].period, purpose=Purpose.CORRECTION, at=end),)


def as_billed(documents: Iterable[Invoice]) -> tuple[Billed, ...]:
    """
    Return the lines of documents as later ones see them.

    Drafts that are issued in the same transaction count as issued; they have no number yet, so no
    other document may refer to them.
    """
    return tuple(
        Billed(
            key=line.key,
            money=line.money,
            position=line.position,
            attribution=line.attribution,
            document=document.id,
            reference=_reference(document),
            document_type=document.document_type,
            purpose=document.purpose,
            period=document.period,
            taxes=line.taxes,
        )
        for document in documents
        for line in document.lines
    )


def stale_keys(invoice: Invoice, billed: Iterable[Billed]) -> tuple[str, ...]:
    """Return the keys of a draft that other documents have charged since it was made."""
    settled: dict[object, int] = {}
    for line in billed:
        settled[line.key.identity] = settled.get(line.key.identity, 0) + line.money.minor
    return tuple(
        str(line.key)
        for line in invoice.lines
        if settled.get(line.key.identity, 0) != line.settled_before.minor
    )


def _reference(document: Invoice) -> Reference | None:
    if document.number is None or document.issued_on is None:
        return None
    return Reference(invoice=document.id, number=document.number, issued_on=document.issued_on)
