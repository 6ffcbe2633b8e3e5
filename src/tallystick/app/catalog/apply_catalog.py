"""Applies catalog documents: creates and changes what they declare, and deletes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.catalog.load_catalog import load_catalog
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, input_digest, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Action, CatalogPlan, Change, Documents, plan_catalog
from tallystick.kernel import (
    Done,
    Outcome,
    Problem,
    Refused,
    derived_id,
    instant_text,
)

TOPIC = "catalog.applied"
# An audit row or a message names at most so many objects; their numbers are always told.
NAMES_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCatalog:
    """
    Make the catalog hold what documents declare.

    Attributes:
        documents: the declarations; what they leave out stays as it is.
        dry_run: tell the difference and write nothing.
    """

    documents: Documents
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedCatalog:
    """What was done, or would be done, with each declared object."""

    dry_run: bool
    created: int
    changed: int
    unchanged: int
    changes: tuple[Change, ...]


def apply_catalog(
    command: ApplyCatalog,
    *,
    caller: Caller,
    uow: UnitOfWork,
    clock: Clock,
    objection: Callable[[AppliedCatalog], Problem | None] = lambda _: None,
) -> Outcome[AppliedCatalog]:
    """
    Apply documents in one transaction; a second time everything is unchanged.

    Args:
        command: what to apply.
        caller: who applies it.
        uow: one that was not entered.
        clock: says when.
        objection: asked about the difference under the lock of the catalog, before it is written.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        Those of `plan_catalog`, and what is objected; nothing is written then.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if command.dry_run:
        with uow:
            outcome = plan_catalog(command.documents, stored=load_catalog(uow), at=clock.now())
        return outcome if isinstance(outcome, Refused) else Done(_applied(command, outcome.value))

    def decide() -> Decided[AppliedCatalog]:
        uow.catalog.lock()
        outcome = _planned(command, uow, clock=clock, objection=objection)
        if isinstance(outcome, Refused):
            return outcome
        applied = _applied(command, outcome.value)
        _save(uow, outcome.value)
        now, details = clock.now(), _details(applied)
        if applied.created or applied.changed:
            uow.outbox.put(_message(command, details, caller=caller, now=now))
        return Effect(answer=applied, subject="catalog", at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(AppliedCatalog))


def _planned(
    command: ApplyCatalog,
    uow: UnitOfWork,
    *,
    clock: Clock,
    objection: Callable[[AppliedCatalog], Problem | None],
) -> Outcome[CatalogPlan]:
    """Return what would be written, unless somebody objects to it."""
    outcome = plan_catalog(command.documents, stored=load_catalog(uow), at=clock.now())
    if isinstance(outcome, Refused):
        return outcome
    objected = objection(_applied(command, outcome.value))
    return outcome if objected is None else Refused((objected,))


def _applied(command: ApplyCatalog, plan: CatalogPlan) -> AppliedCatalog:
    return AppliedCatalog(
        dry_run=command.dry_run,
        created=plan.count(Action.CREATED),
        changed=plan.count(Action.CHANGED),
        unchanged=plan.count(Action.UNCHANGED),
        changes=plan.changes,
    )


def _save(uow: UnitOfWork, plan: CatalogPlan) -> None:
    """Store what is new or different, in the order in which it refers to each other."""
    stores = plan.stores
    uow.catalog.save_definitions(stores)
    published = uow.price_series.load([*stores.price_series])
    for key, series in stores.price_series.items():
        uow.price_series.add(key, series.facts[len(published.get(key, ())) :])
    uow.accounts.save_accounts(stores.accounts.values())
    uow.accounts.save_resources(stores.resources.values())
    uow.subscriptions.save_subscriptions(stores.subscriptions.values())


def _message(
    command: ApplyCatalog, details: Mapping[str, object], *, caller: Caller, now: datetime
) -> Message:
    parts = (instant_text(now), input_digest(command), caller.request_id)
    return Message(
        workspace=caller.workspace,
        id=derived_id("catalog", *parts),
        topic=TOPIC,
        payload=details,
        due_at=now,
        trace_id=caller.trace_id,
    )


def _details(applied: AppliedCatalog) -> dict[str, object]:
    different = [change for change in applied.changes if change.action is not Action.UNCHANGED]
    return {
        "created": applied.created,
        "changed": applied.changed,
        "unchanged": applied.unchanged,
        "objects": [
            {"list": change.of, "name": change.name, "action": change.action.value}
            for change in different[:NAMES_MAX]
        ],
    }
