"""The decision routes as the OpenAPI document describes them, since they are bare handlers."""

from __future__ import annotations

from typing import Any

import msgspec

from tallystick.api.schemas.quotas import ORDERS, DecisionItem, DecisionsAnswer

Document = dict[str, Any]

_SUMMARIES = {
    "check": "Ask whether so much may be used",
    "consume": "Use so much",
    "reserve": "Hold so much for a time",
    "commit": "Use what a reservation holds",
    "release": "Give back what a reservation holds",
    "lease": "Take a slice of a limit along",
    "report": "Tell what was spent of a lease",
    "acquire": "Let something exist that a level counts",
    "give-back": "Say that something a level counts is gone",
}
_DESCRIPTION = (
    "One order, or `requests` with up to 1,000 of them, each decided after those before it. A "
    "decision is an answer: 200 whether it allows or not; `RateLimit`, `RateLimit-Policy` and "
    "`Retry-After` say the same in headers. Needs the scope `quota`."
)
_NAMED = {"account": "acme", "feature": "api-calls"}
_EXAMPLES: dict[str, Document] = {
    "check": {**_NAMED, "quantity": "10"},
    "consume": {**_NAMED, "source": "shop", "id": "r-1"},
    "reserve": {**_NAMED, "quantity": "10", "reservation": "job-7", "seconds": 300},
    "commit": {"reservation": "job-7", "quantity": "8", "source": "shop", "id": "job-7"},
    "release": {"reservation": "job-7"},
    "lease": {**_NAMED, "quantity": "100", "lease": "worker-3-1", "seconds": 60},
    "report": {
        "lease": "worker-3-1",
        "events": [{"source": "shop", "id": "r-2"}],
        "close": True,
    },
    "acquire": {"account": "acme", "feature": "users", "unit": "ann"},
    "give-back": {"account": "acme", "feature": "users", "unit": "ann"},
}


def decision_operations(reference: str) -> tuple[dict[str, Document], dict[str, Any]]:
    """
    Return the operation of each decision route by its path, and the schemas they refer to.

    Args:
        reference: template of a reference to a schema, with ``{name}``.
    """
    (_, answer, *orders), schemas = msgspec.json.schema_components(
        (DecisionItem, DecisionsAnswer, *ORDERS.values()), ref_template=reference
    )
    (one, *_), _ = msgspec.json.schema_components((DecisionItem,), ref_template=reference)
    operations = {
        f"/v1/quota/{verb}": _operation(verb, order, [one, answer])
        for verb, order in zip(ORDERS, orders, strict=True)
    }
    return operations, schemas


def _operation(verb: str, order: Document, answers: list[Document]) -> Document:
    many = {
        "type": "object",
        "properties": {"requests": {"type": "array", "items": order, "maxItems": 1000}},
        "required": ["requests"],
    }
    return {
        "tags": ["quotas"],
        "summary": _SUMMARIES[verb],
        "description": _DESCRIPTION,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"anyOf": [order, many]},
                    "example": _EXAMPLES[verb],
                }
            },
        },
        "responses": {
            "200": {
                "description": "Decided.",
                "content": {"application/json": {"schema": {"anyOf": answers}}},
            }
        },
    }
