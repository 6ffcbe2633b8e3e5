"""The published JSON Schema of quota policies, shipped as a file beside this module."""

import json
from functools import cache
from importlib.resources import files

from tallystick.kernel import check

SCHEMA = "quota-policy.schema.json"


@cache
def policy_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of a quota policy."""
    text = files("tallystick.catalog.policies").joinpath(SCHEMA).read_text(encoding="utf-8")
    schema = json.loads(text)
    check(isinstance(schema, dict), "the schema of quota policies is an object")
    return dict(schema)
