"""`/v1/plan-migrations`: contracts on their way to another plan version; the log's schema."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.subscriptions import (
    NamedPlan,
    list_subscriptions,
    migration_log_schema,
)
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey
from tallystick.subscriptions import PlanMove, change_id, moves_ahead

OWN = needs(Scope.READ, account_keys=True)
OnlyAccount = Annotated[
    AccountKey | None, QueryParameter(name="account", description="Only those of this account.")
]


class RunningMigration(msgspec.Struct, frozen=True, kw_only=True):
    """A contract that another plan version is agreed for; `change` takes it back."""

    subscription: str
    account: str
    origin: NamedPlan = msgspec.field(name="from")
    target: NamedPlan = msgspec.field(name="to")
    effective: datetime
    change: str


@get(
    "/plan-migrations/running",
    opt=OWN,
    sync_to_thread=True,
    summary="List migrations that run",
)
def running_migrations(
    application: Application, caller: Caller, page: PageRequest, account: OnlyAccount = None
) -> Page[RunningMigration]:
    """
    List contracts that are agreed to move to another plan version and have not yet, by key.

    A page may be shorter than asked, even empty; the last one has no `next_cursor`.
    """
    now = application.clock.now()
    found = value_of(
        list_subscriptions(
            caller,
            uow=application.units(caller.workspace),
            after=page.after,
            limit=page.limit + 1,
            account=account,
        )
    )
    seen = page.page(found, lambda each: str(each.key), wire=lambda each: each)
    moves = (move for each in seen.items for move in moves_ahead(each, now))
    return Page(items=tuple(map(_item, moves)), next_cursor=seen.next_cursor)


@get(
    "/schemas/plan-migration-log",
    opt=OWN,
    sync_to_thread=False,
    summary="The schema of migration logs",
)
def plan_migration_log_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of `plan-migration-log.yaml`."""
    return dict(migration_log_schema())


def _item(move: PlanMove) -> RunningMigration:
    return RunningMigration(
        subscription=move.subscription,
        account=move.account,
        origin=_named(move.origin),
        target=_named(move.target),
        effective=move.change.at,
        change=change_id(move.subscription, move.change),
    )


def _named(plan: tuple[str, int]) -> NamedPlan:
    return NamedPlan(plan=plan[0], version=plan[1])


migrations_router = Router(
    path="/",
    route_handlers=[running_migrations, plan_migration_log_schema],
    tags=["subscriptions"],
)
