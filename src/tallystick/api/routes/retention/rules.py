"""`/v1/retention`: how long events are taken and kept, and what holds them back."""

from __future__ import annotations

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.schemas import (
    HoldAnswer,
    HoldOrder,
    ReleaseOrder,
    RemovalAnswer,
    RemovalPlanAnswer,
    RetentionRead,
    RuleOrder,
    RulesAnswer,
    hold_from_wire,
    rule_from_wire,
    wire_from_hold,
    wire_from_plan,
    wire_from_retention,
    wire_from_rules,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.retention import (
    ReleaseHold,
    RemoveUsage,
    place_hold,
    plan_removal,
    release_hold,
    remove_usage,
    set_retention,
    show_retention,
)
from tallystick.bootstrap.engines import Application

TAGS = ["retention"]
ADMIN = needs(Scope.ADMIN)


@get("/", opt=ADMIN, tags=TAGS, sync_to_thread=True, summary="Show retention")
def retention(application: Application, caller: Caller) -> RetentionRead:
    """Show rules, holds, floors, and the statutory years of each legal entity's country."""
    return wire_from_retention(
        value_of(show_retention(caller, uow=application.units(caller.workspace)))
    )


@post("/rules", opt=ADMIN, tags=TAGS, sync_to_thread=True, status_code=200, summary="Set a rule")
def set_rule(data: RuleOrder, application: Application, caller: Caller) -> RulesAnswer:
    """
    Take events of a type up to so many days of age; older ones are refused as `too_old`.

    Setting a rule removes nothing.
    """
    uow, clock = application.units(caller.workspace), application.clock
    outcome = set_retention(rule_from_wire(data), caller=caller, uow=uow, clock=clock)
    application.horizons.forget(caller.workspace)
    return wire_from_rules(value_of(outcome))


@post("/holds", opt=ADMIN, tags=TAGS, sync_to_thread=True, status_code=201, summary="Place a hold")
def place(data: HoldOrder, application: Application, caller: Caller) -> HoldAnswer:
    """Keep the usage of an account, a type or a time, whatever the rules say."""
    uow, clock = application.units(caller.workspace), application.clock
    placed = place_hold(hold_from_wire(data), caller=caller, uow=uow, clock=clock)
    return wire_from_hold(value_of(placed))


@post(
    "/holds/{hold:str}/release",
    opt=ADMIN,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Release a hold",
)
def release(hold: str, data: ReleaseOrder, application: Application, caller: Caller) -> HoldAnswer:
    """Let the rules apply again to what a hold kept; released again it stays as it is."""
    uow, clock = application.units(caller.workspace), application.clock
    command = ReleaseHold(id=hold, reason=data.reason)
    return wire_from_hold(value_of(release_hold(command, caller=caller, uow=uow, clock=clock)))


@get("/plan", opt=ADMIN, tags=TAGS, sync_to_thread=True, summary="Preview a removal")
def plan(application: Application, caller: Caller) -> RemovalPlanAnswer:
    """Tell which usage a removal would take now, day by day, and what holds the rest back."""
    uow, sources = (
        application.units(caller.workspace),
        application.removing.sources(caller.workspace),
    )
    return wire_from_plan(value_of(plan_removal(caller, uow=uow, sources=sources)))


@post(
    "/removals", opt=ADMIN, tags=TAGS, sync_to_thread=True, status_code=200, summary="Remove usage"
)
def remove(application: Application, caller: Caller) -> RemovalAnswer:
    """
    Take the content out of all usage that the plan names; it cannot be brought back.

    What bills rest on is sealed first. One that was broken off is carried out by the next.
    """
    parts = application.removing.parts(caller.workspace)
    removed = value_of(remove_usage(RemoveUsage(), caller=caller, parts=parts))
    application.horizons.forget(caller.workspace)
    return RemovalAnswer(types=removed)


retention_router = Router(
    path="/retention", route_handlers=[retention, set_rule, place, release, plan, remove]
)
