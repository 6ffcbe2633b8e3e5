"""
Completes the OpenAPI document that the router derives from its routes.

The router knows paths, parameters and schemas. What it does not know is added here: that every
error is a problem document, which scope a route needs, the header under which commands are
remembered, examples, and the one path that is a bare ASGI handler. The result is a plain function
of the router's document.
"""

from __future__ import annotations

import copy
from typing import Any

import msgspec

from tallystick.api.examples import ANSWERS, EVENT, REQUESTS, TRIGGER
from tallystick.api.problems import PROBLEM_MEDIA_TYPE, ProblemDocument
from tallystick.api.routes.events import EventsAnswer
from tallystick.api.routes.quotas import decision_operations
from tallystick.api.schemas.quotas import ORDERS

Document = dict[str, Any]
REFERENCE = "#/components/schemas/{name}"
METHODS = ("get", "post", "delete", "put", "patch")
PUBLIC_PATHS = frozenset({"/healthz", "/readyz"})
COMMANDS = frozenset({"post", "put"})
QUESTIONS = frozenset(
    {
        "/v1/otlp/v1/metrics",
        "/v1/prometheus/write",
        "/v1/events",
        "/v1/triggers",
        "/v1/feeds/{feed}",
        "/v1/usage/query",
        "/v1/dead-letters/preview",
        *(f"/v1/quota/{verb}" for verb in ORDERS),
    }
)
PROBLEMS = {
    "400": "The request cannot be read.",
    "401": "There is no valid key.",
    "403": "The key may not do that.",
    "404": "There is no such thing, or it is another account's.",
    "422": "The request is understood and not valid; `errors` says where.",
    "429": "The key is over its rate; see `Retry-After`.",
    "503": "Something needed is not available just now; see `Retry-After`.",
}
LIMIT_HEADERS = {
    "RateLimit-Limit": "Calls at once that the key may make.",
    "RateLimit-Remaining": "Calls that are left.",
    "RateLimit-Reset": "Seconds until all are back.",
    "X-Request-Id": "Names this request in the logs and in the audit.",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "A command sent again under the same key has one effect and one answer.",
    "example": "close-2026-01",
}
EVENT_BODIES = {
    "application/cloudevents+json": {"schema": {"type": "object"}, "example": EVENT},
    "application/cloudevents-batch+json": {
        "schema": {"type": "array", "items": {"type": "object"}},
        "example": [EVENT],
    },
    "application/x-ndjson": {"schema": {"type": "string"}},
    "application/vnd.apache.arrow.stream": {"schema": {"type": "string", "format": "binary"}},
}


TRIGGER_BODIES = {
    "application/cloudevents+json": {"schema": {"type": "object"}, "example": TRIGGER},
    "application/cloudevents-batch+json": {
        "schema": {"type": "array", "items": {"type": "object"}, "maxItems": 20},
        "example": [TRIGGER],
    },
}


def described(derived: Document) -> Document:
    """Return the whole document for the one that the router derived."""
    document = copy.deepcopy(derived)
    document["paths"]["/v1/events"] = {"post": _events_operation()}
    document["paths"]["/v1/otlp/v1/metrics"] = {"post": _otlp_operation()}
    document["paths"]["/v1/prometheus/write"] = {"post": _remote_write_operation()}
    document["paths"]["/v1/triggers"]["post"]["requestBody"] = {
        "required": True,
        "content": copy.deepcopy(TRIGGER_BODIES),
    }
    document["paths"]["/v1/feeds/{feed}"]["post"]["requestBody"] = {
        "required": True,
        "content": {kind: {"schema": body["schema"]} for kind, body in TRIGGER_BODIES.items()},
    }
    decisions, orders = decision_operations(REFERENCE)
    document["paths"] |= {path: {"post": each} for path, each in decisions.items()}
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(orders)
    _, own = msgspec.json.schema_components((EventsAnswer, ProblemDocument), ref_template=REFERENCE)
    schemas.update(own)
    document["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "bearerFormat": "ts_<workspace>_<id>_<secret>"}
    }
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                _complete(path, method, item[method])
    document["paths"] = dict(sorted(document["paths"].items()))
    return document


def _complete(path: str, method: str, operation: Document) -> None:
    operation["operationId"] = _operation_id(path, method)
    responses = operation["responses"]
    for status in [status for status in responses if status >= "400"]:
        if path not in PUBLIC_PATHS:
            del responses[status]
    if path in PUBLIC_PATHS:
        operation["security"] = []
        return
    operation["security"] = [{"key": []}]
    for status, text in PROBLEMS.items():
        responses.setdefault(status, _problem_response(text))
    for status, response in responses.items():
        if status < "300":
            response.setdefault("headers", {}).update(_limit_headers())
            _add_example(response, ANSWERS.get((method, path)))
    _add_example(operation.get("requestBody", {}), REQUESTS.get((method, path)))
    if method in COMMANDS and path not in QUESTIONS:
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)


def _add_example(holder: Document, example: Any) -> None:  # noqa: ANN401 - any JSON value
    for content in holder.get("content", {}).values():
        if example is not None:
            content["example"] = example


def _operation_id(path: str, method: str) -> str:
    words = [word.strip("{}") for word in path.removeprefix("/v1").split("/") if word]
    return "_".join([method, *words]).replace("-", "_")


def _problem_response(text: str) -> Document:
    schema = {"$ref": REFERENCE.format(name="ProblemDocument")}
    return {"description": text, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}


def _limit_headers() -> Document:
    return {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in LIMIT_HEADERS.items()
    }


def _events_operation() -> Document:
    answer = {"schema": {"$ref": REFERENCE.format(name="EventsAnswer")}}
    return {
        "tags": ["events"],
        "summary": "Send events",
        "description": (
            "Takes CloudEvents 1.0: one (structured, or binary with `ce-` headers), a batch, "
            "one a line, or an Arrow stream. The body may be packed with gzip or zstd and has at "
            "most 32 MiB unpacked. An event that is accepted or a duplicate is durable and counts "
            "exactly once; needs the scope `ingest`."
        ),
        "parameters": [
            {
                "name": "detail",
                "in": "query",
                "required": False,
                "schema": {"type": "string", "enum": ["errors", "all"], "default": "errors"},
                "description": "Which results to list: those not accepted, or all.",
            },
            {
                "name": "backfill",
                "in": "query",
                "required": False,
                "schema": {"type": "string"},
                "description": "The open backfill that holds the events until it is closed.",
            },
        ],
        "requestBody": {"required": True, "content": EVENT_BODIES},
        "responses": {
            "202": {
                "description": "At least one event was accepted or was here already.",
                "content": {"application/json": answer},
            },
            "413": _problem_response("The body is too large."),
            "415": _problem_response("The content type or encoding is not known."),
            "422": {
                "description": "No event was taken; `results` says why for each.",
                "content": {
                    "application/json": answer,
                    PROBLEM_MEDIA_TYPE: {
                        "schema": {"$ref": REFERENCE.format(name="ProblemDocument")}
                    },
                },
            },
        },
    }


SOURCE_PARAMETER = {
    "name": "source",
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": "Key of a declared source, which says what the subject is made of.",
}
BYTES = {"schema": {"type": "string", "format": "binary"}}


def _otlp_operation() -> Document:
    return {
        "tags": ["sources"],
        "summary": "Receive metrics of OpenTelemetry",
        "description": (
            "OTLP/HTTP metrics in protobuf or JSON, packed with gzip or not. Each point is an "
            "event known by its series and time, so that a retry counts once; needs the scope "
            "`ingest`."
        ),
        "parameters": [SOURCE_PARAMETER],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-protobuf": BYTES,
                "application/json": {"schema": {"type": "object"}},
            },
        },
        "responses": {
            "200": {
                "description": "Taken; a partial success says which points were refused.",
                "content": {"application/x-protobuf": BYTES},
            }
        },
    }


def _remote_write_operation() -> Document:
    return {
        "tags": ["sources"],
        "summary": "Receive samples of Prometheus",
        "description": (
            "Remote write 1.0: protobuf in snappy. Each sample is an event known by its series and "
            "time, so that a retry counts once; needs the scope `ingest`."
        ),
        "parameters": [SOURCE_PARAMETER],
        "requestBody": {"required": True, "content": {"application/x-protobuf": BYTES}},
        "responses": {"204": {"description": "Taken."}},
    }
