"""`/v1/schemas/facts`: what is published, by name, each with its JSON Schema."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Router, get

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.facts import FACTS, fact_schema, schema_id
from tallystick.app.keys import Scope
from tallystick.kernel import Done, Outcome, refuse

READ = needs(Scope.READ, account_keys=True)


class FactName(msgspec.Struct, frozen=True, kw_only=True):
    """A fact: its topic and CloudEvents type, and the `dataschema` that its events name."""

    name: str
    dataschema: str
    summary: str


@get("/", opt=READ, sync_to_thread=False, summary="List the facts that are published")
def fact_names() -> tuple[FactName, ...]:
    """List facts; a webhook asks for one by naming it among its topics."""
    return tuple(
        FactName(name=name, dataschema=schema_id(name), summary=_summary(name)) for name in FACTS
    )


@get("/{fact:str}", opt=READ, sync_to_thread=False, summary="The schema of a fact")
def one_schema(fact: str) -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a fact's `data`."""
    return value_of(_schema(fact))


def _schema(name: str) -> Outcome[dict[str, Any]]:
    if name not in FACTS:
        known = ", ".join(FACTS)
        return refuse("not_found", f"there is no fact {name[:80]!r}; there are {known}", "fact")
    return Done(dict(fact_schema(name)))


def _summary(name: str) -> str:
    return (FACTS[name].__doc__ or "").strip().partition("\n")[0]


fact_schemas_router = Router(
    path="/schemas/facts", route_handlers=[fact_names, one_schema], tags=["operation"]
)
