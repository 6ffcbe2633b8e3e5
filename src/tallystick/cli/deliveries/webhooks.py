"""`tallystick webhook`: addresses that are told of what happens."""

from typing import Annotated, Literal, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import item_table, note

COLUMNS = ("id", "url", "topics", "format", "version#", "created_at")

webhook_app = App(
    name="webhook",
    help="""
    Tell other programs of what happens, in signed calls.

    For example:

        tallystick webhook add https://example.com/hooks --topic invoice.issued
    """,
)


@webhook_app.command
def add(
    url: str,
    /,
    *,
    topic: Annotated[list[str] | None, Parameter(negative=())] = None,
    format: Literal["fact", "slack"] = "fact",  # noqa: A002 - the option's name
    session: Session = HERE,
) -> None:
    """
    Add an address; its secret is shown once.

    Calls are signed by the Standard Webhooks specification, for which there are libraries.

    For example:

        tallystick webhook add https://example.com/hooks --topic invoice.issued
        tallystick webhook add https://hooks.slack.com/services/T0/B0/x --format slack

    Args:
        url: Where to; https.
        topic: Of what it is told; may be given several times; everything, unless given.
        format: Facts for programs, or a text for people in a chat that takes what Slack takes.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        order = {"url": url, "topics": topic or [], "format": format}
        made = cast(Item, client.post("/v1/webhooks", order))
    _show_secret(session, made)


@webhook_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List the addresses that are told.

    For example:

        tallystick webhook list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(list[Item], client.get("/v1/webhooks"))
    rows = [{**each, "topics": ", ".join(cast(list[str], each["topics"]))} for each in found]
    session.answer(found, item_table("", rows, COLUMNS))


@webhook_app.command
def rotate(webhook: str, /, *, session: Session = HERE) -> None:
    """
    Give a webhook another secret; for a day calls are signed with the old one too.

    For example:

        tallystick webhook rotate hook_5f0c1d2e3a4b5c6d7e8f

    Args:
        webhook: Id of the webhook.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        made = cast(Item, client.post(f"/v1/webhooks/{webhook}/rotate", {}))
    _show_secret(session, made)


@webhook_app.command
def remove(webhook: str, /, *, session: Session = HERE) -> None:
    """
    Tell an address nothing any more.

    For example:

        tallystick webhook remove hook_5f0c1d2e3a4b5c6d7e8f

    Args:
        webhook: Id of the webhook.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        gone = client.delete(f"/v1/webhooks/{webhook}")
    session.answer(gone, f"{webhook} is told no more")


def _show_secret(session: Session, made: Item) -> None:
    session.answer(made, str(made["id"]), str(made["secret"]))
    note("The secret above is shown this once; whoever checks the signatures needs it.")
