"""Puts the questions of a document to the projection, and drafts from the answers."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.app.invoicing.ports import BillingSources
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrder:
    """
    Which document to draft from what.

    Attributes:
        billed: issued lines of the subscription; empty leaves corrections out.
        position: last log position that counts.
        preview_at: measure only up to here, without evidence; None: for issue.
    """

    basis: Basis
    due: Due
    billed: tuple[Billed, ...]
    position: int
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
            tzdata_version=sources.tzdata_version,
        )
    )


def draft_missing(
    basis: Basis,
    billed: tuple[Billed, ...],
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
    for due in missing_documents(basis, billed, through=through):
        order = DraftOrder(
            basis=basis, due=due, billed=(*billed, *as_billed(made)), position=position
        )
        outcome = draft_due(order, sources)
        if isinstance(outcome, Refused):
            return outcome
        made += outcome.value.documents
    return Done(tuple(made))
