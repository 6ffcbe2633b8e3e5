"""The examples of the OpenAPI document: what is spoken of, and requests."""

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
TRIGGER: Json = {
    "specversion": "1.0",
    "id": "cycle-2026-01",
    "source": "scheduler",
    "type": "billing_cycle_started",
    "data": {"tenantId": "acme"},
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
    "country": "DE",
    "tax": {"business": True, "tax_id": "DE136695976"},
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

PLAN: Json = {
    "key": "basic",
    "version": 1,
    "name": "Basic",
    "currency": "EUR",
    "interval": "month",
    "alignment": "calendar",
    "prices": [
        {
            "key": "requests",
            "model": "package",
            "meter": "requests",
            "unit": "request",
            "package_size": "1000",
            "package_price": "0.50",
        }
    ],
}
SUBSCRIPTION: Json = {
    "key": "acme-basic",
    "account": "acme",
    "plan": "basic",
    "version": 1,
    "legal_entity": "main",
    "start": "2026-01-01",
}
AGREED: Json = {"at": "2026-03-11T00:00:00.000000Z", "plan": "team", "version": 1}
LEGAL_ENTITY: Json = {
    "key": "main",
    "name": "Example Ltd",
    "country": "DE",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "series_prefix": "INV",
}
CATALOG: Json = {
    "legal_entities": [LEGAL_ENTITY],
    "meters": [METER],
    "price_series": [{"key": "spot-eu", "currency": "EUR", "unit": "vm.hour"}],
    "plans": [PLAN],
    "accounts": [ACCOUNT],
    "subscriptions": [SUBSCRIPTION],
}

SOURCE: Json = {
    "kind": "folder",
    "key": "exports",
    "path": "/srv/usage",
    "pattern": "*.ndjson",
}
CORRECTED: Json = {
    "applied": 1,
    "unchanged": 0,
    "refused": 0,
    "last_position": 2,
    "results": [
        {
            "index": 0,
            "status": "applied",
            "source": "gateway/eu-1",
            "id": "7c1a",
            "correction_id": "cor_0123456789abcdef0123",
            "position": 2,
        }
    ],
}

FIXES: Json = [
    {"do": "rename", "path": "data.byts", "to": "data.bytes"},
    {"do": "default", "path": "data.region", "value": "eu"},
    {"do": "map", "path": "type", "values": {"http.req": "http.request"}},
    {"do": "time"},
]
BACKFILL: Json = {
    "name": "june-gateway",
    "number": 12,
    "state": "open",
    "events": 0,
    "reason": "the gateway kept no log in June",
    "opened_at": "2026-07-02T09:00:00Z",
    "changed_at": "2026-07-02T09:00:00Z",
}

TAX_CHECK: Json = {
    "account": "acme",
    "tax_id": "DE136695976",
    "state": "valid",
    "checked_at": "2026-01-01T00:00:00Z",
    "source": "vies",
    "reference": "WAPIAAAAY1234567",
    "message": "",
}
ALERT_RULE: Json = {
    "key": "night-watch",
    "watched": "usage",
    "feature": "api-calls",
    "plan": "pro",
    "thresholds": [{"percent": "70"}, {"percent": "100", "severity": "critical"}],
    "quiet_hours": {"start": "22:00", "end": "07:00", "zone": "Europe/Berlin"},
    "recipients": ["desk@example.com"],
    "language": "de",
    "escalation": [{"after_minutes": 30, "recipients": ["lead@example.com"]}],
}
REQUESTS: dict[tuple[str, str], Json] = {
    ("post", "/v1/catalog/apply"): {"documents": CATALOG},
    ("put", "/v1/alert-rules/{key}"): {
        name: ALERT_RULE[name] for name in ALERT_RULE if name not in {"key", "feature", "plan"}
    },
    ("post", "/v1/backfills"): {
        "name": "june-gateway",
        "reason": "the gateway kept no log in June",
    },
    ("post", "/v1/events/amend"): {
        "events": [{"event": EVENT | {"data": {"bytes": 512, "status": "200"}}}],
        "reason": "counted in bits",
    },
    ("post", "/v1/events/void"): {
        "events": [{"source": "gateway/eu-1", "id": "7c1a"}],
        "reason": "a test of ours",
    },
    ("post", "/v1/invoices/preview"): {"account": "acme"},
    ("post", "/v1/invoices/one-off"): {
        "account": "acme",
        "legal_entity": "main",
        "lines": [
            {
                "code": "setup",
                "description": "Setup of two machines",
                "unit_price": "75.00",
                "quantity": "2",
                "unit": "hour",
            }
        ],
        "dry_run": True,
    },
    ("post", "/v1/invoices/{invoice}/write-off"): {"reason": "the payer is insolvent"},
    ("post", "/v1/credits/grants"): {
        "account": "acme",
        "amount": "20.00",
        "currency": "EUR",
        "name": "Welcome",
        "expires_at": "2099-01-01T00:00:00Z",
    },
    ("post", "/v1/credits/top-up-rules/{account}"): {
        "threshold": "50.00",
        "amount": "100.00",
        "currency": "EUR",
        "treatment": "prepaid_taxed",
    },
    ("post", "/v1/credits/grants/{grant}/void"): {"reason": "given by mistake"},
    ("post", "/v1/accounts/{account}/entitlement-grants"): {
        "feature": "users",
        "limit": "10",
        "adds": True,
        "end": "2099-01-01T00:00:00Z",
        "reason": "goodwill after the outage",
    },
    ("post", "/v1/entitlement-grants/{grant}/withdraw"): {"reason": "the trial is over"},
    ("post", "/v1/accounts/{account}/restrictions"): {"feature": "users", "reason": "past due"},
    ("post", "/v1/restrictions/{restriction}/lift"): {"reason": "paid"},
    ("post", "/v1/disputes/{dispute}/evidence"): {"text": "log of the outage on March 3"},
    ("post", "/v1/disputes/{dispute}/resolve"): {"outcome": "an hour is given back", "amount": "5"},
    ("post", "/v1/disputes/{dispute}/reopen"): {"text": "the payer found another hour"},
    ("post", "/v1/payments"): {
        "account": "acme",
        "amount": "119.00",
        "currency": "EUR",
        "method": "bank_transfer",
        "reference": "RF18 5390 0754 7034",
    },
    ("post", "/v1/payments/{payment}/refund"): {"amount": "20.00", "reason": "paid twice"},
    ("post", "/v1/payments/{payment}/allocate"): {
        "documents": [{"document": "inv_5f0c1d2e3a4b5c6d7e8f", "amount": "20.00"}]
    },
    ("post", "/v1/payments/{payment}/forfeit"): {"reason": "by our terms, after a year"},
    ("post", "/v1/drafts/approve"): {"drafts": []},
    ("post", "/v1/drafts/{invoice}/reject"): {"reason": "the meter was wrong"},
    ("post", "/v1/invoices/{invoice}/void"): {
        "disposition": "rebill",
        "reason": "wrong address",
        "regenerate": True,
        "dry_run": True,
    },
    ("post", "/v1/invoices/{invoice}/credit"): {
        "kind": "goodwill",
        "reason": "outage on March 3",
        "amount": "5.00",
        "dry_run": True,
    },
    ("post", "/v1/invoices/run"): {"through": "2026-02-01T00:00:00Z", "account": "acme"},
    ("post", "/v1/dead-letters/preview"): {"filter": {"code": "time_invalid"}, "fixes": FIXES},
    ("post", "/v1/dead-letters/replay"): {"filter": {"code": "time_invalid"}, "fixes": FIXES},
    ("post", "/v1/dead-letters/discard"): {
        "filter": {"source": "load-test"},
        "reason": "sent by a load test",
    },
    ("post", "/v1/keys"): {"label": "collector in rack 4", "scopes": ["ingest"]},
    ("post", "/v1/reconciliations"): {
        "since": "2026-01-01",
        "until": "2026-02-01",
        "repair": False,
    },
    ("post", "/v1/usage/query"): {
        "meters": ["requests"],
        "start": "2026-02-01T00:00:00Z",
        "end": "2026-03-01T00:00:00Z",
        "window": "day",
        "zone": "Europe/Berlin",
        "group_by": ["subject"],
        "top": {"count": 5},
        "compare": {"to": "previous"},
        "running_total": True,
    },
    ("post", "/v1/sources"): SOURCE,
    ("post", "/v1/rates"): {
        "source": "own",
        "rates": [{"base": "CREDIT", "quote": "EUR", "day": "2026-01-01", "rate": "0.01"}],
    },
    ("post", "/v1/price-series/{series}/prices"): {
        "prices": [
            {"at": "2026-01-05T10:00:00Z", "unit_price": "0.031"},
            {"at": "2026-01-05T11:00:00Z", "unit_price": "0.045"},
        ]
    },
    ("post", "/v1/clock/advance"): {"by": "1M"},
    ("post", "/v1/workspaces"): {
        "id": "trial",
        "name": "A trial year",
        "clock_at": "2024-01-01T00:00:00Z",
    },
    ("post", "/v1/workspaces/copy"): {"source": "trial", "dry_run": True},
    ("post", "/v1/journal/locks"): {"through": "2026-01", "reason": "January is closed"},
    ("post", "/v1/journal/recognitions"): {},
    ("post", "/v1/journal/exports"): {"name": "accounting"},
    ("post", "/v1/retention/rules"): {"event_type": "http.request", "days": 400},
    ("post", "/v1/tax/checks"): {
        "account": "acme",
        "state": "valid",
        "reference": "letter of 2026-01-01",
    },
    ("post", "/v1/retention/holds"): {"reason": "case 2026/17", "account": "acme"},
    ("post", "/v1/personal-data/preview"): {"value": "jane@example.com"},
    ("post", "/v1/personal-data/erasures"): {
        "whose": {"account": "acme"},
        "reason": "request 2026/31",
    },
}
