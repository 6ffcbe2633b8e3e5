"""`/v1/drafts`: what a billing run held back, reviewed, approved in bulk or rejected."""

from __future__ import annotations

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.schemas import (
    ApprovalAnswer,
    ApprovalOrder,
    DraftItem,
    RejectionOrder,
    wire_from_approval,
    wire_from_review,
)
from tallystick.app.command import Caller
from tallystick.app.invoicing import (
    ApprovedDraft,
    ApproveDrafts,
    RejectDraft,
    approve_drafts,
    reject_draft,
    review_drafts,
)
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.kernel import InvoiceId

BILLING = needs(Scope.BILLING)


@get("/", opt=BILLING, sync_to_thread=True, summary="Review drafts")
def review(application: Application, caller: Caller) -> list[DraftItem]:
    """List drafts beside the last document of their subscription, the greatest changes first."""
    return wire_from_review(
        value_of(review_drafts(caller, uow=application.units(caller.workspace)))
    )


@post("/approve", opt=BILLING, sync_to_thread=True, status_code=200, summary="Approve drafts")
def approve(data: ApprovalOrder, application: Application, caller: Caller) -> ApprovalAnswer:
    """
    Issue drafts as they were reviewed, each by itself.

    A draft whose digest is given is issued only if it still is the one that was seen.
    """
    drafts = tuple(
        ApprovedDraft(invoice=InvoiceId(one.id), digest=one.digest) for one in data.drafts
    )
    outcome = approve_drafts(
        ApproveDrafts(drafts=drafts),
        caller=caller,
        units=lambda: application.units(caller.workspace),
        clock=application.clock,
        writer=application.documents,
    )
    return wire_from_approval(value_of(outcome))


@post(
    "/{invoice:str}/reject",
    opt=BILLING,
    sync_to_thread=True,
    status_code=204,
    summary="Reject a draft",
)
def reject(invoice: str, data: RejectionOrder, application: Application, caller: Caller) -> None:
    """Throw a draft away with those that rest on it; the next run drafts them anew."""
    outcome = reject_draft(
        RejectDraft(invoice=InvoiceId(invoice), reason=data.reason),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    value_of(outcome)


drafts_router = Router(path="/drafts", route_handlers=[review, approve, reject], tags=["invoices"])
