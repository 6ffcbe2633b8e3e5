"""Previews and carries out the migration of many contracts, one request each."""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

import msgspec

from tallystick.app.subscriptions import (
    PLAN_FORMAT,
    MigratedContract,
    MigrationPlan,
    NamedPlan,
    PlannedContract,
    Trouble,
    migrated,
    migration_plan,
    not_migrated,
    planned,
)
from tallystick.cli.connection import Item, items
from tallystick.cli.exits import Refusal
from tallystick.cli.output import note
from tallystick.cli.yaml_file import read_yaml
from tallystick.client import Client, RequestRefused
from tallystick.integrations.catalog_files import yaml_text
from tallystick.kernel import Problem, canonical_json, derived_id, digest

_NAMED = ("plan", "version")
_ENDED = "subscription_ended"


def selected(
    client: Client, origin: str, target: NamedPlan, accounts: list[str]
) -> list[PlannedContract]:
    """
    Return the contracts whose plan that holds now is to be migrated.

    Args:
        client: of the server.
        origin: a plan, or plan and version as pro@1.
        target: to which none is migrated that has it already.
        accounts: only theirs; empty: everybody's.
    """
    found: list[PlannedContract] = []
    for account in accounts or [""]:
        for each in items(client, "/v1/subscriptions", account=account, in_force="true"):
            in_force = cast(Item, each["in_force"])
            held = msgspec.convert({name: in_force[name] for name in _NAMED}, NamedPlan)
            named = held.plan if "@" not in origin else f"{held.plan}@{held.version}"
            if named == origin and held != target:
                found.append(
                    PlannedContract(
                        subscription=str(each["key"]),
                        account=str(each["account"]),
                        origin=held,
                        target=target,
                    )
                )
    return found


def preview(
    client: Client, contract: PlannedContract, order: Mapping[str, object]
) -> PlannedContract | None:
    """Return a contract with what its change would do; None: it has ended by then."""
    wanted = {**msgspec.to_builtins(contract.target), **order, "dry_run": True}
    try:
        told = client.post(f"/v1/subscriptions/{contract.subscription}/changes", wanted)
    except RequestRefused as refused:
        trouble = _trouble(refused)
        return None if trouble.code == _ENDED else planned(contract, None, trouble)
    return planned(contract, cast(Item, told))


def carry_out(client: Client, contract: PlannedContract) -> MigratedContract:
    """
    Agree on one planned change, once, and only if its money is as planned.

    The server remembers the answer under a key that follows from all that is planned for the
    contract: a plan that is run again after a crash is told the same, also where other contracts
    were taken out of its file; one whose entry was edited is asked for anew.
    """
    if contract.problem is not None or contract.effective is None:
        problem = contract.problem or Trouble(code="not_planned", message="it has no instant")
        return not_migrated(contract, problem, "passed over")
    given = msgspec.to_builtins(contract)
    order = {
        **msgspec.to_builtins(contract.target),
        "at": given["effective"],
        "expected_fees": given["fees"],
    }
    key = derived_id("migrate", digest(canonical_json(given)))
    path = f"/v1/subscriptions/{contract.subscription}/changes"
    try:
        told = cast(Item, client.post(path, order, idempotency_key=key))
    except RequestRefused as refused:
        return not_migrated(contract, _trouble(refused), "refused")
    return migrated(contract, told)


def unagreed(client: Client, done: list[MigratedContract]) -> Iterator[str]:
    """Yield the migrated contracts on which the change does not stand."""
    standing: dict[str, list[Item]] = {}
    for each in items(client, "/v1/subscriptions"):
        standing[str(each["key"])] = cast(list[Item], each.get("changes", []))
    for one in done:
        if one.outcome != "migrated":
            continue
        changes = standing.get(one.subscription, [])
        if one.effective not in [msgspec.convert(each["at"], datetime) for each in changes]:
            yield one.subscription


def read_plan(path: Path) -> MigrationPlan:
    """
    Return the plan in a file; one that was edited since it was written has an id of its own.

    Raises:
        Refusal: it cannot be read, or is no plan of a migration.
    """
    try:
        plan = msgspec.convert(read_yaml(path).body, MigrationPlan)
    except msgspec.ValidationError as error:
        message = f"{path} is no plan of a migration: {error}"
        raise Refusal([Problem(code="not_a_plan", message=message)]) from error
    if plan.format != PLAN_FORMAT:
        message = f"{path} is of format {plan.format[:60]!r}; this reads {PLAN_FORMAT}"
        raise Refusal([Problem(code="not_a_plan", message=message)])
    as_it_stands = migration_plan(plan.contracts)
    if as_it_stands.id != plan.id:
        note(f"{path} was edited: it is {as_it_stands.id} now, and no more {plan.id}")
    return as_it_stands


def write_file(path: Path, document: msgspec.Struct, comment: str) -> None:
    """Write a document as YAML; whoever reads the file meanwhile finds the one before it."""
    text = yaml_text(cast(Item, msgspec.to_builtins(document)), comment=comment)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _trouble(refused: RequestRefused) -> Trouble:
    return Trouble(code=refused.answer.code, message=refused.answer.message)
