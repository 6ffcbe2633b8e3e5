"""Puts the questions of a document to the projection, and drafts from the answers."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Basis,
    Billed,
    Drafts,
    Due,
    Facts,
    Invoice,
    as_billed,
    draft_invoice,
    measured,
    missing_documents,
    questions,
    replayed_items,
)
from tallystick.kernel import Done, Outcome, Refused
from tallystick.metering import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrder:
    """
    Which document to draft from what.

    Attributes:
        billed: issued lines of the subscription; empty leaves corrections out.
        position: last log position that counts.
        reaches: what was recorded about times that were over.
        preview_at: measure only up to here, without evidence; None: for issue.
    """

    basis: Basis
    due: Due
    billed: tuple[Billed, ...]
    position: int
    reaches: tuple[Reach, ...] = ()
    preview_at: datetime | None = None


def draft_due(order: DraftOrder, sources: BillingSources) -> Outcome[Drafts]:
    """
    Draft one document, with the corrections that fall due with it.

    Problems:
        unexplained_difference, overlapping_periods: see `draft_invoice`.
    """
    basis, due = order.basis, order.due
    items = replayed_items(basis, period=due.period, purpose=due.purpose, billed=order.billed)
    asked = questions(basis, items, position=order.position, preview_at=order.preview_at)
    return draft_invoice(
        Facts(
            basis=basis,
            period=due.period,
            purpose=due.purpose,
            position=order.position,
            measured=tuple(
                answer
                for question in asked
                for answer in measured(question, sources.usage.usage(question.query))
            ),
            billed=order.billed,
            reaches=order.reaches,
            tzdata_version=sources.tzdata_version,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    What stands for a subscription already.

    Attributes:
        billed: its issued lines.
        reaches: what was recorded about times that were over, since the first of those lines.
    """

    billed: tuple[Billed, ...] = ()
    reaches: tuple[Reach, ...] = ()


def load_books(uow: UnitOfWork, basis: Basis) -> Books:
    """Return what stands for a subscription, within a unit of work that is open."""
    billed = uow.invoices.load_billed(basis.subscription.key)
    if not billed:
        return Books()
    reaches = uow.reaches.load(
        meters=[meter.key for meter in basis.meters],
        subjects=sorted({span.subject for span in basis.spans}),
        after=min(line.position for line in billed),
    )
    return Books(billed=billed, reaches=reaches)


def draft_missing(
    basis: Basis,
    books: Books,
    sources: BillingSources,
    *,
    through: datetime,
    position: int,
) -> Outcome[tuple[Invoice, ...]]:
    """
    Draft all documents that are due by an instant and not issued, each on those before it.

    Problems:
        As `draft_due`; then none is drafted.
    """
    made: list[Invoice] = []
    for due in missing_documents(basis, books.billed, through=through):
        order = DraftOrder(
            basis=basis,
            due=due,
            billed=(*books.billed, *as_billed(made)),
            position=position,
            reaches=books.reaches,
        )
        outcome = draft_due(order, sources)
        if isinstance(outcome, Refused):
            return outcome
        made += outcome.value.documents
    return Done(tuple(made))
