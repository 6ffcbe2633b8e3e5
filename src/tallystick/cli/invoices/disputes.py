"""`tallystick dispute`: objections of payers, from their opening to their outcome."""

from typing import Annotated, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.invoices.notes import credited
from tallystick.cli.output import item_table
from tallystick.invoicing import ExplainedEvent, ExplainedLine, explanation_text

COLUMNS = ("id", "invoice", "account", "state")
ENTRIES = ("at", "step", "by", "text", "note")
Listed = Annotated[list[str] | None, Parameter(negative=())]

dispute_app = App(name="dispute", help="Open, follow and resolve disputes of documents.")


@dispute_app.command(name="open")
def open_one(invoice: str, /, *, reason: str, line: Listed = None, session: Session = HERE) -> None:
    """
    Record that a payer objects to a document, or to some of its lines.

    For example:

        tallystick dispute open inv_5f0c1d2e3a4b5c6d7e8f --reason "never used" --line line_86

    Args:
        invoice: Id of the document.
        reason: The objection.
        line: Id of a line; several may be given.
        session: Which server is asked, and how its answer is written.
    """
    order = {"invoice": invoice, "reason": reason, "lines": line or []}
    with session.client() as client:
        _tell(session, client.post("/v1/disputes", order))


@dispute_app.command(name="list")
def list_all(*, state: str = "", session: Session = HERE) -> None:
    """
    List disputes.

    For example:

        tallystick dispute list --state open

    Args:
        state: Only these: open or resolved.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/disputes", state=state))
    session.answer(found, item_table("", found, COLUMNS))


@dispute_app.command
def show(dispute: str, /, *, session: Session = HERE) -> None:
    """
    Show a dispute with the explanation of its lines, down to the events behind them.

    For example:

        tallystick dispute show dispute_5f0c1d2e3a4b5c6d7e8f

    Args:
        dispute: Id of the dispute.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, client.get(f"/v1/disputes/{dispute}"))
    one = cast(Item, answer["dispute"])
    texts = []
    for told in cast(list[Item], answer["explanations"]):
        events = msgspec.convert(told["events"], list[ExplainedEvent])
        lines = msgspec.convert(told["lines"], list[ExplainedLine])
        texts += [explanation_text(each, events) for each in lines]
    entries = cast(list[Item], one["entries"])
    session.answer(answer, item_table("", [one], COLUMNS), item_table("", entries, ENTRIES), *texts)


@dispute_app.command
def evidence(dispute: str, text: str, /, *, session: Session = HERE) -> None:
    """
    Add what either side brings forward.

    For example:

        tallystick dispute evidence dispute_5f0c1d2e3a4b5c6d7e8f "log of the outage"

    Args:
        dispute: Id of the dispute.
        text: What is brought forward.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        _tell(session, client.post(f"/v1/disputes/{dispute}/evidence", {"text": text}))


@dispute_app.command
def resolve(
    dispute: str,
    outcome: str,
    /,
    *,
    amount: str = "",
    line: Listed = None,
    session: Session = HERE,
) -> None:
    """
    Decide a dispute: with a credit note over a part, or without `--amount` and `--line` with none.

    For example:

        tallystick dispute resolve dispute_5f0c1d2e3a4b5c6d7e8f "an hour is given back" --amount 5
        tallystick dispute resolve dispute_5f0c1d2e3a4b5c6d7e8f "the usage is proven"

    Args:
        dispute: Id of the dispute.
        outcome: The decision; it stands on the credit note.
        amount: Given back of the document, or of the one disputed line.
        line: Id of a line and an amount, as ID=2.50.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"outcome": outcome}
    order |= {"amount": amount} if amount else {}
    order |= {"lines": [credited(text, "amount") for text in line]} if line else {}
    with session.client() as client:
        _tell(session, client.post(f"/v1/disputes/{dispute}/resolve", order))


@dispute_app.command
def reopen(dispute: str, /, *, reason: str, session: Session = HERE) -> None:
    """
    Open a resolved dispute again; what was given back stays given back.

    For example:

        tallystick dispute reopen dispute_5f0c1d2e3a4b5c6d7e8f --reason "another hour"

    Args:
        dispute: Id of the dispute.
        reason: Why.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        _tell(session, client.post(f"/v1/disputes/{dispute}/reopen", {"text": reason}))


def _tell(session: Session, answer: object) -> None:
    one = cast(Item, answer)
    entries = cast(list[Item], one["entries"])
    session.answer(one, item_table("", [one], COLUMNS), item_table("", entries, ENTRIES))
