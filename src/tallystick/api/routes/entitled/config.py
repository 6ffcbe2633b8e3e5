"""`/v1/billing-config` and its schema, and that of plan definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from litestar import Router, get

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.catalog import export_catalog
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.reports import (
    BillingConfig,
    billing_config,
    billing_config_schema,
    plan_definitions_schema,
)


@get(
    "/billing-config",
    opt=needs(Scope.ADMIN),
    sync_to_thread=True,
    summary="Export how a workspace bills",
)
def billing_config_document(application: Application, caller: Caller) -> BillingConfig:
    """Give plan definitions, pricing rules and payment settings, without secrets."""
    found = value_of(export_catalog(caller, uow=application.units(caller.workspace)))
    return billing_config(cast("Mapping[str, Sequence[Mapping[str, object]]]", found.lists))


@get(
    "/schemas/billing-config",
    opt=needs(Scope.READ),
    sync_to_thread=False,
    summary="The schema of billing configurations",
)
def billing_config_document_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of billing configurations."""
    return dict(billing_config_schema())


@get(
    "/schemas/plan-definitions",
    opt=needs(Scope.READ),
    sync_to_thread=False,
    summary="The schema of plan definitions",
)
def plan_definitions_document_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of what `tallystick plan export` writes."""
    return dict(plan_definitions_schema())


config_router = Router(
    path="/",
    route_handlers=[
        billing_config_document,
        billing_config_document_schema,
        plan_definitions_document_schema,
    ],
    tags=["catalog"],
)
