"""`tallystick apply`: make the catalog hold what files declare."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, cast

from cyclopts import Parameter
from rich.table import Table

from tallystick.app.catalog import json_from_documents
from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.output import Output, table
from tallystick.cli.short_lived import some_server
from tallystick.client import Request
from tallystick.integrations.catalog_files import read_catalog_files, yaml_text
from tallystick.kernel import Problem, Refused

Force = Annotated[bool, Parameter(negative=())]


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
        dry_run: Show the difference and what new prices would come to, and change nothing.
        session: Which server is asked, and how its answer is written.
    """
    _apply(file, session, dry_run=dry_run)


def diff(
    *,
    file: Annotated[list[Path], Parameter(name=["--file", "-f"], negative=())],
    session: Session = HERE,
) -> Exit:
    """
    Show what applying catalog files would create and change; exit code 1: there is something.

    Of a new version of a plan it is told as well whom it would concern: the contracts that stand on
    versions before it, and what their last period would have come to at the new prices.

    For example:

        tallystick diff -f catalog/
        tallystick diff -f catalog/ && echo "nothing to apply"

    Args:
        file: YAML file, or folder of such files; may be given several times.
        session: Which server is asked, and how its answer is written.
    """
    applied = _apply(file, session, dry_run=True)
    return Exit.REFUSED if applied["created"] or applied["changed"] else Exit.OK


def export(
    *,
    file: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("catalog.yaml"),
    force: Force = False,
    session: Session = HERE,
) -> None:
    """
    Write everything that is declared into one catalog file; applying it changes nothing.

    For example:

        tallystick export -o catalog.yaml

    Args:
        file: Where to write.
        force: Replace a file that is there.
        session: Which server is asked, and how its answer is written.
    """
    with some_server(session) as client:
        lists = cast(Mapping[str, list[object]], client.get("/v1/catalog/export"))
    write_lists(file, lists, session, force=force)


def write_lists(
    file: Path, lists: Mapping[str, list[object]], output: Output, *, force: bool
) -> None:
    """
    Write lists of a catalog into a file, and say how many objects of each.

    Raises:
        Refusal: the file is there already, and is not to be replaced.
    """
    if file.exists() and not force:
        message = f"{file} is there already; --force replaces it"
        raise Refusal([Problem(code="exists", message=message, field="output")])
    file.write_text(yaml_text(lists), encoding="utf-8")
    counts = {name: len(each) for name, each in lists.items()}
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    output.answer({"file": str(file), "objects": counts}, f"{file}: {said or 'nothing'}")


def _apply(file: list[Path], session: Session, *, dry_run: bool) -> Mapping[str, object]:
    outcome = read_catalog_files(file)
    if isinstance(outcome, Refused):
        raise Refusal(outcome.problems)
    request = Request(
        method="POST",
        path="/v1/catalog/apply",
        body=json_from_documents(outcome.value, dry_run=dry_run),
        headers={"content-type": "application/json"},
    )
    with some_server(session) if dry_run else session.client() as client:
        applied = cast(Mapping[str, object], client.ask(request))
    show_applied(applied, session)
    return applied


def show_applied(
    applied: Mapping[str, object], output: Output, *, answer: Mapping[str, object] | None = None
) -> None:
    """
    Show what became of each object that is not as it was, and of each of its fields.

    ``answer``: what is shown as JSON, where that is more than what was applied.
    """
    changes = cast(list[Mapping[str, object]], applied["changes"])
    rows = [row for change in changes if change["action"] != "unchanged" for row in _rows(change)]
    columns = ["", "list", "key", "field", "before", "after"]
    verb = "would be " if applied["dry_run"] else ""
    said = ", ".join(f"{applied[name]} {verb}{name}" for name in ("created", "changed"))
    shown = [table("", columns, rows)] if rows else []
    said = f"{said}, {applied['unchanged']} unchanged"
    output.answer(answer or applied, *shown, said, *_impact(applied))


def _impact(applied: Mapping[str, object]) -> list[Table | str]:
    """Return what new versions of plans would change, for a person."""
    shown: list[Table | str] = []
    for each in cast(list[Mapping[str, object]], applied.get("impact", ())):
        shown.append(
            f"{each['plan']} version {each['version']}: contracts on versions before it: "
            f"{each['contracts']}, accounts: {each['accounts']}; they stay there"
        )
        if each["compared"]:
            shown.append(
                f"last periods compared: {each['compared']}; they came to {each['before']} "
                f"{each['currency']}, and would come to {each['after']}"
            )
        greatest = cast(list[Mapping[str, object]], each["greatest"])
        columns = ["subscription", "account", "before", "after"]
        if greatest:
            shown.append(table("", columns, [[one[name] for name in columns] for one in greatest]))
    return shown


def _rows(change: Mapping[str, object]) -> list[list[object]]:
    version = f" version {change['version']}" if change["version"] is not None else ""
    head: list[object] = [change["action"], change["of"], f"{change['key']}{version}"]
    fields = cast(list[Mapping[str, object]], change["fields"])
    if change["action"] != "changed" or not fields:
        return [head]
    rows = [[each["field"], _said(each["before"]), _said(each["after"])] for each in fields]
    return [head + rows[0], *([["", "", "", *row] for row in rows[1:]])]


def _said(value: object) -> str:
    return "" if value is None else str(value)
