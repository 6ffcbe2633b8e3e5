"""Small catalogs for tests: documents of a plan that is sold to an account, and what varies."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tallystick.catalog import Catalog, Documents, catalog_from_documents
from tallystick.kernel import Done

LISTS: Mapping[str, list[Any]] = {
    "units": ["build"],
    "legal_entities": [
        {"key": "main", "name": "Main Ltd", "country": "DE", "zone": "UTC", "currency": "EUR"}
    ],
    "meters": [
        {
            "key": "cpu",
            "event_type": "host.cpu",
            "aggregation": "counter",
            "value": "cpu",
            "unit": "second",
        },
        {"key": "builds", "event_type": "ci.build", "aggregation": "count", "unit": "build"},
    ],
    "price_books": [
        {
            "key": "list",
            "version": 1,
            "currency": "EUR",
            "prices": [
                {
                    "key": "builds",
                    "model": "package",
                    "meter": "builds",
                    "package_size": "100",
                    "package_price": "2.50",
                }
            ],
        }
    ],
    "plans": [
        {
            "key": "pro",
            "version": 1,
            "name": "Pro",
            "currency": "EUR",
            "interval": "month",
            "price_book": "list",
            "prices": [
                {"key": "base", "model": "flat", "amount": "10.00", "cadence": "advance"},
                {
                    "key": "cpu",
                    "model": "graduated",
                    "meter": "cpu",
                    "unit": "hour",
                    "allowance": "1",
                    "tiers": [{"up_to": "100", "unit_price": "0.05"}, {"unit_price": "0.04"}],
                },
            ],
        }
    ],
    "accounts": [
        {
            "key": "acme",
            "name": "Acme",
            "zone": "Europe/Berlin",
            "currency": "EUR",
            "invoiced": True,
            "postal_address": {"street": "Ringstr. 1", "city": "Berlin", "postal_code": "10115"},
            "email": "accounts@acme.example",
            "language": "de",
        },
        {
            "key": "acme-dev",
            "name": "Acme development",
            "parent": "acme",
            "zone": "Europe/Berlin",
            "currency": "EUR",
        },
    ],
    "resources": [
        {
            "key": "vm-1",
            "account": "acme",
            "kind": "vm",
            "attributes": {"region": "eu"},
            "transfers": [{"account": "acme-dev", "at": "2026-02-01T00:00:00Z"}],
            "ended_at": "2026-03-01T00:00:00Z",
        }
    ],
    "subscriptions": [
        {
            "key": "acme-pro",
            "account": "acme",
            "plan": "pro",
            "version": 1,
            "legal_entity": "main",
            "start": "2026-01-15",
        }
    ],
}


def lists() -> dict[str, list[Any]]:
    """Return the lists, to be changed at will."""
    return deepcopy(dict(LISTS))


def documents(changed: Mapping[str, list[Any]] | None = None) -> Documents:
    """Return the lists as documents."""
    return Documents(lists=lists() if changed is None else changed)


def catalog(changed: Mapping[str, list[Any]] | None = None) -> Catalog:
    """Return the catalog that the documents declare."""
    outcome = catalog_from_documents(documents(changed))
    assert isinstance(outcome, Done), outcome
    return outcome.value
