"""The examples of the OpenAPI document."""

from __future__ import annotations

from typing import Any

Json = Any

EVENT: Json = {
    "specversion": "1.0",
    "id": "7c1a",
    "source": "gateway/eu-1",
    "type": "http.request",
    "subject": "acme",
    "time": "2026-01-01T09:30:00Z",
    "data": {"bytes": 5120, "status": "200"},
}
METER: Json = {
    "key": "requests",
    "event_type": "http.request",
    "aggregation": "count",
    "unit": "request",
}
ACCOUNT: Json = {
    "key": "acme",
    "name": "Acme",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "invoiced": True,
}
KEY: Json = {
    "id": "0123456789abcdef",
    "label": "collector in rack 4",
    "scopes": ["ingest"],
    "account": None,
    "created_at": "2026-01-01T00:00:00Z",
    "expires_at": None,
    "revoked_at": None,
}

REQUESTS: dict[tuple[str, str], Json] = {
    ("post", "/v1/keys"): {"label": "collector in rack 4", "scopes": ["ingest"]},
}
ANSWERS: dict[tuple[str, str], Json] = {
    ("post", "/v1/events"): {
        "accepted": 1,
        "duplicate": 0,
        "conflict": 0,
        "rejected": 0,
        "last_position": 1,
        "results": [],
    },
    ("get", "/v1/meters"): {"items": [METER], "next_cursor": ""},
    ("get", "/v1/accounts"): {"items": [ACCOUNT], "next_cursor": ""},
    ("get", "/v1/keys"): {"items": [KEY], "next_cursor": ""},
    ("post", "/v1/keys"): {
        "key": KEY,
        "token": "ts_live_0123456789abcdef_…64 hex digits…",
    },
}
