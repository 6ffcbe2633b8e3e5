"""Gives up what a payer owes for a document: uncollectible, written off in the journal."""

from dataclasses import dataclass

import msgspec

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.gathering import lock_contracts
from tallystick.app.invoicing.load_basis import legal_entity_of
from tallystick.app.invoicing.notes import reason_problem
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import DocumentType, Invoice, write_off_entry
from tallystick.kernel import Done, InvoiceId, Money, Outcome, Refused, refuse
from tallystick.ledger import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """Call an issued invoice uncollectible; ``reason`` stands in the audit."""

    invoice: InvoiceId
    reason: str


class WrittenOff(msgspec.Struct, frozen=True, kw_only=True):
    """What was given up: of which document, how much in major units, by which journal entry."""

    invoice: str
    number: str
    money: str
    currency: str
    entry: str


def write_off(
    command: WriteOff, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[WrittenOff]:
    """
    Write off what is left of a document, taxes included: its total less notes and payments.

    The document stays as it is, and is owed no more. What a tax authority gives back is not booked.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_reason: no reason, or one that cannot be printed.
        unknown_invoice, not_an_invoice: there is no issued invoice of this id.
        uncollectible: it was written off before.
        nothing_left: it was paid, or notes gave all of it back.
    """
    problem = missing_scope(caller, "billing") or reason_problem(command.reason)
    if problem is not None:
        return Refused((problem,))

    def decide() -> Decided[WrittenOff]:
        done = _write_off(command, uow, clock)
        if isinstance(done, Refused):
            return done
        details = {"reason": command.reason, "entry": done.value.entry}
        subject = f"invoice:{command.invoice}"
        return Effect(answer=done.value, subject=subject, at=clock.now(), details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(WrittenOff))


def _write_off(command: WriteOff, uow: UnitOfWork, clock: Clock) -> Outcome[WrittenOff]:
    left = _left(command.invoice, uow)
    if isinstance(left, Refused):
        return left
    invoice, money = left.value
    entity = legal_entity_of(uow.catalog.load_definitions(), invoice.legal_entity)
    if isinstance(entity, Refused):
        return entity
    locked = uow.journal.hold(invoice.legal_entity)
    books = Books(key=entity.value.key, zone=entity.value.zone, locked_through=locked)
    entry = write_off_entry(invoice, money, books=books, at=clock.now())
    uow.journal.post(entry)
    uow.receivables.mark_uncollectible(
        invoice.id, money=money, reason=command.reason, at=clock.now()
    )
    return Done(
        WrittenOff(
            invoice=invoice.id,
            number=str(invoice.number),
            money=f"{money.decimal:f}",
            currency=money.currency.code,
            entry=entry.id,
        )
    )


def _left(id_: InvoiceId, uow: UnitOfWork) -> Outcome[tuple[Invoice, Money]]:
    """Return a document and what is left of it; its subscription stays locked."""
    found = uow.invoices.load_document(id_)
    if found is None:
        return refuse("unknown_invoice", f"there is no document {id_}", "invoice")
    invoice = found.invoice
    lock_contracts(uow, invoice.contracts)
    if invoice.number is None or invoice.document_type is not DocumentType.INVOICE:
        message = f"{id_} is not an issued invoice; nothing is owed for it"
        return refuse("not_an_invoice", message, "invoice")
    if uow.receivables.is_uncollectible(id_):
        return refuse("uncollectible", f"{invoice.number} was written off before", "invoice")
    uow.money.lock([invoice.account])
    money = uow.receivables.due(id_)
    if money.minor <= 0:
        return refuse("nothing_left", f"nothing is left of {invoice.number}", "invoice")
    return Done((invoice, money))
