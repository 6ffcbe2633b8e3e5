"""`tallystick feed`: what other systems are told of tenants, and say of them."""

from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.output import item_table

COLUMNS = ("name", "summary", "happened", "stands")
TOLD = ("number#", "recorded_at", "kind", "shown")
RESULTS = ("source", "id", "status", "shown")
PAGE = "500"

feed_app = App(
    name="feed",
    help="""
    See what other systems are told of tenants.

    For example:

        tallystick feed list
        tallystick feed show customer-success
    """,
)


@feed_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List the feeds, and what each tells.

    For example:

        tallystick feed list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast("list[dict[str, Any]]", client.get("/v1/feeds"))
    rows = [
        {**each, "happened": ", ".join(each["told"]), "stands": ", ".join(each["standing"])}
        for each in found
    ]
    session.answer(found, item_table("", rows, COLUMNS))


@feed_app.command
def show(
    feed: str,
    kind: str = "",
    /,
    *,
    after: Annotated[int, Parameter(name="--after")] = 0,
    session: Session = HERE,
) -> None:
    """
    Show what a feed tells: what happened, or one kind of what stands now.

    For example:

        tallystick feed show tenant-management --after 1200
        tallystick feed show customer-success OverageRisk --json

    Args:
        feed: Name of the feed.
        kind: Of what stands now; without it, what happened.
        after: Only what happened behind this number.
        session: Which server is asked, and how its answer is written.
    """
    if kind:
        _show_standing(feed, kind, session)
        return
    found: list[dict[str, Any]] = []
    with session.client() as client:
        more = True
        while more:
            path = f"/v1/feeds/{feed}"
            page = cast("dict[str, Any]", client.get(path, after=str(after), limit=PAGE))
            found += page["items"]
            after, more = page["next_after"], page["more"]
    rows = [{**each, "shown": _shown(each["data"])} for each in found]
    session.answer(found, item_table("", rows, TOLD) if rows else "Nothing happened.")


@feed_app.command
def send(feed: str, file: Path, /, *, session: Session = HERE) -> None:
    """
    Send the items in a file, a CloudEvent in JSON or an array of 20 at most; each counts once.

    For example:

        tallystick feed send platform-cost costs.json

    Args:
        feed: Name of the feed.
        file: With the items; the type of each is a kind that the feed takes.
        session: Which server is asked, and how its answer is written.
    """
    document = msgspec.json.decode(file.read_bytes())
    with session.client() as client:
        done = cast("dict[str, Any]", client.post(f"/v1/feeds/{feed}", document))
    rows = [
        {**each, "shown": "; ".join(one["message"] for one in each["problems"])}
        for each in done["results"]
    ]
    session.answer(done, item_table("", rows, RESULTS))


def _show_standing(feed: str, kind: str, session: Session) -> None:
    with session.client() as client:
        found = list(items(client, f"/v1/feeds/{feed}/{kind}"))
    lines = "\n".join(_shown(each) for each in found)
    session.answer(found, lines or "Nothing stands.")


def _shown(data: Item) -> str:
    return msgspec.json.encode(data).decode()
