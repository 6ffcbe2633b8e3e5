"""`tallystick delivery`: send documents by e-mail, and see what became of them."""

from typing import Annotated, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.output import item_table

COLUMNS = ("id", "topic", "state", "attempts#", "at", "problem")

delivery_app = App(
    name="delivery",
    help="""
    Send documents, and see what left the system.

    For example:

        tallystick delivery list --state parked
        tallystick delivery send inv_5f0c1d2e3a4b5c6d7e8f
    """,
)


@delivery_app.command
def send(invoice: str, /, *, to: str = "", session: Session = HERE) -> None:
    """
    Send an issued document by e-mail, to the payer or to another address.

    Every document is sent by itself once it is issued, if its payer has an address; this sends it
    once more.

    For example:

        tallystick delivery send inv_5f0c1d2e3a4b5c6d7e8f
        tallystick delivery send inv_5f0c1d2e3a4b5c6d7e8f --to audit@example.com

    Args:
        invoice: Id of the document.
        to: An address; the payer's, unless given.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, client.post(f"/v1/invoices/{invoice}/send", {"to": to}))
    session.answer(answer, f"on its way to {answer['to']}, {answer['id']}")


@delivery_app.command(name="list")
def list_all(
    *, state: Annotated[str, Parameter(name="--state")] = "", session: Session = HERE
) -> None:
    """
    List what left the system or is on its way.

    For example:

        tallystick delivery list --state parked

    Args:
        state: Only these: due, delivered or parked (given up).
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/deliveries", state=state))
    session.answer(found, item_table("", found, COLUMNS))


@delivery_app.command
def retry(delivery: str, /, *, session: Session = HERE) -> None:
    """
    Try again what was given up.

    For example:

        tallystick delivery retry mail:issued:inv_5f0c1d2e3a4b5c6d7e8f

    Args:
        delivery: Id of the delivery, as `tallystick delivery list` shows it.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, client.post(f"/v1/deliveries/{delivery}/retry", {}))
    session.answer(answer, f"tried again as {answer['id']}")
