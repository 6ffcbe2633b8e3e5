"""`tallystick invoice one-off` and `write-off`: sell something once, give a receivable up."""

from typing import Annotated, cast

import msgspec
from cyclopts import Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.invoices.shown import document_shown
from tallystick.invoicing import InvoiceDocument
from tallystick.kernel import Problem

Flag = Annotated[bool, Parameter(negative=())]


def one_off(  # noqa: PLR0913 - each is an option of the command
    account: str,
    *line: str,
    legal_entity: str,
    start: str = "",
    end: str = "",
    tax_category: str = "",
    with_tax: Flag = False,
    preview: Flag = False,
    session: Session = HERE,
) -> None:
    """
    Issue an invoice over what is sold once, outside any contract.

    A line is CODE=PRICE or CODE=QUANTITYxPRICE, with a description behind a colon. Income is booked
    by its code, and earned over the days from `--start` until `--end`; without them at once.

    For example:

        tallystick invoice one-off acme "setup=2x75.00:Setup, in hours" --legal-entity main
        tallystick invoice one-off acme training=490 --legal-entity main --preview

    Args:
        account: Who gets it; the invoice goes to the payer.
        line: What is sold.
        legal_entity: Who sells it.
        start: The instant from which the service runs.
        end: The instant at which it is over.
        tax_category: What tax rules call these products.
        with_tax: The prices hold their taxes.
        preview: Tell what would be issued, and issue nothing.
        session: Which server is asked, and how its answer is written.
    """
    lines = [_line(text) for text in line]
    if tax_category:
        lines = [one | {"tax_category": tax_category} for one in lines]
    order: dict[str, object] = {
        "account": account,
        "legal_entity": legal_entity,
        "lines": lines,
        "prices_include_tax": with_tax,
        "dry_run": preview,
    }
    order |= {name: text for name, text in (("start", start), ("end", end)) if text}
    with session.client() as client:
        answer = client.post("/v1/invoices/one-off", order)
    session.answer(answer, *document_shown(msgspec.convert(answer, InvoiceDocument)))


def write_off(invoice: str, /, *, reason: str, session: Session = HERE) -> None:
    """
    Give up what is left of an issued invoice: uncollectible, a loss in the journal.

    For example:

        tallystick invoice write-off inv_5f0c1d2e3a4b5c6d7e8f --reason insolvent

    Args:
        invoice: Id of the document.
        reason: Stands in the audit.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, client.post(f"/v1/invoices/{invoice}/write-off", {"reason": reason}))
    told = f"{answer['money']} {answer['currency']} of {answer['number']} written off"
    session.answer(answer, told)


def _line(text: str) -> dict[str, str]:
    """Return what ``setup=2x75.00:Setup`` means."""
    named, _, description = text.partition(":")
    code, given, price = named.partition("=")
    quantity, times, each = price.rpartition("x")
    if not code or not given or not each:
        message = f"{text!r} is not a line, as setup=2x75.00:Setup"
        raise Refusal([Problem(code="malformed", message=message, field="line")])
    sold = {"code": code, "description": description or code, "unit_price": each}
    return sold | ({"quantity": quantity} if times else {})
