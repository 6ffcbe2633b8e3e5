"""
`/v1/meters`, `/plans`, `/accounts`, `/resources`, and `/v1/catalog/apply`.

Every item is the document that a catalog file would hold, so that what is read can be applied
again.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import AppliedAnswer, wire_from_applied
from tallystick.app.accounts import get_account, list_accounts, list_resources
from tallystick.app.catalog import (
    ApplyCatalog,
    CatalogBody,
    apply_catalog,
    documents_from_body,
    export_catalog,
    list_meters,
    list_plan_versions,
)
from tallystick.app.command import Caller
from tallystick.app.invoicing import impact_of_prices
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.catalog import (
    account_document,
    plan_document,
    resource_document,
)
from tallystick.kernel import AccountKey
from tallystick.metering import document_from_meter

Document = dict[str, Any]
WORKSPACE = needs(Scope.READ)
OWN = needs(Scope.READ, account_keys=True)
OnlyAccount = Annotated[AccountKey | None, Parameter(description="Only those of this account.")]


# Some ten thousand accounts, each value with its place in a file.
CATALOG_BYTES_MAX = 16 * 1024 * 1024


@post(
    "/catalog/apply",
    opt=needs(Scope.ADMIN) | {"body_bytes_max": CATALOG_BYTES_MAX},
    request_max_body_size=CATALOG_BYTES_MAX,
    sync_to_thread=True,
    status_code=200,
    summary="Apply a catalog",
)
def apply(data: CatalogBody, application: Application, caller: Caller) -> AppliedAnswer:
    """
    Create and change what the documents declare, all or nothing; nothing is ever deleted.

    With `dry_run` nothing is stored, and `impact` tells for each new version of a plan which
    contracts stand on those before, and what their last whole period would have come to.
    """
    documents = value_of(documents_from_body(data))
    command = ApplyCatalog(documents=documents, dry_run=data.dry_run)
    uow = application.units(caller.workspace)
    outcome = apply_catalog(command, caller=caller, uow=uow, clock=application.clock)
    application.protection.forget(caller.workspace)
    applied = value_of(outcome)
    if not data.dry_run:
        return wire_from_applied(applied)
    impact = impact_of_prices(
        documents, caller=caller, uow=uow, sources=application.billing_sources
    )
    return wire_from_applied(applied, value_of(impact))


@get(
    "/catalog/export",
    opt=needs(Scope.ADMIN),
    sync_to_thread=True,
    summary="Export the catalog",
)
def export(application: Application, caller: Caller) -> Document:
    """Give documents of everything declared; applying them changes nothing."""
    found = value_of(export_catalog(caller, uow=application.units(caller.workspace)))
    return dict(found.lists)


@get("/meters", opt=WORKSPACE, sync_to_thread=True, summary="List meters")
def meters(application: Application, caller: Caller, page: PageRequest) -> Page[Document]:
    """List meters by key."""
    uow = application.units(caller.workspace)
    found = value_of(list_meters(caller, uow=uow, after=page.after, limit=page.limit + 1))
    return page.page(found, lambda meter: str(meter.key), wire=document_from_meter)


@get("/plans", opt=WORKSPACE, sync_to_thread=True, summary="List plan versions")
def plans(application: Application, caller: Caller, page: PageRequest) -> Page[Document]:
    """List plan versions by key and version."""
    uow = application.units(caller.workspace)
    found = value_of(list_plan_versions(caller, uow=uow, after=page.after, limit=page.limit + 1))
    return page.page(found, lambda plan: str(plan.sort_key), wire=plan_document)


@get("/accounts", opt=OWN, sync_to_thread=True, summary="List accounts")
def accounts(application: Application, caller: Caller, page: PageRequest) -> Page[Document]:
    """List accounts by key; a key of one account sees that one."""
    uow = application.units(caller.workspace)
    found = value_of(list_accounts(caller, uow=uow, after=page.after, limit=page.limit + 1))
    return page.page(found, lambda account: str(account.key), wire=account_document)


@get("/accounts/{key:str}", opt=OWN, sync_to_thread=True, summary="Show an account")
def account_of_key(key: str, application: Application, caller: Caller) -> Document:
    """Show one account; another's is not found by a key of one account."""
    uow = application.units(caller.workspace)
    return account_document(value_of(get_account(AccountKey(key), caller=caller, uow=uow)))


@get("/resources", opt=OWN, sync_to_thread=True, summary="List resources")
def resources(
    application: Application, caller: Caller, page: PageRequest, account: OnlyAccount = None
) -> Page[Document]:
    """List resources by key; of an account: those it owns at any time."""
    uow = application.units(caller.workspace)
    found = value_of(
        list_resources(caller, uow=uow, after=page.after, limit=page.limit + 1, account=account)
    )
    return page.page(found, lambda resource: str(resource.key), wire=resource_document)


catalog_router = Router(
    path="/",
    route_handlers=[
        apply,
        export,
        meters,
        plans,
        accounts,
        account_of_key,
        resources,
    ],
    tags=["catalog"],
)
