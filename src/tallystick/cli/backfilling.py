"""`tallystick backfill`: sets of events that are looked at before they count."""

from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Session, items
from tallystick.cli.exits import Exit
from tallystick.cli.importing import import_files
from tallystick.cli.output import item_table, note

COLUMNS = ("name", "state", "events#", "reason", "opened_at", "changed_at")
MONEY = ("account", "subscription", "price", "start", "before#", "after#", "currency")
CHANGES = ("account", "meter", "start", "before#", "after#", "unit")

backfill_app = App(name="backfill", help="Open, fill, preview, close and revert backfills.")


@backfill_app.command(name="open")
def open_set(name: str, /, *, reason: str, session: Session = HERE) -> None:
    """
    Open a named set; events imported into it count when it is closed.

    For example:

        tallystick backfill open june-gateway --reason "the gateway kept no log in June"

    Args:
        name: Name of the set, which no other ever had.
        reason: Why, for the audit.
        session: Which server is asked, and how its answer is written.
    """
    _step(session, "/v1/backfills", {"name": name, "reason": reason})


@backfill_app.command(name="import")
def import_set(
    name: str,
    files: list[Path],
    /,
    *,
    mapping: Path | None = None,
    session: Session = HERE,
) -> Exit:
    """
    Import files into an open set; nothing of them counts yet.

    For example:

        tallystick backfill import june-gateway june/*.csv --mapping usage.yaml

    Args:
        name: Name of the set.
        files: Files to import, in this order.
        mapping: YAML file that says how columns become events; not for NDJSON.
        session: Which server is asked, and how its answer is written.
    """
    return import_files(files, mapping=mapping, backfill=name, session=session)


@backfill_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List the sets.

    For example:

        tallystick backfill list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/backfills"))
    session.answer(found, item_table("", found, COLUMNS))


@backfill_app.command
def preview(name: str, /, *, session: Session = HERE) -> None:
    """
    Show what closing an open set would change, or reverting a closed one; nothing is changed.

    For example:

        tallystick backfill preview june-gateway

    Args:
        name: Name of the set.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        told = cast(dict[str, Any], client.get(f"/v1/backfills/{name}/preview"))
    state, changes = told["backfill"]["state"], told["changes"]
    step = {"open": "closing", "closed": "reverting"}.get(state, "nothing")
    session.answer(
        told,
        item_table("", changes, CHANGES),
        item_table("billed lines", told["money"], MONEY),
        f"{name} is {state}; shown is what {step} would change",
    )
    if not told["complete"]:
        note("more accounts and meters are concerned than are shown")


@backfill_app.command
def close(
    name: str,
    /,
    *,
    reason: str,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Let the events of a set count; months that were billed are corrected by difference.

    For example:

        tallystick backfill close june-gateway --reason "checked against the counters" --dry-run
        tallystick backfill close june-gateway --reason "checked against the counters"

    Args:
        name: Name of the set.
        reason: Why, for the audit.
        dry_run: Show what it would change; change nothing.
        session: Which server is asked, and how its answer is written.
    """
    _end(session, name, "close", reason=reason, dry_run=dry_run)


@backfill_app.command
def revert(
    name: str,
    /,
    *,
    reason: str,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Let the events of a set count no more, or never; the name stays taken.

    For example:

        tallystick backfill revert june-gateway --reason "it held May as well" --dry-run
        tallystick backfill revert june-gateway --reason "it held May as well"

    Args:
        name: Name of the set.
        reason: Why, for the audit.
        dry_run: Show what it would change; change nothing.
        session: Which server is asked, and how its answer is written.
    """
    _end(session, name, "revert", reason=reason, dry_run=dry_run)


def _end(session: Session, name: str, step: str, *, reason: str, dry_run: bool) -> None:
    if dry_run:
        preview(name, session=session)
    else:
        _step(session, f"/v1/backfills/{name}/{step}", {"reason": reason})


def _step(session: Session, path: str, order: dict[str, str]) -> None:
    with session.client() as client:
        changed = cast(dict[str, Any], client.post(path, order))
    session.answer(changed, item_table("", [changed], COLUMNS))
