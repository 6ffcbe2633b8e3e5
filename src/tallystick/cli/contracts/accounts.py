"""`tallystick account`: list, show, and move below another payer."""

from typing import Annotated, cast

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.invoices.shown import lines_shown
from tallystick.cli.output import item_table
from tallystick.invoicing import InvoiceDocument

LIST_COLUMNS = ("key", "name", "parent", "invoiced", "zone", "currency")
CHANGE_COLUMNS = ("at", "parent", "invoiced")
PAID_COLUMNS = ("subscription", "at", "before", "after")
DOCUMENT_COLUMNS = ("payer", "document", "line", "money#", "currency")

account_app = App(name="account", help="Show accounts, and say who pays for them since when.")


@account_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List accounts, as they were declared.

    For example:

        tallystick account list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/accounts"))
    session.answer(found, item_table("", found, LIST_COLUMNS))


@account_app.command
def show(key: str, /, *, session: Session = HERE) -> None:
    """
    Show an account, with the changes of its payer.

    For example:

        tallystick account show team

    Args:
        key: Key of the account.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        account = cast(Item, client.get(f"/v1/accounts/{key}"))
    changes = cast(list[Item], account.get("payer_changes", []))
    moved = [item_table("Changes of payer", changes, CHANGE_COLUMNS)] if changes else []
    session.answer(account, item_table("", [account], LIST_COLUMNS), *moved)


@account_app.command
def move(  # noqa: PLR0913 - each is an option of the command
    key: str,
    /,
    *,
    parent: str = "",
    invoiced: Annotated[bool, Parameter(negative=())] = False,
    at: str = "",
    preview: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Let another account pay from an instant on; `--preview` tells the money, writes nothing.

    It takes effect at the next boundary of each contract. Dated back, what was billed from there on
    is credited to the old payer and billed to the new one.

    For example:

        tallystick account move team --parent globe --at 2026-03-10T00:00:00Z --preview
        tallystick account move team --invoiced

    Args:
        key: Key of the account.
        parent: The account that it stands below from then on.
        invoiced: It pays itself from then on.
        at: The instant; now, unless given.
        preview: Tell which contracts it concerns, and what would be issued at once.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"parent": parent, "invoiced": invoiced, "dry_run": preview}
    order |= {"at": at} if at else {}
    with session.client() as client:
        answer = cast(Item, client.post(f"/v1/accounts/{key}/payer-changes", order))
    contracts = cast(list[Item], answer["contracts"])
    documents = msgspec.convert(answer["documents"], list[InvoiceDocument])
    lines = [{"payer": one.account, **row} for one in documents for row in lines_shown([one])]
    verb = "would stand" if preview else "stands"
    told: list[Table | str] = [
        f"{key} {verb} {_place(parent, invoiced=invoiced)} at {answer['at']}"
    ]
    told += [item_table("Paid by another from", contracts, PAID_COLUMNS)] if contracts else []
    told += [item_table("Would be issued at once", lines, DOCUMENT_COLUMNS)] if lines else []
    session.answer(answer, *told)


def _place(parent: str, *, invoiced: bool) -> str:
    below = f"below {parent}" if parent else "below nobody"
    return f"{below}, invoiced itself," if invoiced else below
