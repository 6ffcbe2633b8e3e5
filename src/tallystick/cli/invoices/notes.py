"""`tallystick invoice void` and `credit`: what becomes of a document after its issue."""

from typing import Annotated, cast

import msgspec
from cyclopts import Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.invoices.shown import document_shown
from tallystick.invoicing import CreditKind, Disposition, InvoiceDocument
from tallystick.kernel import Problem

Flag = Annotated[bool, Parameter(negative=())]
Listed = Annotated[list[str] | None, Parameter(negative=())]


def void(  # noqa: PLR0913 - each is an option of the command
    invoice: str,
    disposition: Disposition,
    /,
    *,
    reason: str,
    regenerate: Flag = False,
    preview: Flag = False,
    session: Session = HERE,
) -> None:
    """
    Take an issued invoice back as a whole, with a credit note.

    With `rebill` what it charged is due again: the next run bills it, or `--regenerate` at once.
    With `waive` it stays settled at nothing, and late usage of it is not billed either.

    For example:

        tallystick invoice void inv_5f0c1d2e3a4b5c6d7e8f rebill --reason address --regenerate
        tallystick invoice void inv_5f0c1d2e3a4b5c6d7e8f waive --reason outage --preview

    Args:
        invoice: Id of the document.
        disposition: rebill or waive.
        reason: Stands on the credit note.
        regenerate: Issue what is due again at once.
        preview: Tell what would be issued, and issue nothing.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {
        "disposition": disposition.value,
        "reason": reason,
        "regenerate": regenerate,
        "dry_run": preview,
    }
    with session.client(timeout_seconds=600.0) as client:
        answer = cast(Item, client.post(f"/v1/invoices/{invoice}/void", order))
    documents = msgspec.convert(
        [answer["note"], *cast(list[Item], answer["anew"])], list[InvoiceDocument]
    )
    session.answer(answer, *(part for one in documents for part in document_shown(one)))


def credit(  # noqa: PLR0913 - each is an option of the command
    invoice: str,
    kind: CreditKind,
    /,
    *,
    reason: str,
    amount: str = "",
    line: Listed = None,
    quantity: Listed = None,
    preview: Flag = False,
    session: Session = HERE,
) -> None:
    """
    Give back a part of an issued invoice, with a credit note that says why.

    Amounts are as the document's prices are: without taxes on top. Without an amount and without
    lines all that is left of the document is given back.

    For example:

        tallystick invoice credit inv_5f0c1d2e3a4b5c6d7e8f goodwill --reason outage --amount 5
        tallystick invoice credit inv_5f0c1d2e3a4b5c6d7e8f dispute --reason unused --line line_86=2
        tallystick invoice credit inv_5f0c1d2e3a4b5c6d7e8f refund --reason cut --quantity line_86=3

    Args:
        invoice: Id of the document.
        kind: correction, goodwill, dispute or refund.
        reason: Stands on the credit note.
        amount: Of the document, spread over its lines.
        line: Id of a line and an amount, as ID=2.50; the id alone gives back all that is left.
        quantity: Id of a line and a quantity in its unit, as ID=3.
        preview: Tell what would be issued, and issue nothing.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"kind": kind.value, "reason": reason, "dry_run": preview}
    lines = [credited(text, "amount") for text in line or ()]
    lines += [credited(text, "quantity") for text in quantity or ()]
    order |= {"amount": amount} if amount else {}
    order |= {"lines": lines} if lines else {}
    with session.client() as client:
        answer = client.post(f"/v1/invoices/{invoice}/credit", order)
    session.answer(answer, *document_shown(msgspec.convert(answer, InvoiceDocument)))


def credited(text: str, measure: str) -> dict[str, str]:
    """Return how much of a line is meant by ``ID=NUMBER``."""
    name, given, number = text.partition("=")
    if not name or (measure == "quantity" and not given) or (given and not number):
        message = f"{text!r} is not a line and its {measure}, as line_8628e29b44d28633808b=3"
        raise Refusal([Problem(code="malformed", message=message, field=measure)])
    return {"line": name} | ({measure: number} if given else {})
