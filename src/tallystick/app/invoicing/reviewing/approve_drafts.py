"""Issues drafts that were reviewed, each in a transaction of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.document_writer import DocumentWriter
from tallystick.app.invoicing.issue_invoice import IssueInvoice, issue_invoice
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, InvoiceId, Outcome, Problem, Refused

Units = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedDraft:
    """A draft, and its digest as it was seen; an empty one approves whatever stands."""

    invoice: InvoiceId
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveDrafts:
    """Issue drafts, in this order: what opens a period before what rests on it."""

    drafts: tuple[ApprovedDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReport:
    """The documents issued, and of those that were not why."""

    issued: tuple[InvoiceId, ...]
    refused: tuple[tuple[InvoiceId, Problem], ...]


def approve_drafts(
    command: ApproveDrafts, *, caller: Caller, units: Units, clock: Clock, writer: DocumentWriter
) -> Outcome[ApprovalReport]:
    """
    Issue drafts as they were reviewed; one that is refused keeps none of the others.

    Broken off and sent again it goes on: what was issued is refused as ``already_issued``. Each
    issue has its own row of the audit.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    issued: list[InvoiceId] = []
    refused: list[tuple[InvoiceId, Problem]] = []
    sender = replace(caller, idempotency_key=None)
    for draft in command.drafts:
        order = IssueInvoice(invoice=draft.invoice, digest=draft.digest)
        outcome = issue_invoice(order, caller=sender, uow=units(), clock=clock, writer=writer)
        if isinstance(outcome, Refused):
            refused.append((draft.invoice, outcome.problems[0]))
        else:
            issued.append(draft.invoice)
    return Done(ApprovalReport(issued=tuple(issued), refused=tuple(refused)))
