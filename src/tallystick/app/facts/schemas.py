"""The published JSON Schema (draft 2020-12) of each fact, made from its definition."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from tallystick.app.facts.published import FACTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_id(name: str) -> str:
    """
    Return the name of a fact's schema, which events carry as ``dataschema``.

    Example:
        >>> schema_id("PlanMigrated")
        'urn:tallystick:fact:PlanMigrated:1'
    """
    return f"urn:tallystick:fact:{name}:1"


@cache
def fact_schema(name: str) -> Mapping[str, Any]:
    """
    Return the schema of a fact.

    Raises:
        KeyError: there is no fact of this name.
    """
    made = msgspec.json.schema(FACTS[name])
    return {"$schema": DIALECT, "$id": schema_id(name), **made}
