"""A workspace whose account `acme` may use something of each kind, and what stands against it."""

from decimal import Decimal
from typing import Any

from tallystick.client import Client, Endpoint
from tests.serving import Tenant

GRANTS = (
    {"feature": "calls", "limit": "1000"},
    {"feature": "tokens", "limit": "1000"},
    {"feature": "vital", "limit": "10"},
    {"feature": "users", "limit": "3"},
    {"feature": "hours", "limit": "2.5"},
    {"feature": "sso"},
    {"feature": "support", "value": "silver"},
    {"feature": "exports"},
)
_MONTH = {"every": "month"}
CATALOG: dict[str, Any] = {
    "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR"}],
    "meters": [
        {"key": "calls", "event_type": "api.call", "aggregation": "count", "unit": "call"},
        {
            "key": "tokens",
            "event_type": "llm.tokens",
            "aggregation": "sum",
            "value": "used.tokens",
            "unit": "token",
        },
        {
            "key": "vitals",
            "event_type": "vital.use",
            "aggregation": "sum",
            "value": "used",
            "unit": "call",
        },
    ],
    "features": [
        {"key": "calls", "kind": "metered", "meter": "calls", "window": _MONTH},
        {"key": "tokens", "kind": "metered", "meter": "tokens", "window": _MONTH},
        {
            "key": "vital",
            "kind": "metered",
            "meter": "vitals",
            "window": {"rolling_seconds": 86_400},
            "if_unreachable": "fail_open",
        },
        {"key": "users", "kind": "level", "unit": "user"},
        {"key": "hours", "kind": "level", "unit": "hour"},
        {"key": "exports", "kind": "level", "unit": "export"},
        {"key": "sso", "kind": "switch"},
        {"key": "support", "kind": "value"},
    ],
    "plans": [
        {
            "key": "pro",
            "version": 1,
            "name": "Pro",
            "currency": "EUR",
            "interval": "month",
            "prices": [{"key": "base", "model": "flat", "amount": "10.00", "cadence": "advance"}],
            "entitlements": list(GRANTS),
        }
    ],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
    ],
    "subscriptions": [
        {
            "key": "acme-pro",
            "account": "acme",
            "plan": "pro",
            "version": 1,
            "legal_entity": "main",
            "start": "2026-01-01",
        }
    ],
}


def entitle(tenant: Tenant) -> Endpoint:
    """Grant `acme` its plan, and return the way to the server with a key of its workspace."""
    tenant.apply(CATALOG)
    return Endpoint(url=tenant.url, key=tenant.token)


def standing(endpoint: Endpoint, feature: str) -> tuple[Decimal | int, Decimal | int]:
    """Return what is used and held of a feature of `acme`."""
    with Client(endpoint) as client:
        decision = client.quotas.check("acme", feature, quantity=0)
    return decision.used or Decimal(0), decision.held or Decimal(0)


def counted(tenant: Tenant, meter: str) -> tuple[Decimal | int, int]:
    """Return the quantity and the events of a meter, as the log has them."""
    asked = {"meters": [meter], "start": "2020-01-01T00:00:00Z", "end": "2100-01-01T00:00:00Z"}
    answer = tenant.ask("POST", "/v1/usage/query", json=asked)
    assert answer.status_code == 200, answer.text
    rows = answer.json()["items"]
    return (
        sum((Decimal(row["quantity"]) for row in rows), Decimal(0)),
        sum(row["events"] for row in rows),
    )
