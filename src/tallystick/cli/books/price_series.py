"""`tallystick price-series`: publish prices of a series, and show them."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table
from tallystick.kernel import Problem

BATCH = 5_000
SECONDS_MAX = 120.0
COLUMNS = ("at", "unit_price")
PRICES = ("at", "unit_price#", "corrects")

price_series_app = App(name="price-series", help="Publish prices over time, and show them.")


@price_series_app.command
def publish(
    series: str,
    file: Path,
    /,
    *,
    corrects: Annotated[str, Parameter(help="Why these are told anew.")] = "",
    session: Session = HERE,
) -> None:
    """
    Publish prices from a file; what stands already is never changed.

    The file is CSV with the columns at and unit_price (and corrects), or a JSON list of such
    objects, in order of time. It may hold again what was published before. A price for a time
    before the last one is refused, unless --corrects says why: it is then a correction, and
    closed periods are corrected by difference.

    For example:

        tallystick price-series publish spot-eu prices.csv
        tallystick price-series publish spot-eu late.json --corrects "the exchange took back 11:00"

    Args:
        series: The series' key, as the catalog declares it.
        file: The prices.
        corrects: Why these are told anew.
        session: Which server is asked, and how its answer is written.
    """
    listed = [dict(each) for each in _prices_in(file)]
    if corrects:
        listed = [{**each, "corrects": each.get("corrects") or corrects} for each in listed]
    totals = {"added": 0, "unchanged": 0}
    with session.client(timeout_seconds=SECONDS_MAX) as client:
        rest = iter(listed)
        while batch := list(islice(rest, BATCH)):
            path = f"/v1/price-series/{series}/prices"
            done = cast(dict[str, Any], client.post(path, {"prices": batch}))
            totals = {name: count + done[name] for name, count in totals.items()}
    text = ", ".join(f"{name} {count}" for name, count in totals.items())
    session.answer({"series": series, **totals}, text)


@price_series_app.command
def show(series: str, /, *, since: str = "", session: Session = HERE) -> None:
    """
    Show the first thousand published prices, or those about an instant and later.

    For example:

        tallystick price-series show spot-eu --since 2026-01-05T10:00:00Z

    Args:
        series: The series' key.
        since: From this instant on.
        session: Which server is asked, and how its answer is written.
    """
    asked = {"since": since} if since else {}
    with session.client() as client:
        found = cast(dict[str, Any], client.get(f"/v1/price-series/{series}/prices", **asked))
    session.answer(found, item_table(series, found["prices"], PRICES))


def _prices_in(file: Path) -> Iterator[dict[str, Any]]:
    """
    Yield the prices of a file as objects.

    Raises:
        Refusal: it cannot be read, or is neither such a table nor such a list.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        message = f"{file}: {error.strerror}; name a CSV or JSON file"
        raise Refusal([Problem(code="unreadable", message=message)]) from error
    if file.suffix == ".json":
        yield from _from_json(content, file)
        return
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), skipinitialspace=True)
    given = set(rows.fieldnames or ())
    if not set(COLUMNS) <= given or given - {*COLUMNS, "corrects"}:
        message = f"{file}: a table of prices has the columns at, unit_price and, if any, corrects"
        raise Refusal([Problem(code="malformed_prices", message=message)])
    for row in rows:
        yield {name: value for name, value in row.items() if value}


def _from_json(content: bytes, file: Path) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(content, type=list[dict[str, Any]])
    except msgspec.MsgspecError as error:
        message = f"{file}: must be a list of objects with at and unit_price: {error}"
        raise Refusal([Problem(code="malformed_prices", message=message)]) from error
