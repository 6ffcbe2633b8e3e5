"""Takes an issued invoice back as a whole, and bills anew what it charged, if that is wanted."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from tallystick.app.carrying_out import Decided, Effect, Kept, Preview, carried_out
from tallystick.app.command import Caller, missing_scope
from tallystick.app.corrections import record_reaches
from tallystick.app.invoicing.issuing import Issuing
from tallystick.app.invoicing.load_basis import load_subscription_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import draft_each, load_books
from tallystick.app.invoicing.notes.note_facts import (
    draft_returning,
    issue_notes,
    load_note_facts,
    reason_problem,
)
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.invoicing.provable import repaired_since, unprovable
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Basis,
    Disposition,
    Drafted,
    Gathered,
    GatheringFacts,
    Invoice,
    VoidOrder,
    as_billed,
    asked_at,
    basis_document,
    document_of,
    gather,
    invoice_from_document,
    missing_documents,
)
from tallystick.kernel import Done, InvariantBroken, InvoiceId, Outcome, Problem, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidInvoice:
    """
    Take a document back.

    Attributes:
        invoice: an issued invoice.
        disposition: ``rebill``: what it charged is due again; ``waive``: it stays at nothing.
        reason: stands on the credit note.
        regenerate: issue what is due again at once; with ``rebill`` only.
        dry_run: tell what would be issued, and issue nothing.
    """

    invoice: InvoiceId
    disposition: Disposition
    reason: str
    regenerate: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    """The credit note that takes a document back, and what was issued in its place."""

    note: Invoice
    anew: tuple[Invoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """The drafts of a void, with what each follows from."""

    note: Invoice
    note_basis: Basis
    anew: tuple[Drafted, ...] = ()


def void_invoice(
    command: VoidInvoice, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[Voided]:
    """
    Issue a credit note over all that is left of a document; a dry run returns the drafts.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_reason: no reason, or one that cannot be printed.
        nothing_to_regenerate: what is waived is not billed anew.
        Those of `load_note_facts`, `draft_returning`, `issue_drafts`, and of drafting anew.
    """
    problem = missing_scope(caller, "billing") or _problem(command)
    if problem is not None:
        return Refused((problem,))
    now = sources.clock.now()
    sender = replace(caller, idempotency_key=None) if command.dry_run else caller

    def decide() -> Decided[Voided]:
        plan = _plan(command, uow, sources, at=now)
        if isinstance(plan, Refused):
            return plan
        if command.dry_run:
            anew = tuple(one.invoice for one in plan.value.anew)
            return Preview(answer=Voided(note=plan.value.note, anew=anew))
        how = Issuing(at=now, writer=sources.writer, trace_id=caller.trace_id)
        return _issue(command, uow, plan.value, how=how)

    kept = Kept(write=_kept, read=_told)
    return carried_out(command, decide, caller=sender, uow=uow, kept=kept)


def _problem(command: VoidInvoice) -> Problem | None:
    if command.regenerate and command.disposition is Disposition.WAIVE:
        message = "what is waived is not billed anew; choose the disposition rebill"
        return Problem(code="nothing_to_regenerate", message=message, field="regenerate")
    return reason_problem(command.reason)


def _plan(
    command: VoidInvoice, uow: UnitOfWork, sources: BillingSources, *, at: datetime
) -> Outcome[_Plan]:
    order = VoidOrder(
        document=command.invoice, disposition=command.disposition, reason=command.reason
    )
    facts = load_note_facts(uow, order, at=at)
    if isinstance(facts, Refused):
        return facts
    note = draft_returning(uow, facts.value, at=at)
    if isinstance(note, Refused):
        return note
    plan = _Plan(note=note.value, note_basis=replace(facts.value.basis, order=order))
    if not command.regenerate:
        return Done(plan)
    return _with_anew(plan, facts.value.original, uow, sources)


def _with_anew(
    plan: _Plan, original: Invoice, uow: UnitOfWork, sources: BillingSources
) -> Outcome[_Plan]:
    """Draft what is due in the place of the document, as if the note stood already."""
    position = sources.usage.covered_position()
    repairs = sources.agreement.repairs()
    problem = unprovable(uow, sources.agreement, position)
    if problem is not None:
        return Refused((problem,))
    record_reaches(uow, known=sources.corrections, clock=sources.clock, through=position)
    anew = _anew(plan, original, uow, sources)
    problem = repaired_since(sources.agreement, repairs)
    if problem is not None:
        return Refused((problem,))
    return anew if isinstance(anew, Refused) else Done(replace(plan, anew=anew))


def _anew(
    plan: _Plan, original: Invoice, uow: UnitOfWork, sources: BillingSources
) -> tuple[Drafted, ...] | Refused:
    definitions = uow.catalog.load_definitions()
    drafted: list[Drafted] = []
    for contract in original.contracts:
        basis = load_subscription_basis(uow, definitions, contract, payer=original.account)
        if isinstance(basis, Refused):
            return basis
        drafts = _drafted_anew(plan, original, basis.value, uow, sources)
        if isinstance(drafts, Refused):
            return drafts
        drafted += drafts
    if not original.sections:
        return tuple(drafted)
    gathered = _gathered(plan, drafted, uow, sources)
    return gathered if isinstance(gathered, Refused) else gathered.value.documents


def _drafted_anew(
    plan: _Plan, original: Invoice, basis: Basis, uow: UnitOfWork, sources: BillingSources
) -> list[Drafted] | Refused:
    """Draft what is due of one contract in the place of the document, or of its sections."""
    contract, now = basis.subscription.key, sources.clock.now()
    if basis.legal_entity != original.legal_entity:
        message = f"{contract} is billed by {basis.legal_entity} now"
        return refuse("other_legal_entity", f"{message}; void, and run billing", "regenerate")
    basis = asked_at(basis, now)
    note = [one for one in as_billed([plan.note]) if one.key.subscription == contract]
    books = load_books(uow, basis)
    books = replace(books, billed=(*books.billed, *note))
    pairs = zip(original.lines, original.places, strict=True)
    places = {
        (period.start, purpose)
        for line, (period, purpose) in pairs
        if line.key.subscription == contract
    }
    missing = missing_documents(basis, books.billed, through=now)
    dues = [due for due in missing if (due.period.start, due.purpose) in places]
    rated = with_rates(uow, basis, dues, billed=books.billed, now=now)
    drafts = draft_each(rated, books, sources, dues=dues, position=sources.usage.covered_position())
    if isinstance(drafts, Refused):
        return drafts
    return [Drafted(invoice=one, basis=rated) for one in drafts.value]


def _gathered(
    plan: _Plan, drafted: list[Drafted], uow: UnitOfWork, sources: BillingSources
) -> Outcome[Gathered]:
    """Return what takes the place of a consolidated document; other payers get their own."""
    payer = uow.accounts.load_account(plan.note.account)
    if payer is None:
        raise InvariantBroken(f"{plan.note.id} is for {plan.note.account}, who is not known")
    billed = (*uow.shared.load_billed(plan.note.contracts), *as_billed([plan.note]))
    facts = GatheringFacts(payer=payer, billed=billed, through=sources.clock.now())
    return gather(drafted, facts)


def _issue(command: VoidInvoice, uow: UnitOfWork, plan: _Plan, *, how: Issuing) -> Decided[Voided]:
    for contract in plan.note.contracts:
        uow.invoices.discard_drafts(contract)
    uow.invoices.save_drafts([plan.note], basis=basis_document(plan.note_basis))
    for one in plan.anew:
        uow.invoices.save_drafts([one.invoice], basis=basis_document(one.basis))
    issued = issue_notes(uow, [plan.note, *(one.invoice for one in plan.anew)], how)
    if isinstance(issued, Refused):
        return issued
    note, *anew = issued.value
    details = {
        "issued": {one.invoice.id: one.digest for one in issued.value},
        "disposition": command.disposition.value,
    }
    subject = f"invoice:{command.invoice}"
    voided = Voided(note=note.invoice, anew=tuple(one.invoice for one in anew))
    return Effect(answer=voided, subject=subject, at=how.at, details=details)


def _kept(voided: Voided) -> bytes:
    return msgspec.json.encode([document_of(one).decode() for one in (voided.note, *voided.anew)])


def _told(answer: bytes) -> Outcome[Voided]:
    documents = []
    for text in msgspec.json.decode(answer, type=list[str]):
        read = invoice_from_document(text.encode())
        if isinstance(read, Refused):
            return read
        documents.append(read.value)
    return Done(Voided(note=documents[0], anew=tuple(documents[1:])))
