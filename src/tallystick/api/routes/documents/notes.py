"""`/v1/invoices/{invoice}/void` and `/credit`: what becomes of a document after its issue."""

from __future__ import annotations

from litestar import Router, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.schemas import CreditOrderBody, VoidedAnswer, VoidOrderBody, wire_from_voided
from tallystick.app.command import Caller
from tallystick.app.invoicing import CreditInvoice, VoidInvoice, credit_invoice, void_invoice
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.invoicing import InvoiceDocument, wire_from_invoice
from tallystick.kernel import InvoiceId

BILLING = needs(Scope.BILLING)


@post(
    "/{invoice:str}/void",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Void an invoice",
)
def void(
    invoice: str, data: VoidOrderBody, application: Application, caller: Caller
) -> VoidedAnswer:
    """
    Take an issued invoice back as a whole, with a credit note.

    `rebill`: what it charged is due again, and issued at once with `regenerate`. `waive`: it stays
    settled at nothing. A dry run tells what would be issued.
    """
    outcome = void_invoice(
        VoidInvoice(
            invoice=InvoiceId(invoice),
            disposition=data.disposition,
            reason=data.reason,
            regenerate=data.regenerate,
            dry_run=data.dry_run,
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.billing_sources,
    )
    return wire_from_voided(value_of(outcome))


@post(
    "/{invoice:str}/credit",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Credit an invoice",
)
def credit(
    invoice: str, data: CreditOrderBody, application: Application, caller: Caller
) -> InvoiceDocument:
    """
    Give back a part of an issued invoice: an amount, or some of its lines.

    Amounts are as the document's prices are: without taxes on top, with those that prices hold. The
    credit note gives back the tax of the corrected whole. A dry run tells what would be issued.
    """
    outcome = credit_invoice(
        CreditInvoice(
            invoice=InvoiceId(invoice),
            kind=data.kind,
            reason=data.reason,
            amount=data.amount,
            lines=data.lines,
            dry_run=data.dry_run,
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
        writer=application.documents,
    )
    return wire_from_invoice(value_of(outcome))


notes_router = Router(path="/invoices", route_handlers=[void, credit], tags=["invoices"])
