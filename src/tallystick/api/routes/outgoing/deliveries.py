"""`/v1/invoices/{id}/send` and `/v1/deliveries`: documents by e-mail, and what became of them."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import SendOrder
from tallystick.app.command import Caller
from tallystick.app.delivery import SendDocument, SentDocument, send_document
from tallystick.app.keys import Scope
from tallystick.app.outbox import (
    DeliveryRecord,
    DeliveryState,
    RetriedDelivery,
    RetryDelivery,
    list_deliveries,
    retry_delivery,
)
from tallystick.bootstrap.engines import Application
from tallystick.kernel import InvoiceId

BILLING = needs(Scope.BILLING)


@post(
    "/invoices/{invoice:str}/send",
    opt=BILLING,
    sync_to_thread=True,
    status_code=202,
    tags=["invoices"],
    summary="Send a document by e-mail",
)
def send(data: SendOrder, invoice: str, application: Application, caller: Caller) -> SentDocument:
    """Put an issued document on its way to the payer, or to another address; once more if asked."""
    outcome = send_document(
        SendDocument(invoice=InvoiceId(invoice), to=data.to),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
        has_post=application.settings.mail is not None,
    )
    return value_of(outcome)


@get("/deliveries", opt=BILLING, sync_to_thread=True, tags=["operation"], summary="List deliveries")
def deliveries(
    application: Application,
    caller: Caller,
    page: PageRequest,
    standing: Annotated[
        DeliveryState | None,
        QueryParameter(name="state", description="Only what is due, delivered or parked."),
    ] = None,
) -> Page[DeliveryRecord]:
    """List what left the system or is on its way: state, attempts, why the last one failed."""
    uow = application.units(caller.workspace)
    found = value_of(
        list_deliveries(caller, uow=uow, after=page.after, limit=page.limit + 1, state=standing)
    )
    return page.page(found, lambda one: one.id, wire=lambda one: one)


@post(
    "/deliveries/{delivery:str}/retry",
    opt=BILLING,
    sync_to_thread=True,
    status_code=202,
    tags=["operation"],
    summary="Try a delivery again",
)
def retry(delivery: str, application: Application, caller: Caller) -> RetriedDelivery:
    """Try again what was given up, under an id of its own."""
    outcome = retry_delivery(
        RetryDelivery(id=delivery),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return value_of(outcome)


deliveries_router = Router(path="/", route_handlers=[send, deliveries, retry])
