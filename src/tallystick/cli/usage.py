"""`tallystick usage`: exact quantities by meter and window."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, cast

from cyclopts import Parameter
from rich.table import Table

from tallystick.cli.connection import HERE, Session
from tallystick.cli.output import note, table


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a meter."""

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
        str, Parameter(help="Dimensions of the meter, or subject; with commas.")
    ] = ""
    position: Annotated[
        int, Parameter(help="Wait until this log position is counted, as an import tells it.")
    ] = 0


EVERYTHING = Question()


def usage(meter: str, /, *, question: Question = EVERYTHING, session: Session = HERE) -> None:
    """
    Show the exact quantities of a meter.

    For example:

        tallystick usage cpu_seconds
        tallystick usage calls --start 2026-01-01T00:00:00Z --end 2026-02-01T00:00:00Z --window day
        tallystick usage calls --account acme --group-by region --json

    Args:
        meter: Key of the meter.
        question: Which part of it.
        session: Which server is asked, and how its answer is written.
    """
    now = datetime.now(UTC)
    start = question.start or (now - timedelta(days=1)).isoformat()
    with session.client() as client:
        answer = client.get(
            "/v1/usage",
            meter=meter,
            start=start,
            end=question.end or now.isoformat(),
            window=question.window,
            zone=question.zone,
            account=question.account,
            resource=question.resource,
            group_by=question.group_by,
            position=str(question.position or ""),
        )
    read = cast(Mapping[str, object], answer)
    items = cast(list[Mapping[str, object]], read["items"])
    groups = [name for name in question.group_by.replace(" ", "").split(",") if name]
    session.answer(read, _shown(items, groups, str(read["unit"])))
    _warn(items)


def _shown(items: list[Mapping[str, object]], groups: list[str], unit: str) -> Table:
    rows = []
    for item in items:
        group = cast(Mapping[str, str], item["group"])
        named = [group.get(name, "") for name in groups]
        rows.append(
            [
                item["window_start"],
                item["window_end"],
                *named,
                item["quantity"],
                unit,
                item["events"],
            ]
        )
    return table("", ["from", "to", *groups, "quantity#", "unit", "events#"], rows)


def _warn(items: list[Mapping[str, object]]) -> None:
    unmeterable = sum(int(str(item["unmeterable"])) for item in items)
    if unmeterable:
        note(f"{unmeterable} events hold no value that the meter can read; they are not counted")
    gaps = [item for item in items if item["gap_seconds"] != "0"]
    for item in gaps:
        note(f"{item['gap_seconds']} s from {item['window_start']} on are covered by no reading")
