"""`tallystick anomaly`: usage that is not as it was, and what came of looking into it."""

from collections.abc import Iterator
from typing import Annotated, Any, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import item_table
from tallystick.client import Client

COLUMNS = ("opened_at", "state", "severity", "account", "resource", "reason", "id")

anomaly_app = App(name="anomaly", help="See which usage is not as it was, and what came of it.")


@anomaly_app.command(name="list")
def list_all(
    *,
    account: str = "",
    unresolved: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    List investigations, the latest first; with --json their evidence too.

    For example:

        tallystick anomaly list --unresolved
        tallystick anomaly list --account acme --json

    Args:
        account: Only of this account.
        unresolved: Only those that nobody has resolved.
        session: Which server is asked, and how its answer is written.
    """
    asked = {"account": account} if account else {}
    if unresolved:
        asked["state"] = "open"
    with session.client() as client:
        found = list(_investigations(client, asked))
    rows = [{**each["investigation"], **each} for each in found]
    session.answer(found, item_table("", rows, COLUMNS) if rows else "No anomalies.")


@anomaly_app.command
def resolve(investigation: str, /, *, response: str, session: Session = HERE) -> None:
    """
    Say what came of an investigation; it is over then.

    For example:

        tallystick anomaly resolve investigation_5f0c1d2e3a4b --response "key replaced"

    Args:
        investigation: Its id.
        response: What was found, and done.
        session: Which server is asked, and how its answer is written.
    """
    path = f"/v1/anomalies/{investigation}/resolve"
    with session.client() as client:
        made = cast(Item, client.post(path, {"response": response}))
    session.answer(made, f"resolved by {made['resolved_by']}")


def _investigations(client: Client, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
    page = dict(asked)
    while True:
        found = cast("dict[str, Any]", client.get("/v1/anomalies", **page))
        yield from found["items"]
        if found["next_before"] is None:
            return
        page["before"] = str(found["next_before"])
