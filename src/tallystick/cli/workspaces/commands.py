"""`tallystick workspace`: create, list and copy workspaces."""

from typing import Annotated, cast

from cyclopts import App, Parameter

from tallystick.cli.applying import show_applied
from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.output import item_table, note

COLUMNS = ("id", "kind", "name", "created_at", "clock_at")

workspace_app = App(name="workspace", help="Create, list and copy workspaces, live and test.")


@workspace_app.command
def create(
    workspace: str,
    /,
    *,
    name: str = "",
    live: Annotated[bool, Parameter(negative=())] = False,
    clock_at: str = "",
    session: Session = HERE,
) -> None:
    """
    Create a workspace: a test one, unless told otherwise.

    For example:

        tallystick workspace create trial --clock-at 2024-01-01T00:00:00Z
        tallystick workspace create europe --live --name "Europe"

    Args:
        workspace: Its id, of lower-case letters, digits and hyphens.
        name: What people call it; its id, unless given.
        live: Documents are real, and time is the computer's.
        clock_at: Where the clock of a test workspace stands at first; now, unless given.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"id": workspace, "name": name or workspace}
    order["kind"] = "live" if live else "test"
    order |= {"clock_at": clock_at} if clock_at else {}
    with session.client() as client:
        made = cast(Item, client.post("/v1/workspaces", order))
    session.answer(made, item_table("", [made], COLUMNS))


@workspace_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List the workspaces of the installation.

    For example:

        tallystick workspace list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/workspaces"))
    session.answer(found, item_table("", found, COLUMNS))


@workspace_app.command
def copy(
    source: str,
    /,
    *,
    contracts: Annotated[bool, Parameter(negative=())] = False,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    reviewed: str = "",
    session: Session = HERE,
) -> None:
    """
    Copy catalog and accounts of another workspace into the one that is asked.

    Into a live workspace it takes the digest of the difference that was looked at.

    For example:

        tallystick workspace copy live --contracts --workspace trial
        tallystick workspace copy trial --dry-run
        tallystick workspace copy trial --reviewed 5f0c1d2e

    Args:
        source: Id of the workspace to copy from.
        contracts: Copy subscriptions too; into a test workspace only.
        dry_run: Show the difference, with its digest, and change nothing.
        reviewed: The digest that the dry run showed.
        session: Which server is asked, and how its answer is written.
    """
    order = {
        "source": source,
        "contracts": contracts,
        "dry_run": dry_run,
        "reviewed": reviewed,
    }
    with session.client() as client:
        copied = cast(Item, client.post("/v1/workspaces/copy", order))
    show_applied(cast(Item, copied["applied"]), session, answer=copied)
    if dry_run:
        note(f"to copy this into a live workspace: --reviewed {copied['digest']}")
