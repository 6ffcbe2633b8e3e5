"""`tallystick reconcile`: whether what is derived from the log says what the log says."""

import time
from datetime import date
from typing import Annotated, Any, cast

from cyclopts import Parameter

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.output import item_table, note, progress_bar
from tallystick.cli.short_lived import some_server
from tallystick.client import Client
from tallystick.kernel import Problem, counted

PATH = "/v1/reconciliations"
LOOK_SECONDS = 0.5
COLUMNS = ("workspace", "day", "store", "about", "meter", "log says#", "store says#", "wrong")
_KINDS = ("missing", "doubled", "changed", "foreign")


def reconcile(
    *,
    workspace: str | None = None,
    since: date | None = None,
    until: date | None = None,
    repair: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> Exit:
    """
    Compare the log with everything derived from it, per workspace, meter and day.

    Compared are the events, corrections and roll-ups in ClickHouse, the list of segments in
    PostgreSQL, and every issued invoice, made again from the events as of its position. Any
    difference is listed and ends the command with exit code 1. With --repair, which is audited,
    what differs in ClickHouse is loaded again from the log; an issued invoice is never touched.
    All workspaces share those rows, so only whoever holds the data directory may repair.

    For example:

        tallystick reconcile
        tallystick reconcile --workspace live --since 2026-01-01 --until 2026-02-01
        tallystick reconcile --repair

    Args:
        workspace: Only this workspace; all of them if the data directory is yours.
        since: First day of use, in UTC.
        until: The day behind the last.
        repair: Load again what differs; without it nothing is changed.
        session: Which server is asked, and how its answer is written.
    """
    order = {
        "workspace": workspace,
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
        "repair": repair,
    }
    with some_server(session) as client:
        report = _followed(client, cast(dict[str, Any], client.post(PATH, order)))
    rows = [_row(one) for one in report["differences"]]
    shown = [item_table("", rows, COLUMNS)] if rows else []
    session.answer(report, *shown, _summary(report, repair=repair))
    if len(rows) < report["found"]:
        note(f"{_differences(report)}; listed: the first {len(rows)}")
    return Exit.REFUSED if report["left"] else Exit.OK


def _followed(client: Client, run: dict[str, Any]) -> dict[str, Any]:
    """Wait for a run, and return its report."""
    with progress_bar() as progress:
        task = progress.add_task("reconcile", total=None, said="")
        while run["state"] == "running":
            progress.update(
                task, total=run["steps"] or None, completed=run["steps_done"], said=run["stage"]
            )
            time.sleep(LOOK_SECONDS)
            run = cast(dict[str, Any], client.get(f"{PATH}/{run['id']}"))
    if run["report"] is None:
        raise Refusal([Problem(code="not_reconciled", message=run["problem"])])
    return cast(dict[str, Any], run["report"])


def _row(difference: dict[str, Any]) -> dict[str, object]:
    told = [f"{difference[kind]} {kind}" for kind in _KINDS if difference[kind]]
    state = ["repaired"] if difference["repaired"] else []
    return difference | {
        "log says": difference["logged"],
        "store says": difference["held"],
        "wrong": ", ".join([*told, *state]),
    }


def _summary(report: dict[str, Any], *, repair: bool) -> str:
    compared = f"compared up to log position {report['position']}"
    if report["lag_events"]:
        compared += f" (yet to be loaded: {counted(report['lag_events'], 'event')})"
    compared += f"; equal: {counted(report['invoices'], 'issued invoice')}"
    if not report["found"]:
        return f"no difference; {compared}"
    if not repair:
        repairable = sum(one["repairable"] for one in report["differences"])
        told = f"{_differences(report)}; {compared}"
        return f"{told}; --repair would mend {repairable} of those listed" if repairable else told
    return (
        f"{_differences(report)}, still there: {report['left']}; {compared}; "
        f"loaded again: {counted(report['reloaded'], 'position')}"
    )


def _differences(report: dict[str, Any]) -> str:
    return counted(report["found"], "difference")
