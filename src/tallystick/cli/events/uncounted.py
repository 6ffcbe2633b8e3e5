"""`tallystick uncounted`: events that were accepted and count nothing yet."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from cyclopts import Parameter

from tallystick.cli.connection import HERE, Session
from tallystick.cli.output import item_table, note

Item = Mapping[str, Any]
UNATTRIBUTED = ("events#", "reason", "type", "subject", "first_used_at", "last_used_at", "sample")
UNMETERABLE = ("events#", "meter", "subject", "text", "first_used_at", "last_used_at", "sample")


def uncounted(
    *,
    start: Annotated[str, Parameter(help="Used at or after, as 2026-01-01T00:00:00Z.")] = "",
    end: Annotated[str, Parameter(help="Used before.")] = "",
    limit: Annotated[int, Parameter(help="The largest groups, so many of each kind.")] = 50,
    session: Session = HERE,
) -> None:
    """
    Show events that belong to nobody, that no meter counts, or that a meter cannot read.

    For example:

        tallystick uncounted
        tallystick uncounted --start 2026-01-01T00:00:00Z --json

    Args:
        start: First instant of usage.
        end: The instant behind the last.
        limit: How many groups.
        session: Which server is asked, and how its answer is written.
    """
    asked = {"start": start, "end": end, "limit": str(limit)}
    with session.client() as client:
        nobodys = cast(Item, client.get("/v1/events/unattributed", **asked))
        unread = cast(Item, client.get("/v1/events/unmeterable", **asked))
    session.answer(
        {"unattributed": nobodys, "unmeterable": unread},
        item_table("Unattributed", [_shown(each) for each in nobodys["items"]], UNATTRIBUTED),
        item_table("Unmeterable", [_shown(each) for each in unread["items"]], UNMETERABLE),
    )
    if nobodys["more"] or unread["more"]:
        note("there are smaller groups behind these; see --limit")


def _shown(item: Item) -> Item:
    return {**item, "sample": item["samples"][0]["id"]}
