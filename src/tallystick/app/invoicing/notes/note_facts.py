"""Loads what an ordered note follows from, and issues notes."""

from collections.abc import Sequence
from datetime import datetime

from tallystick.app.invoicing.crediting import taken_back
from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.invoicing.gathering import lock_contracts
from tallystick.app.invoicing.issuing import Issue, Issuing, issue_drafts
from tallystick.app.invoicing.load_basis import legal_entity_of
from tallystick.app.invoicing.ports import NumberedDocument
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Billed,
    CreditOrder,
    Invoice,
    NoteFacts,
    VoidOrder,
    draft_note,
    issue_date,
)
from tallystick.kernel import Done, InvoiceId, Outcome, Problem, Refused, refuse

REASON_LENGTH_MAX = 500


def load_note_facts(
    uow: UnitOfWork, order: CreditOrder | VoidOrder, *, at: datetime
) -> Outcome[NoteFacts]:
    """
    Return what a note follows from; the contracts of its document stay locked.

    So notes on one document come one after the other, and no run bills beside them.

    Problems:
        unknown_invoice: there is no document of this id.
        uncollectible: what was left of it is written off.
        unknown_legal_entity: its issuer is gone from the catalog.
    """
    id_ = InvoiceId(order.document)
    found = uow.invoices.load_document(id_)
    if found is None:
        return refuse("unknown_invoice", f"there is no document {id_}", "invoice")
    lock_contracts(uow, found.invoice.contracts)
    if uow.receivables.is_uncollectible(id_):
        return refuse("uncollectible", f"{found.invoice.number} was written off", "invoice")
    entity = legal_entity_of(uow.catalog.load_definitions(), found.invoice.legal_entity)
    if isinstance(entity, Refused):
        return entity
    billed = uow.shared.load_billed(found.invoice.contracts)
    return Done(
        NoteFacts(
            original=found.invoice,
            basis=read_basis(found),
            order=order,
            history=_history(uow, found.invoice, billed),
            billed=billed,
            issue_on=issue_date(at, entity.value),
        )
    )


def draft_returning(uow: UnitOfWork, facts: NoteFacts, *, at: datetime) -> Outcome[Invoice]:
    """
    Draft a note, and see that it takes back no more sold credit than nobody used.

    Problems:
        Those of `draft_note` and `taken_back`.
    """
    draft = draft_note(facts)
    back = draft if isinstance(draft, Refused) else taken_back(uow, [draft.value], at=at)
    return back if isinstance(back, Refused) else draft


def issue_notes(
    uow: UnitOfWork, drafts: Sequence[Invoice], how: Issuing
) -> Outcome[tuple[NumberedDocument, ...]]:
    """
    Issue stored drafts of one legal entity, in their order.

    Problems:
        unknown_legal_entity: see `legal_entity_of`; those of `issue_drafts`.
    """
    entity = legal_entity_of(uow.catalog.load_definitions(), drafts[0].legal_entity)
    if isinstance(entity, Refused):
        return entity
    issue = Issue(entity=entity.value, at=how.at, writer=how.writer, trace_id=how.trace_id)
    return issue_drafts(uow, drafts, issue)


def reason_problem(reason: str) -> Problem | None:
    """Return what is wrong with a reason that a person gave, None if nothing is."""
    if reason.strip() and reason.isprintable() and len(reason) <= REASON_LENGTH_MAX:
        return None
    message = f"give a reason, of at most {REASON_LENGTH_MAX} printable characters"
    return Problem(code="wrong_reason", message=message, field="reason")


def _history(uow: UnitOfWork, original: Invoice, billed: Sequence[Billed]) -> list[Invoice]:
    """Return every issued document that names a key of one, in the order of issue."""
    keys = {line.key.identity for line in original.lines}
    ids = dict.fromkeys(line.document for line in billed if line.key.identity in keys)
    found = (uow.invoices.load_document(one) for one in ids)
    return [one.invoice for one in found if one is not None]
