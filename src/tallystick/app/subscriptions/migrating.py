"""
A migration of contracts from one plan version to another, as files that a person can read.

The plan is a preview of each contract: from and to, when, the money of the period that runs, what
is included otherwise, and what should be known.  It is what is carried out: each change is agreed
on only if its fees still come to what the plan says, and only once, however often the plan is run.
The log says what became of each.

    plan-migration-plan.yaml     preview      to be read, edited (a contract may be taken out), run
    plan-migration-log.yaml      outcome      migrated, or refused with the reason
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec

from tallystick.app.subscriptions.agreed import AgreedEntitlement, AgreedFeature, AgreedFee
from tallystick.kernel import canonical_json, derived_id, digest

PLAN_FORMAT = "tallystick.plan-migration-plan/1"
LOG_FORMAT = "tallystick.plan-migration-log/1"
Body: TypeAlias = Mapping[str, object]


class NamedPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan version, by its names."""

    plan: str
    version: int


class Trouble(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a contract cannot be migrated."""

    code: str
    message: str


class PlannedContract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What is to become of one contract; money as texts in ``currency``.

    Attributes:
        effective: when the other plan takes effect; None where it cannot.
        credit: what the fees of the period that runs give back, prorated, and
        charge: what they charge.
        fees: of that period and the next one, before and after.
        entitlements: what is included and taken otherwise.
        features: what is granted otherwise.
        warnings: what a person should know.
        problem: why it cannot be migrated; it is passed over.
    """

    subscription: str
    account: str
    origin: NamedPlan = msgspec.field(name="from")
    target: NamedPlan = msgspec.field(name="to")
    effective: datetime | None = None
    direction: str = ""
    credit: str = "0"
    charge: str = "0"
    currency: str = ""
    fees: tuple[AgreedFee, ...] = ()
    entitlements: tuple[AgreedEntitlement, ...] = ()
    features: tuple[AgreedFeature, ...] = ()
    warnings: tuple[str, ...] = ()
    problem: Trouble | None = None


class MigrationPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All contracts of a migration, in the order of their keys."""

    format: str
    id: str
    contracts: tuple[PlannedContract, ...]


class MigratedContract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What became of one contract.

    Attributes:
        outcome: ``migrated``, ``refused`` or ``passed over``.
        change: id of what was agreed on.
        credit, charge, fees, entitlements, features: as agreed, which is as planned.
        problem: why not.
    """

    subscription: str
    account: str
    outcome: str
    change: str | None = None
    effective: datetime | None = None
    credit: str = "0"
    charge: str = "0"
    currency: str = ""
    fees: tuple[AgreedFee, ...] = ()
    entitlements: tuple[AgreedEntitlement, ...] = ()
    features: tuple[AgreedFeature, ...] = ()
    problem: Trouble | None = None


class MigrationLog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of each contract of a migration."""

    format: str
    id: str
    contracts: tuple[MigratedContract, ...]


def migration_plan(contracts: Iterable[PlannedContract]) -> MigrationPlan:
    """Return a plan; its id follows from what it holds."""
    listed = tuple(sorted(contracts, key=lambda one: one.subscription))
    of = derived_id("migration", digest(canonical_json(msgspec.to_builtins(listed))))
    return MigrationPlan(format=PLAN_FORMAT, id=of, contracts=listed)


def migration_log(plan: MigrationPlan, contracts: Iterable[MigratedContract]) -> MigrationLog:
    """Return the log of a plan."""
    return MigrationLog(format=LOG_FORMAT, id=plan.id, contracts=tuple(contracts))


def migration_log_schema() -> Mapping[str, object]:
    """Return the JSON Schema (draft 2020-12) of a log."""
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, "title": "plan-migration-log", **msgspec.json.schema(MigrationLog)}


def planned(
    contract: PlannedContract, told: Body | None, problem: Trouble | None = None
) -> PlannedContract:
    """Return a contract of a plan with what was told of its change, or why it cannot change."""
    if told is None:
        return msgspec.structs.replace(contract, problem=problem)
    return msgspec.convert(
        {**msgspec.to_builtins(contract), **_kept(told), "effective": told["at"]},
        PlannedContract,
    )


def migrated(contract: PlannedContract, told: Body) -> MigratedContract:
    """Return what became of a contract whose change was agreed on; ``differs`` says how not."""
    done = msgspec.convert(
        {
            "subscription": contract.subscription,
            "account": contract.account,
            "outcome": "migrated",
            "change": told["id"],
            "effective": told["at"],
            **{name: value for name, value in _kept(told).items() if name in _AGREED},
        },
        MigratedContract,
    )
    differs = [
        name for name in ("effective", *_AGREED) if getattr(done, name) != getattr(contract, name)
    ]
    if not differs:
        return done
    message = f"{', '.join(differs)} came out otherwise than planned"
    problem = Trouble(code="differs", message=message)
    return msgspec.structs.replace(done, outcome="differs", problem=problem)


def not_migrated(contract: PlannedContract, problem: Trouble, outcome: str) -> MigratedContract:
    """Return what became of a contract whose change was not agreed on."""
    return MigratedContract(
        subscription=contract.subscription,
        account=contract.account,
        outcome=outcome,
        effective=contract.effective,
        problem=problem,
    )


_AGREED = ("credit", "charge", "currency", "fees", "entitlements", "features")


def _kept(told: Body) -> dict[str, object]:
    names = ("direction", *_AGREED, "warnings")
    return {name: told[name] for name in names}
