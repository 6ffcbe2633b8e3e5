"""`tallystick webhook`: addresses that are told of what happens."""

from typing import Annotated, Literal, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import item_table, note

COLUMNS = ("id", "url", "topics", "format", "state", "failures#", "share#", "last_success_at")

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
    List the addresses that are told, and whether they take it.

    For example:

        tallystick webhook list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(list[Item], client.get("/v1/webhooks"))
    rows = [_row(each) for each in found]
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
def enable(webhook: str, /, *, session: Session = HERE) -> None:
    """
    Call a webhook again that was disabled because its calls failed for days.

    For example:

        tallystick webhook enable hook_5f0c1d2e3a4b5c6d7e8f

    Args:
        webhook: Id of the webhook.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        made = cast(Item, client.post(f"/v1/webhooks/{webhook}/enable", {}))
    session.answer(made, f"{made['id']} is called again; `replay` tells what it was not told")


@webhook_app.command
def replay(webhook: str, /, *, since: str, session: Session = HERE) -> None:
    """
    Tell a webhook what was given up; each call once, until it is given up again.

    For example:

        tallystick webhook replay hook_5f0c1d2e3a4b5c6d7e8f --since 2026-03-14T00:00:00Z

    Args:
        webhook: Id of the webhook.
        since: From when on calls were given up, with a zone.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        made = cast(Item, client.post(f"/v1/webhooks/{webhook}/replay", {"since": since}))
    session.answer(made, f"{made['calls']} calls are on their way again")


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


def _row(webhook: Item) -> Item:
    health = cast(Item, webhook["health"])
    return {
        **webhook,
        "topics": ", ".join(cast(list[str], webhook["topics"])),
        "failures": health["failures"],
        "share": health["success_share"] or "",
        "last_success_at": health["last_success_at"] or "",
    }


def _show_secret(session: Session, made: Item) -> None:
    session.answer(made, str(made["id"]), str(made["secret"]))
    note("The secret above is shown this once; whoever checks the signatures needs it.")
