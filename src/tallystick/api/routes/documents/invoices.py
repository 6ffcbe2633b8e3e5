"""`/v1/invoices`: list, show, explain, prove; preview, run, issue, verify."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.metrics import Metrics
from tallystick.api.paging import Page, PageRequest
from tallystick.api.problems import CONFLICT
from tallystick.api.running import RunsUnderWay
from tallystick.api.schemas import (
    ExplanationAnswer,
    InvoiceItem,
    PreviewAnswer,
    PreviewOrder,
    RunAnswer,
    RunOrder,
    VerificationAnswer,
    wire_from_explanation,
    wire_from_previews,
    wire_from_run,
    wire_from_summary,
    wire_from_verification,
)
from tallystick.app.command import Caller
from tallystick.app.invoicing import (
    ExplainInvoice,
    IssueInvoice,
    PreviewInvoice,
    RunBilling,
    WriteDocument,
    explain_invoice,
    export_proof,
    issue_invoice,
    list_invoices,
    preview_invoice,
    run_billing,
    show_invoice,
    verify_invoice,
    write_document,
)
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.catalog import DocumentForm
from tallystick.integrations.documents import PAGE_POLICY
from tallystick.invoicing import InvoiceDocument, wire_from_invoice
from tallystick.kernel import AccountKey, InvoiceId

OWN = needs(Scope.READ, account_keys=True)
BILLING = needs(Scope.BILLING)
JSON = "application/json"
PROOF = "application/zstd"


@get("/", opt=OWN, sync_to_thread=True, summary="List documents")
def invoices(
    application: Application,
    caller: Caller,
    page: PageRequest,
    account: Annotated[AccountKey | None, Parameter(description="Only this payer's.")] = None,
) -> Page[InvoiceItem]:
    """List drafts, invoices and credit notes by id."""
    uow = application.units(caller.workspace)
    found = value_of(
        list_invoices(caller, uow=uow, after=page.after, limit=page.limit + 1, account=account)
    )
    return page.page(found, lambda each: str(each.id), wire=wire_from_summary)


@get("/{invoice:str}", opt=OWN, sync_to_thread=True, summary="Show a document")
def invoice_of_id(
    invoice: str, application: Application, caller: Caller
) -> Response[InvoiceDocument]:
    """Show a document: its canonical JSON, byte by byte, with its digest in a header."""
    uow = application.units(caller.workspace)
    stored = value_of(show_invoice(caller, InvoiceId(invoice), uow=uow))
    headers = {"x-document-digest": stored.digest}
    return raw(stored.content, media_type=JSON, headers=headers)


@get("/{invoice:str}/explain", opt=OWN, sync_to_thread=True, summary="Explain a document")
def explain(  # noqa: PLR0913 - each is a parameter of the address
    invoice: str,
    application: Application,
    caller: Caller,
    *,
    line: Annotated[str | None, Parameter(description="One line, with its events.")] = None,
    after_position: Annotated[
        int, Parameter(ge=0, description="next_position of the page of events before.")
    ] = 0,
    limit: Annotated[int, Parameter(ge=1, le=1000, description="Events at most.")] = 100,
) -> ExplanationAnswer:
    """Explain each line down to steps, quantity and window, or one line down to its events."""
    question = ExplainInvoice(
        invoice=InvoiceId(invoice), line=line, after_position=after_position, limit=limit
    )
    uow = application.units(caller.workspace)
    sources = application.billing_sources
    outcome = explain_invoice(question, caller=caller, uow=uow, sources=sources)
    return wire_from_explanation(value_of(outcome))


@get("/{invoice:str}/proof", opt=OWN, sync_to_thread=True, summary="Export the proof")
def proof(invoice: str, application: Application, caller: Caller) -> Response[bytes]:
    """Export one file that verifies on another machine, without this server."""
    uow = application.units(caller.workspace)
    sources = application.billing_sources
    content = value_of(export_proof(caller, InvoiceId(invoice), uow=uow, sources=sources))
    name = "".join(letter for letter in invoice if letter.isalnum() or letter in "_-")
    headers = {"content-disposition": f'attachment; filename="{name}.proof"'}
    return Response(content, media_type=PROOF, headers=headers)


@get("/{invoice:str}/document", opt=OWN, sync_to_thread=True, summary="Write a document")
def document(
    invoice: str,
    application: Application,
    caller: Caller,
    *,
    format: Annotated[  # noqa: A002 - the word of the address
        DocumentForm, Parameter(description="What it is written as.")
    ] = DocumentForm.PDF,
    language: Annotated[
        str, Parameter(description="Of ISO 639-1; the payer's, unless given.")
    ] = "",
) -> Response[bytes]:
    """Write a document for people or machines: PDF/A-3b, a page, its exact figures."""
    written = value_of(
        write_document(
            WriteDocument(invoice=InvoiceId(invoice), form=format, language=language),
            caller=caller,
            uow=application.units(caller.workspace),
            usage=application.usage,
            writer=application.documents,
        )
    )
    headers = {
        "content-disposition": f'inline; filename="{written.name}"',
        "content-security-policy": PAGE_POLICY,
    }
    return Response(written.content, media_type=written.media_type, headers=headers)


@post("/preview", opt=OWN, sync_to_thread=True, status_code=200, summary="Preview documents")
def preview(data: PreviewOrder, application: Application, caller: Caller) -> PreviewAnswer:
    """Tell what an account's running periods come to; nothing is stored."""
    outcome = preview_invoice(
        PreviewInvoice(account=data.account, at=utc_if_given("$.at", data.at)),
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.billing_sources,
    )
    return wire_from_previews(value_of(outcome))


@post("/run", opt=BILLING, sync_to_thread=True, status_code=200, summary="Run billing")
def run(
    data: RunOrder, application: Application, caller: Caller, metrics: Metrics, runs: RunsUnderWay
) -> RunAnswer:
    """Draft, issue and post every document due; `GET /v1/invoices/runs` tells how far it is."""
    at = application.clock.now()
    with metrics.billing_run(), runs.run(caller.workspace, at=at) as progress:
        outcome = run_billing(
            RunBilling(
                through=utc_if_given("$.through", data.through),
                position=data.position,
                account=data.account,
                hold=data.hold,
            ),
            caller=caller,
            units=application.units,
            sources=application.billing_sources,
            progress=progress,
        )
        return wire_from_run(value_of(outcome))


@post(
    "/{invoice:str}/issue",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Issue a draft",
)
def issue(invoice: str, application: Application, caller: Caller) -> InvoiceDocument:
    """Give a draft its number; from then on it never changes."""
    outcome = issue_invoice(
        IssueInvoice(invoice=InvoiceId(invoice)),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
        writer=application.documents,
    )
    return wire_from_invoice(value_of(outcome))


@post(
    "/{invoice:str}/verify",
    opt=OWN,
    sync_to_thread=True,
    status_code=200,
    summary="Verify a document",
)
def verify(invoice: str, application: Application, caller: Caller) -> VerificationAnswer:
    """Make a document again from the log; 409 says what differs."""
    uow = application.units(caller.workspace)
    sources = application.billing_sources
    outcome = verify_invoice(caller, InvoiceId(invoice), uow=uow, sources=sources)
    return wire_from_verification(value_of(outcome, otherwise=CONFLICT))


def raw(content: bytes, *, media_type: str, headers: dict[str, str]) -> Response[InvoiceDocument]:
    """Return stored bytes as they are, typed as what they hold for the API's description."""
    answer: Response[InvoiceDocument] = Response(
        content,  # type: ignore[arg-type]  # encoded already; decoding and encoding is for nothing
        media_type=media_type,
        headers=headers,
    )
    return answer


invoices_router = Router(
    path="/invoices",
    route_handlers=[
        invoices,
        invoice_of_id,
        explain,
        proof,
        document,
        preview,
        run,
        issue,
        verify,
    ],
    tags=["invoices"],
)
