"""`tallystick apply`: make the catalog hold what files declare."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, cast

from cyclopts import Parameter

from tallystick.app.catalog import json_from_documents
from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import Output, item_table
from tallystick.client import Request
from tallystick.integrations.catalog_files import read_catalog_files
from tallystick.kernel import Refused


def apply(
    *,
    file: Annotated[list[Path], Parameter(name=["--file", "-f"], negative=())],
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Create and change what catalog files declare: meters, plans, accounts, subscriptions.

    What the files leave out stays as it is; a second time nothing changes.

    For example:

        tallystick apply -f catalog/ --dry-run
        tallystick apply -f catalog/plans.yaml -f catalog/accounts.yaml

    Args:
        file: YAML file, or folder of such files; may be given several times.
        dry_run: Show the difference and change nothing.
        session: Which server is asked, and how its answer is written.
    """
    outcome = read_catalog_files(file)
    if isinstance(outcome, Refused):
        raise Refusal(outcome.problems)
    request = Request(
        method="POST",
        path="/v1/catalog/apply",
        body=json_from_documents(outcome.value, dry_run=dry_run),
        headers={"content-type": "application/json"},
    )
    with session.client() as client:
        applied = cast(Mapping[str, object], client.ask(request))
    show_applied(applied, session)


def show_applied(applied: Mapping[str, object], output: Output) -> None:
    changes = cast(list[Mapping[str, object]], applied.get("changes", []))
    told = [change for change in changes if change.get("action") != "unchanged"]
    verb = "would be " if applied.get("dry_run") else ""
    said = ", ".join(f"{applied.get(name, 0)} {verb}{name}" for name in ("created", "changed"))
    said += f", {applied.get('unchanged', 0)} unchanged"
    shown = [item_table("", told, ["action", "kind", "key"])] if told else []
    output.answer(applied, *shown, said)
