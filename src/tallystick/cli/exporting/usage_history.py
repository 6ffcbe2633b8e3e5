"""`tallystick export usage-history`: what each account used, day by day, and what it was told."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from tallystick.cli.connection import HERE, Session, items
from tallystick.cli.exits import Refusal
from tallystick.cli.exporting.folder import Folder, name_of, new_folder
from tallystick.cli.exporting.rows import csv_line
from tallystick.cli.output import progress_bar
from tallystick.client import Client, UsageAsked, UsageFound
from tallystick.kernel import Problem, counted, instant_text, plain

FORMAT = "tallystick.usage-history/1"
COLUMNS = ("meter", "window_start", "window_end", "quantity", "unit", "events")
METERS_TOGETHER = 10


def usage_history(
    folder: Path = Path("usage-history"),
    /,
    *,
    start: str,
    end: str,
    replace: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Write what each account used day by day, and its usage alerts, as a folder.

    A file of CSV for each account, days in its zone, all of one log position. Days on which a meter
    counted nothing are left out. The folder is there as a whole or not at all.

    For example:

        tallystick export usage-history --start 2026-01-01T00:00:00Z --end 2026-04-01T00:00:00Z
        tallystick export usage-history q1 --start ... --end ... --replace

    Args:
        folder: Where to write.
        start: First instant, with its zone.
        end: The instant behind the last.
        replace: Replace an older export of usage.
        session: Which server is asked, and how its answer is written.
    """
    span = {
        "start": instant_text(_instant("start", start)),
        "end": instant_text(_instant("end", end)),
    }
    with session.client(timeout_seconds=300.0) as client:
        position = _position(client)
        of = {**span, "position": str(position)}
        with new_folder(folder, kind=FORMAT, of=of, replace=replace) as made:
            _write_alerts(client, made, span)
            accounts = _write_usage(client, made, of)
    told = {"folder": str(folder), "accounts": accounts, "files": made.files, "of": of}
    session.answer(told, f"{folder}: usage of {counted(accounts, 'account')}")


def _write_usage(client: Client, folder: Folder, of: dict[str, str]) -> int:
    meters = [str(one["key"]) for one in items(client, "/v1/meters")]
    accounts = [str(one["key"]) for one in items(client, "/v1/accounts")]
    with progress_bar() as progress:
        task = progress.add_task("usage", total=len(accounts), said="")
        for account in sorted(accounts):
            progress.update(task, said=account)
            with folder.file(f"daily/{name_of(account)}.csv") as file:
                file.write(csv_line(COLUMNS))
                for row in _rows(client, account, meters, of):
                    file.write(csv_line(_cells(row)))
            progress.advance(task)
    return len(accounts)


def _rows(
    client: Client, account: str, meters: Sequence[str], of: dict[str, str]
) -> Iterator[UsageFound]:
    """Yield what an account used of each meter, page after page."""
    for first in range(0, len(meters), METERS_TOGETHER):
        asked = UsageAsked(
            meters=tuple(meters[first : first + METERS_TOGETHER]),
            start=datetime.fromisoformat(of["start"]),
            end=datetime.fromisoformat(of["end"]),
            window="day",
            account=account,
            as_of=int(of["position"]),
        )
        yield from (row for row in client.usage(asked) if row.quantity or row.events)


def _cells(row: UsageFound) -> tuple[str, ...]:
    return (
        row.meter,
        instant_text(row.window_start),
        instant_text(row.window_end),
        plain(row.quantity),
        row.unit,
        str(row.events),
    )


def _write_alerts(client: Client, folder: Folder, span: dict[str, str]) -> None:
    history = client.get("/v1/usage-alerts/history", **span)
    schema = client.get("/v1/usage-alerts/history/schema")
    for name, document in (("alert-history", history), ("alert-history.schema", schema)):
        content = msgspec.json.format(msgspec.json.encode(document), indent=2)
        folder.put(f"{name}.json", content + b"\n")


def _position(client: Client) -> int:
    """Return up to where the log is readable now."""
    answer = msgspec.convert(client.get("/readyz"), dict[str, object])
    return int(str(answer["projection_position"]))


def _instant(name: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        message = f"{text!r} is no instant with its zone, as 2026-01-01T00:00:00Z"
        raise Refusal([Problem(code="wrong_value", message=message, field=f"--{name}")])
    return found.astimezone(UTC)
