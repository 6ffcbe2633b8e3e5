"""`tallystick usage-report`: what an account used, by day and dimension, with charts."""

from typing import cast

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import item_table, write_json

COLUMNS = ("meter", "total#", "unit", "trend", "per_day#", "features")


def usage_report(
    account: str, /, *, start: str = "", end: str = "", meters: str = "", session: Session = HERE
) -> None:
    """
    Show what an account used in some days; with --json all of it, by day, dimension and as charts.

    For example:

        tallystick usage-report acme
        tallystick usage-report acme --start 2026-03-01 --end 2026-03-31 --json > usage-report.json

    Args:
        account: Whose usage.
        start: First day; without it the first of this month.
        end: Last day, inclusive; without it today.
        meters: Keys of meters, with commas; without them those of the account's features.
        session: Which server is asked, and how its answer is written.
    """
    given = {"start": start, "end": end, "meters": meters}
    asked = {name: text for name, text in given.items() if text}
    with session.client() as client:
        answer = cast(Item, client.get(f"/v1/accounts/{account}/usage-report", **asked))
    if session.json:
        write_json(answer)
        return
    rows = [_row(one) for one in cast("list[Item]", answer["meters"])]
    session.answer(answer, item_table(f"{account}, {answer['period']}", rows, COLUMNS))


def _row(one: Item) -> Item:
    trend = cast(Item, one["trend"])
    features = ", ".join(cast("list[str]", one["features"]))
    return {**one, "trend": trend["direction"], "per_day": trend["per_day"], "features": features}
