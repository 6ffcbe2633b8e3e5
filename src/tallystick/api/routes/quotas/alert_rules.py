"""`/v1/alert-rules`: at which values of usage somebody is told, when and how; one by one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Router, delete, get, put
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas.catalog import FieldChangeAnswer
from tallystick.app.catalog import (
    DeleteAlertRule,
    DeletedAlertRule,
    SetAlertRule,
    delete_alert_rule,
    get_alert_rule,
    list_alert_rules,
    set_alert_rule,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.catalog import Action, alert_rule_document

Document = dict[str, Any]
READ, ADMIN = needs(Scope.READ), needs(Scope.ADMIN)
DryRun = Annotated[
    bool, QueryParameter(name="dry_run", description="Tell what it would do, and change nothing.")
]


class SetRuleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became, or with `dry_run` would become, of a rule, and of each of its fields."""

    key: str
    action: Action
    fields: tuple[FieldChangeAnswer, ...]
    dry_run: bool


@get("/", opt=READ, sync_to_thread=True, summary="List alert rules")
def rules(application: Application, caller: Caller, page: PageRequest) -> Page[Document]:
    """List alert rules by key, each as a catalog file would hold it."""
    uow = application.units(caller.workspace)
    found = value_of(list_alert_rules(caller, uow=uow, after=page.after, limit=page.limit + 1))
    return page.page(found, lambda one: one.key, wire=alert_rule_document)


@get("/{key:str}", opt=READ, sync_to_thread=True, summary="Show an alert rule")
def rule_of_key(key: str, application: Application, caller: Caller) -> Document:
    """Show one alert rule."""
    uow = application.units(caller.workspace)
    return alert_rule_document(value_of(get_alert_rule(key, caller=caller, uow=uow)))


@put("/{key:str}", opt=ADMIN, sync_to_thread=True, summary="Set an alert rule")
def set_rule(
    key: str, data: Document, application: Application, caller: Caller, *, is_tried: DryRun = False
) -> SetRuleAnswer:
    """
    Let a rule stand as the document says, whatever stood before; `key` may be left out of it.

    What the document leaves out the rule does not say any more. It counts with the next use.
    """
    command = SetAlertRule(key=key, document=data, dry_run=is_tried)
    uow = application.units(caller.workspace)
    change = value_of(set_alert_rule(command, caller=caller, uow=uow, clock=application.clock))
    return SetRuleAnswer(
        key=change.key,
        action=change.action,
        fields=tuple(
            FieldChangeAnswer(field=one.field, before=one.before, after=one.after)
            for one in change.fields
        ),
        dry_run=is_tried,
    )


@delete(
    "/{key:str}", opt=ADMIN, sync_to_thread=True, status_code=200, summary="Delete an alert rule"
)
def delete_rule(
    key: str, application: Application, caller: Caller, *, is_tried: DryRun = False
) -> DeletedAlertRule:
    """
    Watch no more by a rule, and tell no more of what waits; alerts that it opened stay.

    `watching` says of how many counters it is forgotten what was told.
    """
    command = DeleteAlertRule(key=key, dry_run=is_tried)
    uow = application.units(caller.workspace)
    return value_of(delete_alert_rule(command, caller=caller, uow=uow, clock=application.clock))


alert_rules_router = Router(
    path="/alert-rules", route_handlers=[rules, rule_of_key, set_rule, delete_rule], tags=["quotas"]
)
