"""`tallystick rates`: import, fetch and show exchange rates."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Annotated, Any, cast

import httpx
from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table, progress_bar
from tallystick.currency import PublishedRate
from tallystick.integrations.exchange_rates import ecb_history, rates_in
from tallystick.kernel import EngineUnavailable, Misuse, Problem, plain

RATES = ("day", "base", "quote", "rate#")
BATCH = 5_000
SECONDS_MAX = 120.0

rates_app = App(name="rates", help="Import, fetch and show exchange rates.")


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    Which rate is taken.

    Attributes:
        source: whose.
        age_days_max: how old it may be, in days.
        digits: significant digits of a quotient.
    """

    source: Annotated[str, Parameter(help="Who published it.")] = "ecb"
    age_days_max: Annotated[int, Parameter(help="How old it may be, in days.")] = 7
    digits: Annotated[int, Parameter(help="Significant digits of a quotient.")] = 12


LAST_OF_ECB = Rule()
"""The European Central Bank's last one of a week."""


@rates_app.command(name="import")
def import_file(
    file: Path | None = None,
    /,
    *,
    source: Annotated[str, Parameter(help="Name for a table of your own.")] = "",
    session: Session = HERE,
) -> None:
    """
    Import a file of published rates; what stands already is never changed.

    It takes XML and CSV of the European Central Bank, JSON of Open Exchange Rates, and a table of
    your own with the columns day, base, quote, rate, in which custom units have a place too.
    Without a file it imports the European Central Bank's history since 1999, which comes with this
    program.

    For example:

        tallystick rates import
        tallystick rates import eurofxref-hist-90d.xml
        tallystick rates import own.csv --source own

    Args:
        file: The file; without one, the history that comes with this program.
        source: Name for a table of your own.
        session: Which server is asked, and how its answer is written.
    """
    try:
        content = ecb_history() if file is None else file.read_bytes()
    except FileNotFoundError as error:
        raise Refusal([Problem(code="no_file", message=f"there is no file {file}")]) from error
    _import(rates_in(content, source=source), session)


@rates_app.command
def fetch(url: str, /, *, session: Session = HERE) -> None:
    """
    Fetch a file of published rates from an address and import it.

    The worker does so by itself every TALLYSTICK_RATES_HOURS where TALLYSTICK_RATES_URL is set.

    For example:

        tallystick rates fetch https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml

    Args:
        url: The address.
        session: Which server is asked, and how its answer is written.
    """
    try:
        answer = httpx.get(url, timeout=SECONDS_MAX, follow_redirects=True).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EngineUnavailable(f"the rates cannot be fetched: {error}") from error
    _import(rates_in(answer.content), session)


@rates_app.command
def show(*, source: str = "ecb", on: str = "", session: Session = HERE) -> None:
    """
    Show a source's rates of its last day, or of its last day up to one.

    For example:

        tallystick rates show --on 2026-01-31

    Args:
        source: Who published them.
        on: Up to this day.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(dict[str, Any], client.get("/v1/rates", source=source, on=on))
    session.answer(found, item_table(found["source"], found["rates"], RATES))


@rates_app.command
def convert(
    base: str, quote: str, /, *, on: str, rule: Rule = LAST_OF_ECB, session: Session = HERE
) -> None:
    """
    Show the rate that converts a charge of a day: the last one published until then.

    For example:

        tallystick rates convert USD EUR --on 2026-01-31

    Args:
        base: What is converted.
        quote: Into what.
        on: The day.
        rule: Which rate is taken.
        session: Which server is asked, and how its answer is written.
    """
    query = {
        "base": base,
        "quote": quote,
        "on": on,
        "source": rule.source,
        "age_days_max": str(rule.age_days_max),
        "digits": str(rule.digits),
    }
    with session.client() as client:
        found = cast(dict[str, Any], client.get("/v1/rates/conversion", **query))
    shown = f"1 {base} = {found['rate']} {quote}, {found['source']}, {found['on']}"
    session.answer(found, shown)


def _import(rates: Iterable[PublishedRate], session: Session) -> None:
    totals = {"added": 0, "unchanged": 0, "conflicts": 0}
    described: list[str] = []
    try:
        listed = list(rates)
    except Misuse as error:
        raise Refusal([Problem(code="malformed_rates", message=str(error))]) from error
    with session.client(timeout_seconds=SECONDS_MAX) as client, progress_bar() as bar:
        task = bar.add_task("rates", total=len(listed), said="")
        for order in _orders(listed):
            done = cast(dict[str, Any], client.post("/v1/rates", order))
            totals = {name: count + done[name] for name, count in totals.items()}
            described += done["described"]
            bar.advance(task, len(order["rates"]))
    text = ", ".join(f"{name} {count}" for name, count in totals.items())
    session.answer({**totals, "described": described}, text, *described)


def _orders(rates: list[PublishedRate]) -> Iterator[dict[str, Any]]:
    for source, of_source in groupby(rates, key=lambda rate: rate.source):
        while batch := list(islice(of_source, BATCH)):
            yield {
                "source": source,
                "rates": [
                    {
                        "base": rate.base,
                        "quote": rate.quote,
                        "day": rate.day.isoformat(),
                        "rate": plain(rate.rate),
                    }
                    for rate in batch
                ],
            }
