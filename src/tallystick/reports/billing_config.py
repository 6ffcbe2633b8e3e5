"""
How a workspace bills: plan definitions, pricing rules and payment settings, without secrets.

Each plan and rule is the document that the catalog takes back.  Of legal entities only what billing
goes by is told: what is not named here, as a bank account or a contact, stays out.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec

from tallystick.payments import Method

SCHEMA = "billing-config.schema.json"
PLANS = "plans"
RULES = ("price_books", "price_series", "coupons", "tax_rules")
ENTITIES = "legal_entities"
_TOLD = ("key", "name", "country", "zone", "currency", "series_prefix", "tax_engine", "issuing",
         "exchange_rates", "conversion_prices")  # fmt: skip

Document = Mapping[str, object]


class PaymentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Who issues, by which rules, and by which methods payments are recorded."""

    methods: tuple[str, ...]
    legal_entities: tuple[Document, ...]


class BillingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The document; all versions of plans, current and historical."""

    plan_definitions: tuple[Document, ...]
    pricing_rules: Mapping[str, tuple[Document, ...]]
    payment_settings: PaymentSettings


def billing_config(lists: Mapping[str, Sequence[Document]]) -> BillingConfig:
    """
    Return the document of a catalog.

    Example:
        >>> main = {"key": "main", "currency": "EUR", "bank_account": {"iban": "DE02..."}}
        >>> told = billing_config({"legal_entities": [main], "plans": [{"key": "pro"}]})
        >>> told.payment_settings.legal_entities
        ({'key': 'main', 'currency': 'EUR'},)
    """
    entities = tuple(
        {name: one[name] for name in _TOLD if name in one} for one in lists.get(ENTITIES, ())
    )
    return BillingConfig(
        plan_definitions=tuple(lists.get(PLANS, ())),
        pricing_rules={name: tuple(lists.get(name, ())) for name in RULES},
        payment_settings=PaymentSettings(
            methods=tuple(method.value for method in Method), legal_entities=entities
        ),
    )


@cache
def billing_config_schema() -> Mapping[str, object]:
    """Return the JSON Schema (draft 2020-12) of the document."""
    text = files("tallystick.reports").joinpath(SCHEMA).read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema
