"""`tallystick invoice`: preview, run, list, show, explain, issue, export."""

from pathlib import Path
from typing import Annotated, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.catalog import DocumentForm
from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.invoices.following import followed
from tallystick.cli.invoices.shown import document_shown
from tallystick.cli.output import item_table, note
from tallystick.cli.short_lived import some_server
from tallystick.client import Request
from tallystick.invoicing import (
    ExplainedEvent,
    ExplainedLine,
    InvoiceDocument,
    explanation_text,
)
from tallystick.kernel import Problem, counted

LIST_COLUMNS = (
    "id", "number", "status", "account", "period_start", "period_end", "total#", "due#", "currency",
)  # fmt: skip

ENDINGS = dict(
    zip(DocumentForm, ("pdf", "html", "csv", "cii.xml", "ubl.xml", "facturx.pdf"), strict=True)
)

invoice_app = App(
    name="invoice", help="Preview, run, show, explain, issue, export, void and credit invoices."
)


@invoice_app.command
def preview(account: str, /, *, at: str = "", session: Session = HERE) -> None:
    """
    Show what the running periods of an account come to, without storing anything.

    A payer whose contracts are billed together is shown the one document that they come to.

    For example:

        tallystick invoice preview acme

    Args:
        account: Key of the account.
        at: As of this instant; now, unless given.
        session: Which server is asked, and how its answer is written.
    """
    order = {"account": account} | ({"at": at} if at else {})
    with session.client() as client:
        answer = cast(Item, client.post("/v1/invoices/preview", order))
    documents = msgspec.convert(answer["documents"], list[InvoiceDocument])
    shown = [each for document in documents for each in document_shown(document)]
    waiting = msgspec.convert(answer.get("waiting", []), list[InvoiceDocument])
    for document in waiting:
        shown += [*document_shown(document), "below the least invoice: it waits, and is not issued"]
    session.answer(answer, *(shown or [f"{account} has no running period"]))


@invoice_app.command
def run(
    *,
    through: str = "",
    account: str = "",
    hold: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> Exit:
    """
    Draft, number and issue every invoice that is due; a second run finds nothing to do.

    For example:

        tallystick invoice run
        tallystick invoice run --through 2026-02-01T00:00:00Z --account acme

    Args:
        through: Bill what is due by this instant; now, unless given.
        account: Bill the payer of this account only.
        hold: Draft all that is due and issue nothing; it waits for a review, whatever runs next.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"through": through, "account": account, "hold": hold}
    wanted = {name: value for name, value in order.items() if value}
    with session.client(timeout_seconds=3600.0) as client, followed(session) as ended:
        report = cast(Item, client.post("/v1/invoices/run", wanted))
        ended(report)
    issued = cast(list[str], report["issued"])
    parked = cast(list[Item], report["parked"])
    told = f"{counted(len(issued), 'document')} issued for {counted(report['accounts'], 'account')}"
    if report["held"]:
        told += f", {counted(report['held'], 'draft')} held for review"
    if report["waiting"]:
        told += f", {counted(report['waiting'], 'draft')} below the least invoice"
    session.answer(report, *([*issued, told] if issued else [told]))
    for each in parked:
        note(f"{each['account']} is parked: {each['message']}")
    return Exit.REFUSED if parked else Exit.OK


@invoice_app.command(name="list")
def list_all(*, account: str = "", session: Session = HERE) -> None:
    """
    List drafts, invoices and credit notes.

    For example:

        tallystick invoice list --account acme

    Args:
        account: Only the documents of this payer.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/invoices", account=account))
    session.answer(found, item_table("", found, LIST_COLUMNS))


@invoice_app.command
def show(invoice: str, /, *, session: Session = HERE) -> None:
    """
    Show a document with its lines.

    For example:

        tallystick invoice show inv_5f0c1d2e3a4b5c6d7e8f

    Args:
        invoice: Id of the document.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = client.get(f"/v1/invoices/{invoice}")
    session.answer(answer, *document_shown(msgspec.convert(answer, InvoiceDocument)))


@invoice_app.command
def explain(invoice: str, line: str = "", /, *, events: int = 20, session: Session = HERE) -> None:
    """
    Explain a document: each line down to steps, quantity and window; one line down to its events.

    For example:

        tallystick invoice explain inv_5f0c1d2e3a4b5c6d7e8f
        tallystick invoice explain inv_5f0c1d2e3a4b5c6d7e8f line_8628e29b44d28633808b --events 100

    Args:
        invoice: Id of the document.
        line: Id of one line, as the explanation of the document shows it.
        events: How many events of that line are shown.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(
            Item,
            client.get(f"/v1/invoices/{invoice}/explain", line=line, limit=str(events)),
        )
    lines = msgspec.convert(answer["lines"], list[ExplainedLine])
    behind = msgspec.convert(answer["events"], list[ExplainedEvent])
    texts = [f"{each.line}\n{explanation_text(each, behind)}" for each in lines]
    if answer.get("next_position"):
        texts.append("there are more events: ask for more with --events")
    session.answer(answer, *texts)


@invoice_app.command
def issue(invoice: str, /, *, session: Session = HERE) -> None:
    """
    Issue a draft: it gets its number and never changes again.

    For example:

        tallystick invoice issue inv_5f0c1d2e3a4b5c6d7e8f

    Args:
        invoice: Id of the draft.
        session: Which server is asked, and how its answer is written.
    """
    path = f"/v1/invoices/{invoice}/issue"
    with session.client() as client:
        answer = client.post(path, idempotency_key=f"issue {invoice}")
    session.answer(answer, *document_shown(msgspec.convert(answer, InvoiceDocument)))


@invoice_app.command
def export(  # noqa: PLR0913 - each is an option
    invoice: str,
    /,
    *,
    to: Annotated[Path | None, Parameter(name=["--to", "-o"])] = None,
    proof: Annotated[bool, Parameter(negative=())] = False,
    form: Annotated[DocumentForm | None, Parameter(name="--as")] = None,
    language: str = "",
    session: Session = HERE,
) -> None:
    """
    Write a document to a file: its canonical JSON, its proof, or what people and machines read.

    A proof holds the document, the contract and every event behind it; `tallystick verify FILE`
    recomputes it on any machine.

    For example:

        tallystick invoice export inv_5f0c1d2e3a4b5c6d7e8f --as pdf --language de -o january.pdf
        tallystick invoice export inv_5f0c1d2e3a4b5c6d7e8f --proof -o january.proof

    Args:
        invoice: Id of the document.
        to: The file; named after the document, unless given.
        proof: Export the proof.
        form: What the document is written as, instead of JSON.
        language: Of what people read, by ISO 639-1; the payer's, unless given.
        session: Which server is asked, and how its answer is written.
    """
    path, ending = f"/v1/invoices/{invoice}", "json"
    query: dict[str, str] = {}
    if form is not None:
        path, ending = f"{path}/document", ENDINGS[form]
        query = {"format": form.value, "language": language}
    elif proof:
        path, ending = f"{path}/proof", "proof"
    with some_server(session, timeout_seconds=3600.0) as client:
        answer = client.fetch(Request(method="GET", path=path, query=query))
    target = to or Path(f"{invoice}.{ending}")
    try:
        target.write_bytes(answer.content)
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}"
        raise Refusal([Problem(code="unwritable", message=message, field="--to")]) from error
    document = {"file": str(target), "bytes": len(answer.content)}
    session.answer(document, f"{target}: {counted(f'{len(answer.content):,}', 'byte')}")
