"""`/v1/invoices/one-off` and `/write-off`: sell something once, give a receivable up."""

from __future__ import annotations

from litestar import Router, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.schemas import OneOffOrder, WriteOffOrder
from tallystick.app.command import Caller
from tallystick.app.invoicing import BillOneOff, WriteOff, WrittenOff, bill_one_off, write_off
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.invoicing import InvoiceDocument, wire_from_invoice
from tallystick.kernel import InvoiceId

BILLING = needs(Scope.BILLING)


@post("/one-off", opt=BILLING, sync_to_thread=True, status_code=200, summary="Sell once")
def one_off(data: OneOffOrder, application: Application, caller: Caller) -> InvoiceDocument:
    """Issue an invoice over what is sold once, outside any contract; a dry run tells it."""
    outcome = bill_one_off(
        BillOneOff(
            account=data.account,
            legal_entity=data.legal_entity,
            lines=data.lines,
            start=utc_if_given("$.start", data.start),
            end=utc_if_given("$.end", data.end),
            prices_include_tax=data.prices_include_tax,
            reason=data.reason,
            dry_run=data.dry_run,
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.billing_sources,
    )
    return wire_from_invoice(value_of(outcome))


@post(
    "/{invoice:str}/write-off",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Write an invoice off",
)
def uncollectible(
    invoice: str, data: WriteOffOrder, application: Application, caller: Caller
) -> WrittenOff:
    """Give up what is left of an issued invoice: uncollectible, a loss in the journal."""
    outcome = write_off(
        WriteOff(invoice=InvoiceId(invoice), reason=data.reason),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return value_of(outcome)


selling_router = Router(
    path="/invoices", route_handlers=[one_off, uncollectible], tags=["invoices"]
)
