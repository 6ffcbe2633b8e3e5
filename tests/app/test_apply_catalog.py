"""Applying a catalog: once, wholly, idempotently, with one audit row."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from tallystick.app import Caller
from tallystick.app.catalog import (
    AppliedCatalog,
    ApplyCatalog,
    apply_catalog,
    export_catalog,
    list_meters,
    list_plan_versions,
    load_catalog,
)
from tallystick.catalog import Catalog, Documents, plan_catalog
from tallystick.kernel import Done, Outcome, Refused
from tests.catalogs import catalog, documents, lists
from tests.clock import NEW_YEAR, HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

ADMIN = Caller(workspace=WORKSPACE, actor="local:owner", scopes=frozenset({"admin"}))
CLOCK = HandClock()
READER = replace(ADMIN, scopes=frozenset({"read", "billing"}))


def apply(
    database: Database,
    declared: Documents | None = None,
    *,
    caller: Caller = ADMIN,
    dry_run: bool = False,
) -> Outcome[AppliedCatalog]:
    """Apply documents, the usual ones if none are given."""
    command = ApplyCatalog(documents=declared or documents(), dry_run=dry_run)
    uow = database.unit(caller.workspace)
    return apply_catalog(command, caller=caller, uow=uow, clock=CLOCK)


def applied(database: Database, declared: Documents | None = None) -> AppliedCatalog:
    """Apply documents that are in order."""
    outcome = apply(database, declared)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def stored(database: Database) -> Catalog:
    """Return the catalog as it is stored."""
    with database.unit() as uow:
        return load_catalog(uow)


def count(database: Database, question: str) -> int:
    """Return how many rows there are, of all workspaces."""
    with database.connection("postgres") as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return int(row[0])


def written(database: Database) -> tuple[int, int]:
    """Return the numbers of audit rows and of messages."""
    return (
        count(database, "SELECT count(*) FROM audit"),
        count(database, "SELECT count(*) FROM outbox"),
    )


def test_all_is_stored(database: Database) -> None:
    """After applying, the stored catalog is the declared one."""
    told = applied(database)
    assert (told.created, told.changed, told.unchanged) == (10, 0, 0)
    assert stored(database) == catalog()
    assert written(database) == (1, 1)


def test_second_time_all_is_unchanged(database: Database) -> None:
    """The same documents again change nothing and send no message; the command is audited."""
    applied(database)
    CLOCK.forward(seconds=1)
    told = applied(database)
    assert (told.created, told.changed, told.unchanged) == (0, 0, 10)
    assert written(database) == (2, 1)


def test_changes_are_stored(database: Database) -> None:
    """A changed object replaces the stored one; what is left out stays."""
    applied(database)
    changed = lists()
    changed["accounts"][1]["name"] = "Development"
    changed["resources"][0]["transfers"] = []
    changed["subscriptions"][0]["end"] = "2026-05-01"
    told = applied(
        database, Documents(lists={name: changed[name] for name in ("accounts", "resources")})
    )
    assert (told.created, told.changed, told.unchanged) == (0, 2, 1)
    applied(database, Documents(lists={"subscriptions": changed["subscriptions"]}))
    assert stored(database) == catalog(changed)


def test_dry_run_writes_nothing(database: Database) -> None:
    """A dry run tells what would be done, and leaves no row behind."""
    outcome = apply(database, dry_run=True, caller=replace(ADMIN, idempotency_key="k"))
    assert isinstance(outcome, Done)
    assert (outcome.value.dry_run, outcome.value.created) == (True, 10)
    assert stored(database) == Catalog()
    assert written(database) == (0, 0)
    assert count(database, "SELECT count(*) FROM idempotency") == 0


def test_dry_run_and_application_agree(database: Database) -> None:
    """What a dry run tells is what is then done, and what the documents alone would tell."""
    would = apply(database, dry_run=True)
    planned = plan_catalog(documents(), stored=Catalog(), at=NEW_YEAR)
    assert isinstance(would, Done)
    assert isinstance(planned, Done)
    assert would.value.changes == planned.value.changes == applied(database).changes


def test_refused_documents_store_nothing(database: Database) -> None:
    """One mistake among many objects, and none of them is stored."""
    changed = lists()
    changed["subscriptions"][0]["plan"] = "prt"
    outcome = apply(database, documents(changed), caller=replace(ADMIN, idempotency_key="k"))
    assert isinstance(outcome, Refused)
    assert [problem.field for problem in outcome.problems] == ["subscriptions[0].plan"]
    assert stored(database) == Catalog()
    assert written(database) == (0, 0)
    again = apply(database, caller=replace(ADMIN, idempotency_key="k"))
    assert isinstance(again, Done)  # a refusal leaves the key free for the mended command


def test_repeated_command_gets_its_answer(database: Database) -> None:
    """Sent twice under one key, a command has one effect and one answer, fields included."""
    caller = replace(ADMIN, idempotency_key="k")
    applied(database)
    changed = lists()
    changed["accounts"][1]["name"] = "Development"
    first, second = (apply(database, documents(changed), caller=caller) for _ in range(2))
    assert first == second
    assert isinstance(first, Done)
    assert first.value.changed == 1
    assert written(database)[0] == 2


def test_published_plans_do_not_change(database: Database) -> None:
    """A stored plan version refuses another content."""
    applied(database)
    changed = lists()
    changed["plans"][0]["name"] = "Other"
    outcome = apply(database, documents(changed))
    assert isinstance(outcome, Refused)
    assert [problem.code for problem in outcome.problems] == ["published"]


def test_only_admins_apply_and_export(database: Database) -> None:
    """Reading and billing do not include changing the catalog or taking it out."""
    refused: list[Outcome[Any]] = [
        apply(database, caller=READER),
        apply(database, caller=READER, dry_run=True),
        export_catalog(READER, uow=database.unit()),
        list_meters(replace(READER, scopes=frozenset({"ingest"})), uow=database.unit()),
        list_plan_versions(replace(READER, scopes=frozenset({"ingest"})), uow=database.unit()),
    ]
    for outcome in refused:
        assert isinstance(outcome, Refused)
        assert [problem.code for problem in outcome.problems] == ["forbidden"]


def test_export_applies_unchanged(database: Database) -> None:
    """What comes out goes in again without a difference."""
    applied(database)
    exported = export_catalog(ADMIN, uow=database.unit())
    assert isinstance(exported, Done)
    told = applied(database, exported.value)
    assert (told.created, told.changed, told.unchanged) == (0, 0, 10)


def test_workspaces_are_apart(database: Database) -> None:
    """The same keys may mean different things in two workspaces."""
    applied(database)
    outcome = apply(database, caller=replace(ADMIN, workspace=OTHER_WORKSPACE))
    assert isinstance(outcome, Done)
    assert outcome.value.created == 10


def test_applications_at_once(database: Database) -> None:
    """Of several at once one creates, and the others find everything in place."""
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda _: apply(database), range(4)))
    created = [outcome.value.created for outcome in outcomes if isinstance(outcome, Done)]
    assert sorted(created) == [0, 0, 0, 10]


def test_definitions_are_listed_in_pages(database: Database) -> None:
    """Meters go by key, plan versions by plan and number of version."""
    changed = lists()
    changed["plans"] += [changed["plans"][0] | {"version": number} for number in (2, 10)]
    applied(database, documents(changed))
    assert plans(database, "") == ["pro@000000001", "pro@000000002"]
    assert plans(database, "pro@000000002") == ["pro@000000010"]
    meters = list_meters(READER, uow=database.unit(), after="builds", limit=5)
    assert isinstance(meters, Done)
    assert [meter.key for meter in meters.value] == ["cpu"]


def plans(database: Database, after: str) -> list[str]:
    """Return the sort keys of a page of two plan versions."""
    found = list_plan_versions(READER, uow=database.unit(), after=after, limit=2)
    assert isinstance(found, Done)
    return [plan.sort_key for plan in found.value]


def test_thousands_of_accounts_take_seconds(database: Database) -> None:
    """Five thousand accounts and as many resources are applied in one go."""
    people = [
        {"key": f"c-{number}", "name": "C", "zone": "UTC", "currency": "EUR", "invoiced": True}
        for number in range(5000)
    ]
    things = [{"key": f"vm-{number}", "account": f"c-{number}"} for number in range(5000)]
    told = applied(database, Documents(lists={"accounts": people, "resources": things}))
    assert told.created == 10_000
    assert applied(database, Documents(lists={"accounts": people})).unchanged == 5000
