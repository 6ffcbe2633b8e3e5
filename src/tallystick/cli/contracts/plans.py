"""`tallystick plan`: list, export, migrate, run."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.app.subscriptions import (
    MigratedContract,
    MigrationPlan,
    NamedPlan,
    PlannedContract,
    migration_log,
    migration_log_schema,
    migration_plan,
)
from tallystick.cli.applying import Force, write_lists
from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.contracts.migrating import (
    carry_out,
    preview,
    read_plan,
    selected,
    unagreed,
    write_file,
)
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.output import item_table, note, progress_bar, write_json
from tallystick.cli.short_lived import some_server
from tallystick.kernel import Problem, counted
from tallystick.reports import LISTS, plan_definitions_schema

LIST_COLUMNS = ("key", "version#", "name", "currency", "current")
PLAN_COLUMNS = (
    "subscription", "from", "to", "effective", "credit#", "charge#", "currency", "to know",
)  # fmt: skip
RUNNING = ("subscription", "account", "from", "to", "effective", "change")
LOG_COLUMNS = ("subscription", "outcome", "effective", "credit#", "charge#", "currency", "why")
SHOWN_MAX = 50
Y = TypeVar("Y")

plan_app = App(name="plan", help="Export plans, and migrate contracts from one to another.")


@plan_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List plan versions; the newest of each plan is the current one.

    For example:

        tallystick plan list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/plans"))
    newest = {str(each["key"]): each["version"] for each in found}
    rows: list[Item] = [
        {**each, "current": "current" if newest[str(each["key"])] == each["version"] else ""}
        for each in found
    ]
    session.answer(found, item_table("", rows, LIST_COLUMNS))


@plan_app.command
def running(*, account: str = "", session: Session = HERE) -> None:
    """
    List contracts that are agreed to move to another plan version and have not yet.

    For example:

        tallystick plan running
        tallystick plan running --account acme --json

    Args:
        account: Only contracts of this account.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/plan-migrations/running", account=account))
    rows: list[Item] = [
        {**one, **{end: _as_text(one[end]) for end in ("from", "to")}} for one in found
    ]
    session.answer(found, item_table("", rows, RUNNING) if rows else "No contract is to move.")


@plan_app.command
def log_schema() -> None:
    """
    Write the JSON Schema of plan-migration-log.yaml.

    For example:

        tallystick plan log-schema
    """
    write_json(migration_log_schema())


@plan_app.command
def definitions_schema() -> None:
    """
    Write the JSON Schema of plan-definitions.yaml.

    For example:

        tallystick plan definitions-schema
    """
    write_json(plan_definitions_schema())


@plan_app.command
def export(
    *,
    file: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("plan-definitions.yaml"),
    force: Force = False,
    session: Session = HERE,
) -> None:
    """
    Write all plan versions, current and historical, with what they name, into a catalog file.

    `tallystick apply -f` takes it back: here it changes nothing, elsewhere it makes the same plans.

    For example:

        tallystick plan export -o plan-definitions.yaml

    Args:
        file: Where to write.
        force: Replace a file that is there.
        session: Which server is asked, and how its answer is written.
    """
    with some_server(session) as client:
        lists = cast(dict[str, list[object]], client.get("/v1/catalog/export"))
    write_lists(file, {name: lists[name] for name in LISTS if name in lists}, session, force=force)


@plan_app.command
def migrate(  # noqa: PLR0913 - each is an option of the command
    origin: str,
    target: str,
    /,
    *,
    at: str = "",
    when: str = "",
    account: Annotated[list[str] | None, Parameter(negative=())] = None,
    file: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("plan-migration-plan.yaml"),
    session: Session = HERE,
) -> Exit:
    """
    Preview the migration of contracts to another plan version, and write it as a plan to be run.

    Nothing is changed. The file says of each contract when it would change, what its fees would
    come to, what it would include, and what to know; contracts may be taken out of it.

    For example:

        tallystick plan migrate pro@1 pro@2 --at 2026-07-01
        tallystick plan migrate pro team@1 --when period_end --account acme -o acme.yaml

    Args:
        origin: Plan of which contracts are migrated, in any version or in one, as pro@1.
        target: Plan version to which they are migrated, as pro@2.
        at: When, for all: an instant, or a date in each payer's zone.
        when: now or period_end, instead of an instant; without both an upgrade takes effect now.
        account: Only contracts of this account; may be given several times.
        file: Where to write the plan.
        session: Which server is asked, and how its answer is written.
    """
    order = {name: text for name, text in (("at", at), ("when", when)) if text}
    with session.client() as client:
        found = selected(client, origin, _named(target), account or [])
        told = _with_progress("preview", found, lambda one: preview(client, one, order))
        plan = migration_plan(one for one in told if one is not None)
    write_file(file, plan, f"Preview of a migration; tallystick plan run {file}")
    _show_plan(plan, file, session)
    return Exit.REFUSED if any(one.problem for one in plan.contracts) else Exit.OK


@plan_app.command
def run(
    file: Path = Path("plan-migration-plan.yaml"),
    /,
    *,
    log: Annotated[Path, Parameter(name="--log")] = Path("plan-migration-log.yaml"),
    session: Session = HERE,
) -> Exit:
    """
    Carry out the plan of a migration; run again after an interruption it goes on.

    Each contract is changed once, and only if its fees still come to what the plan says. What
    lies ahead is agreed on now and takes effect then. A file that was edited is a plan of its own,
    with another id; what was done by it before is not done again.

    For example:

        tallystick plan run plan-migration-plan.yaml --log plan-migration-log.yaml

    Args:
        file: The plan, as `tallystick plan migrate` wrote it.
        log: Where to write what became of each contract.
        session: Which server is asked, and how its answer is written.
    """
    plan = read_plan(file)
    with session.client() as client:
        done = list(_with_progress("run", plan.contracts, lambda one: carry_out(client, one)))
        missing = list(unagreed(client, done))
    told = migration_log(plan, done)
    write_file(log, told, f"What became of the contracts of {file}")
    shown = [_log_row(one) for one in done if one.outcome != "migrated"][:SHOWN_MAX]
    count = sum(one.outcome == "migrated" for one in done)
    said = f"{counted(count, 'contract')} migrated as planned; see {log}"
    session.answer(told, *([item_table("", shown, LOG_COLUMNS)] if shown else []), said)
    for key in missing:
        note(f"{key} does not hold the change any more")
    return Exit.OK if count == len(done) and not missing else Exit.REFUSED


def _with_progress(
    name: str, contracts: Iterable[PlannedContract], deal: Callable[[PlannedContract], Y]
) -> Iterator[Y]:
    """Yield what comes of each contract, with a bar that says how many are done."""
    listed = list(contracts)
    with progress_bar() as progress:
        task = progress.add_task(name, total=len(listed), said="")
        for one in listed:
            progress.update(task, said=one.subscription)
            yield deal(one)
            progress.advance(task)


def _show_plan(plan: MigrationPlan, file: Path, session: Session) -> None:
    rows = [_plan_row(one) for one in plan.contracts[:SHOWN_MAX]]
    table = [item_table("", rows, PLAN_COLUMNS)] if rows else []
    troubled = sum(one.problem is not None for one in plan.contracts)
    said = f"{counted(len(plan.contracts), 'contract')} in {file}"
    if len(plan.contracts) > SHOWN_MAX:
        said += f", of which {SHOWN_MAX} are shown"
    if troubled:
        said += f"; {troubled} cannot be migrated and would be passed over"
    session.answer(plan, *table, said)


def _plan_row(one: PlannedContract) -> Item:
    to_know = [*one.warnings] if one.problem is None else [one.problem.message]
    return {
        **cast(Item, msgspec.to_builtins(one)),
        "from": f"{one.origin.plan}@{one.origin.version}",
        "to": f"{one.target.plan}@{one.target.version}",
        "to know": "; ".join(to_know),
    }


def _log_row(one: MigratedContract) -> Item:
    why = "" if one.problem is None else one.problem.message
    return {**cast(Item, msgspec.to_builtins(one)), "why": why}


def _as_text(plan: object) -> str:
    named = msgspec.convert(plan, NamedPlan)
    return f"{named.plan}@{named.version}"


def _named(text: str) -> NamedPlan:
    name, _, version = text.rpartition("@")
    if not name or not version.isdecimal():
        message = f"{text!r} is not a plan and its version, as pro@2"
        raise Refusal([Problem(code="wrong_value", message=message, field="target")])
    return NamedPlan(plan=name, version=int(version))
