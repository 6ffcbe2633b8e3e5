"""`/v1/disputes`: objections of payers, with evidence, outcome and what the lines rest on."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import (
    DisputeAnswer,
    DisputeItem,
    DisputeOrder,
    DisputeText,
    ResolutionOrder,
    wire_from_dispute,
    wire_from_shown_dispute,
)
from tallystick.app.command import Caller
from tallystick.app.invoicing import (
    OpenDispute,
    ResolveDispute,
    TakeStep,
    list_disputes,
    open_dispute,
    resolve_dispute,
    show_dispute,
    take_step,
)
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.invoicing import DisputeState, DisputeStep
from tallystick.kernel import InvoiceId

OWN = needs(Scope.READ, account_keys=True)
BILLING = needs(Scope.BILLING)


@get("/", opt=OWN, sync_to_thread=True, summary="List disputes")
def disputes(
    application: Application,
    caller: Caller,
    page: PageRequest,
    in_state: Annotated[
        DisputeState | None, Parameter(query="state", description="Only in this state.")
    ] = None,
) -> Page[DisputeItem]:
    """List disputes by id, each with all that happened."""
    uow = application.units(caller.workspace)
    found = value_of(
        list_disputes(caller, uow=uow, after=page.after, limit=page.limit + 1, state=in_state)
    )
    return page.page(found, lambda each: each.id, wire=wire_from_dispute)


@get("/{dispute:str}", opt=OWN, sync_to_thread=True, summary="Show a dispute")
def dispute_of_id(dispute: str, application: Application, caller: Caller) -> DisputeAnswer:
    """Show a dispute with the explanation of its lines, down to the events behind them."""
    uow = application.units(caller.workspace)
    sources = application.billing_sources
    return wire_from_shown_dispute(
        value_of(show_dispute(caller, dispute, uow=uow, sources=sources))
    )


@post("/", opt=BILLING, sync_to_thread=True, status_code=200, summary="Open a dispute")
def open_one(data: DisputeOrder, application: Application, caller: Caller) -> DisputeItem:
    """Record that a payer objects to a document or some of its lines."""
    outcome = open_dispute(
        OpenDispute(invoice=InvoiceId(data.invoice), reason=data.reason, lines=data.lines),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_dispute(value_of(outcome))


@post(
    "/{dispute:str}/evidence",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Add evidence",
)
def evidence(
    dispute: str, data: DisputeText, application: Application, caller: Caller
) -> DisputeItem:
    """Add what either side brings forward."""
    command = TakeStep(dispute=dispute, step=DisputeStep.EVIDENCE, text=data.text)
    return _taken(command, application, caller)


@post(
    "/{dispute:str}/resolve",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Resolve a dispute",
)
def resolve(
    dispute: str, data: ResolutionOrder, application: Application, caller: Caller
) -> DisputeItem:
    """Decide a dispute: with a credit note over a part, or with none."""
    outcome = resolve_dispute(
        ResolveDispute(dispute=dispute, outcome=data.outcome, amount=data.amount, lines=data.lines),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
        writer=application.documents,
    )
    return wire_from_dispute(value_of(outcome))


@post(
    "/{dispute:str}/reopen",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Reopen a dispute",
)
def reopen(
    dispute: str, data: DisputeText, application: Application, caller: Caller
) -> DisputeItem:
    """Open a resolved dispute again; what was given back stays given back."""
    command = TakeStep(dispute=dispute, step=DisputeStep.REOPENED, text=data.text)
    return _taken(command, application, caller)


def _taken(command: TakeStep, application: Application, caller: Caller) -> DisputeItem:
    outcome = take_step(
        command,
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_dispute(value_of(outcome))


disputes_router = Router(
    path="/disputes",
    route_handlers=[disputes, dispute_of_id, open_one, evidence, resolve, reopen],
    tags=["invoices"],
)
