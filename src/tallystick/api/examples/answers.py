"""The examples of answers in the OpenAPI document."""

from __future__ import annotations

from tallystick.api.examples.requests import (
    ACCOUNT,
    AGREED,
    ALERT_RULE,
    BACKFILL,
    CORRECTED,
    KEY,
    METER,
    PLAN,
    SUBSCRIPTION,
    TAX_CHECK,
    Json,
)

ANSWERS: dict[tuple[str, str], Json] = {
    ("get", "/v1/journal/trial-balance"): {
        "books": "main",
        "as_of": None,
        "position": 1,
        "rows": [
            {"account": "receivable:acme", "currency": "EUR", "debit": "10.00", "credit": "0.00"},
            {"account": "revenue:base", "currency": "EUR", "debit": "0.00", "credit": "10.00"},
        ],
        "totals": [{"account": "", "currency": "EUR", "debit": "10.00", "credit": "10.00"}],
    },
    ("post", "/v1/tax/checks"): TAX_CHECK,
    ("get", "/v1/tax/checks/{account}"): TAX_CHECK,
    ("get", "/v1/alert-rules/{key}"): ALERT_RULE,
    ("put", "/v1/alert-rules/{key}"): {
        "key": "night-watch",
        "action": "changed",
        "fields": [{"field": "thresholds[0].percent", "before": "80", "after": "70"}],
        "dry_run": False,
    },
    ("delete", "/v1/alert-rules/{key}"): {"rule": ALERT_RULE, "watching": 12, "dry_run": True},
    ("post", "/v1/backfills"): BACKFILL,
    ("post", "/v1/events/amend"): CORRECTED,
    ("post", "/v1/events/void"): CORRECTED,
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
    ("get", "/v1/usage"): {
        "meter": "requests",
        "unit": "request",
        "zone": "Europe/Berlin",
        "position": 1,
        "items": [
            {
                "window_start": "2026-01-01T00:00:00Z",
                "window_end": "2026-01-02T00:00:00Z",
                "group": {},
                "quantity": "1",
                "events": 1,
                "unmeterable": 0,
                "gap_seconds": "0",
                "gaps": 0,
            }
        ],
    },
    ("post", "/v1/usage/query"): {
        "zone": "Europe/Berlin",
        "position": 1,
        "present": "2026-02-01T12:00:00Z",
        "compared": {"start": "2026-01-03T23:00:00Z", "end": "2026-02-01T00:00:00Z"},
        "items": [
            {
                "meter": "requests",
                "unit": "request",
                "window_start": "2026-02-01T00:00:00Z",
                "window_end": "2026-02-01T23:00:00Z",
                "group": {"subject": "acme"},
                "others": False,
                "quantity": "1",
                "events": 1,
                "unmeterable": 0,
                "gap_seconds": "0",
                "gaps": 0,
                "running_total": "1",
                "earlier": {
                    "window_start": "2026-01-03T23:00:00Z",
                    "window_end": "2026-01-04T23:00:00Z",
                    "quantity": "2",
                    "change": "-1",
                    "change_percent": "-50",
                },
            }
        ],
        "next_cursor": "",
    },
    ("get", "/v1/plans"): {"items": [PLAN], "next_cursor": ""},
    ("get", "/v1/subscriptions"): {"items": [SUBSCRIPTION], "next_cursor": ""},
    ("get", "/v1/subscriptions/{key}/changes"): [
        {"id": "change_5f0c1d2e3a4b5c6d7e8f", "at": "2026-03-11T00:00:00Z", "change": AGREED}
    ],
    ("get", "/v1/subscriptions/{key}/entitlements"): [
        {
            "feature": {"key": "users", "kind": "level", "unit": "user"},
            "enabled": True,
            "value": None,
            "limit": "60",
            "burst": None,
            "overage": {"action": "block", "operation": "invites", "grace": {"days": 7}},
            "text": "60 user, then invites are blocked, after a grace of 7 days",
            "sources": [
                {"layer": "plan pro@3", "text": "50"},
                {"layer": "add-on seats@1 x 2", "text": "+ 10"},
            ],
        }
    ],
    ("post", "/v1/subscriptions/{key}/changes"): {
        "subscription": "acme-basic",
        "id": "change_5f0c1d2e3a4b5c6d7e8f",
        "at": "2026-03-11T00:00:00Z",
        "direction": "upgrade",
        "fees": [
            {
                "price": "base",
                "start": "2026-03-01T00:00:00Z",
                "end": "2026-03-11T00:00:00Z",
                "before": "10.00",
                "after": "3.23",
                "currency": "EUR",
            },
            {
                "price": "base",
                "start": "2026-03-11T00:00:00Z",
                "end": "2026-04-01T00:00:00Z",
                "before": "0.00",
                "after": "13.55",
                "currency": "EUR",
            },
        ],
        "features": [{"feature": "users", "before": "50 user", "after": "60 user"}],
        "documents": [],
        "dry_run": True,
    },
    ("post", "/v1/accounts/{key}/payer-changes"): {
        "account": "team",
        "at": "2026-03-10T00:00:00Z",
        "contracts": [{"subscription": "pro", "at": "2026-04-01T00:00:00Z", "after": "globe"}],
        "dry_run": True,
    },
    ("get", "/v1/keys"): {"items": [KEY], "next_cursor": ""},
    ("post", "/v1/keys"): {
        "key": KEY,
        "token": "ts_live_0123456789abcdef_…64 hex digits…",
    },
}
