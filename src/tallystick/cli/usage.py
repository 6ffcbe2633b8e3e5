"""`tallystick usage`: exact quantities by meter, window and group."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast

import msgspec
from cyclopts import Parameter
from rich.table import Table

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import note, table
from tallystick.client import CSV, Client, Request
from tallystick.kernel import Problem, counted

PATH = "/v1/usage/query"
PAGE_ROWS = 10_000
_MARKS = ("previous", "year_before")

Item = Mapping[str, Any]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the meters."""

    start: Annotated[
        str, Parameter(help="First instant, as 2026-01-01T00:00:00Z; a day ago, unless given.")
    ] = ""
    end: Annotated[str, Parameter(help="The instant behind the last; now, unless given.")] = ""
    window: Annotated[
        str,
        Parameter(help="Cut at these boundaries: hour, day, week, month, quarter, year, total."),
    ] = ""
    zone: Annotated[str, Parameter(help="IANA zone of the boundaries.")] = ""
    account: Annotated[str, Parameter(help="Only what is this account's.")] = ""
    resource: Annotated[str, Parameter(help="Only this resource's.")] = ""
    group_by: Annotated[
        str, Parameter(help="Dimensions of the meters, or subject; with commas.")
    ] = ""
    where: Annotated[
        list[str] | None,
        Parameter(negative=(), help="Only where a dimension is so: region=eu or region=eu,us."),
    ] = None
    top: Annotated[int, Parameter(help="Only the greatest groups, so many.")] = 0
    others: Annotated[bool, Parameter(help="With --top: the rest as one group.")] = True
    compare: Annotated[
        str,
        Parameter(help="Beside it: previous, year_before, or START/END of an earlier period."),
    ] = ""
    running_total: Annotated[
        bool, Parameter(negative=(), help="Show the total since the start as well.")
    ] = False
    fill: Annotated[
        bool, Parameter(negative=(), help="Show groups in windows in which they used nothing.")
    ] = False
    position: Annotated[
        int, Parameter(help="Wait until this log position is counted, as an import tells it.")
    ] = 0
    as_of: Annotated[int, Parameter(help="Look at events up to this log position only.")] = 0
    csv: Annotated[bool, Parameter(negative=(), help="Write the rows as CSV.")] = False


EVERYTHING = Question()


def usage(*meters: str, question: Question = EVERYTHING, session: Session = HERE) -> None:
    """
    Show the exact quantities of one or more meters.

    For example:

        tallystick usage cpu_seconds
        tallystick usage calls --start 2026-01-01T00:00:00Z --end 2026-02-01T00:00:00Z --window day
        tallystick usage calls --account acme --group-by region --json
        tallystick usage calls bytes --group-by subject --top 5 --compare previous --csv

    Args:
        meters: Keys of the meters.
        question: Which part of them.
        session: Which server is asked, and how its answer is written.
    """
    if not meters:
        message = "name at least one meter"
        raise Refusal([Problem(code="meter_missing", message=message, field="METERS")])
    asked = _asked(meters, question)
    with session.client() as client:
        if question.csv:
            _write_csv(client, asked)
            return
        read = _read(client, asked)
    found = cast(list[Item], read["items"])
    session.answer(read, _shown(found, question, several=len(meters) > 1))
    _warn(found)


def _asked(meters: Sequence[str], question: Question) -> dict[str, object]:
    now = datetime.now(UTC)
    asked: dict[str, object] = {
        "meters": meters,
        "start": question.start or (now - timedelta(days=1)).isoformat(),
        "end": question.end or now.isoformat(),
        "group_by": _names(question.group_by),
        "filters": _filters(question),
        "running_total": question.running_total,
        "fill": question.fill,
        "position": question.position,
        "limit": PAGE_ROWS,
    }
    for name in ("window", "zone", "account", "as_of"):
        if value := getattr(question, name):
            asked[name] = value
    if question.top:
        asked["top"] = {"count": question.top, "others": question.others}
    if question.compare in _MARKS:
        asked["compare"] = {"to": question.compare}
    elif question.compare:
        start, _, end = question.compare.partition("/")
        asked["compare"] = {"to": "explicit", "start": start, "end": end}
    return asked


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _filters(question: Question) -> dict[str, list[str]]:
    filters = {"subject": [question.resource]} if question.resource else {}
    for condition in question.where or ():
        name, mark, texts = condition.partition("=")
        if not mark:
            message = f"{condition!r} is no condition such as region=eu"
            raise Refusal([Problem(code="bad_filter", message=message, field="--where")])
        filters[name.strip()] = texts.split(",")
    return filters


def _request(asked: Mapping[str, object], accept: str) -> Request:
    headers = {"content-type": "application/json", "accept": accept}
    body = msgspec.json.encode(asked)
    return Request(method="POST", path=PATH, body=body, headers=headers)


def _read(client: Client, asked: Mapping[str, object]) -> Item:
    """Return the answer with the rows of all pages."""
    found: list[Item] = []
    cursor = ""
    while True:
        page = cast(Item, client.ask(_request({**asked, "cursor": cursor}, "application/json")))
        found += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return {**page, "items": found}


def _write_csv(client: Client, asked: Mapping[str, object]) -> None:
    cursor = ""
    while True:
        answer = client.fetch(_request({**asked, "cursor": cursor}, CSV))
        head, _, rows = answer.text.partition("\r\n")
        sys.stdout.write(rows if cursor else f"{head}\r\n{rows}")
        cursor = answer.headers["next-cursor"]
        if not cursor:
            return


def _shown(found: Sequence[Item], question: Question, *, several: bool) -> Table:
    groups = _names(question.group_by)
    columns = [
        *(["meter"] if several else []),
        *("from", "to", *groups, "quantity#", "unit", "events#"),
        *(["running total#"] if question.running_total else []),
        *(["earlier#", "change#", "%#"] if question.compare else []),
    ]
    rows = [list(_cells(item, groups, question, several=several)) for item in found]
    return table("", columns, rows)


def _cells(
    item: Item, groups: Sequence[str], question: Question, *, several: bool
) -> Iterator[object]:
    if several:
        yield item["meter"]
    yield from (item["window_start"], item["window_end"])
    named = [item["group"].get(name, "") for name in groups]
    yield from ["(others)", *named[1:]] if item["others"] else named
    yield from (item["quantity"], item["unit"], item["events"])
    if question.running_total:
        yield item["running_total"]
    if question.compare:
        earlier = item["earlier"] or {}
        yield from (earlier.get(name) for name in ("quantity", "change", "change_percent"))


def _warn(found: Sequence[Item]) -> None:
    unmeterable = sum(int(str(item["unmeterable"])) for item in found)
    if unmeterable:
        events = counted(unmeterable, "event")
        note(f"{events} without a value that the meter can read; not counted")
    for item in found:
        if item["gap_seconds"] != "0":
            note(
                f"{item['gap_seconds']} s from {item['window_start']} on are covered by no reading"
            )
