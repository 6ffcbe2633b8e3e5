"""
Writing a catalog as documents: what `catalog_from_documents` reads back as the same catalog.

A document says everything that is not a default, so that a file written from a catalog is short.
"""

from collections.abc import Mapping

from tallystick.accounts import Account, Resource
from tallystick.catalog.alerts import alert_rule_document
from tallystick.catalog.amounts import consolidated_document, least_invoice_document
from tallystick.catalog.catalog import Catalog
from tallystick.catalog.contacts import (
    bank_account_document,
    branding_document,
    contact_fields,
)
from tallystick.catalog.contract.rate_rules import rate_rule_document
from tallystick.catalog.coupons import coupon_document, grant_document
from tallystick.catalog.documents import Documents
from tallystick.catalog.features import (
    entitlement_document,
    feature_document,
    product_document,
)
from tallystick.catalog.fields import interval_document
from tallystick.catalog.legal_entity import (
    OWN_RATES,
    PAYMENT_DAYS,
    PUBLISHED_RATES,
    DocumentDate,
    LegalEntity,
    UnconfirmedTaxId,
)
from tallystick.catalog.payers.reading import payer_changes_document
from tallystick.catalog.plan import PlanVersion, PriceBook
from tallystick.catalog.read_definitions import ALWAYS
from tallystick.catalog.series import price_series_document
from tallystick.catalog.subscription import (
    AddOn,
    AmountByHand,
    Block,
    ContractChange,
    Quantities,
    Subscription,
    Term,
)
from tallystick.catalog.write_tax import (
    registration_document,
    tax_rule_document,
    taxpayer_document,
)
from tallystick.kernel import instant_text, plain
from tallystick.metering import document_from_meter
from tallystick.personal import DeclaredPaths
from tallystick.pricing import Price, document_from_price


def catalog_documents(catalog: Catalog) -> Documents:
    """
    Write each list in the order of its keys; applying the result to the catalog changes nothing.

    >>> catalog_documents(Catalog(units=frozenset({"scan", "build"}))).lists["units"]
    ['build', 'scan']
    """
    lists: dict[str, list[object]] = {
        "units": [*sorted(catalog.units)],
        "tax_rules": [tax_rule_document(rule) for _, rule in sorted(catalog.tax_rules.items())],
        "legal_entities": [
            legal_entity_document(entity) for _, entity in sorted(catalog.legal_entities.items())
        ],
        "meters": [dict(document_from_meter(meter)) for _, meter in sorted(catalog.meters.items())],
        "personal_data": [
            personal_document(each) for _, each in sorted(catalog.personal_data.items())
        ],
        "products": [product_document(each) for _, each in sorted(catalog.products.items())],
        "features": [feature_document(each) for _, each in sorted(catalog.features.items())],
        "price_series": [
            price_series_document(each) for _, each in sorted(catalog.price_series.items())
        ],
        "price_books": [
            price_book_document(book) for _, book in sorted(catalog.price_books.items())
        ],
        "plans": [plan_document(plan) for _, plan in sorted(catalog.plan_versions.items())],
        "coupons": [coupon_document(each) for _, each in sorted(catalog.coupons.items())],
        "coupon_grants": [
            grant_document(each) for _, each in sorted(catalog.coupon_grants.items())
        ],
        "alert_rules": [
            alert_rule_document(each) for _, each in sorted(catalog.alert_rules.items())
        ],
        "accounts": [account_document(account) for _, account in sorted(catalog.accounts.items())],
        "resources": [resource_document(each) for _, each in sorted(catalog.resources.items())],
        "subscriptions": [
            subscription_document(each) for _, each in sorted(catalog.subscriptions.items())
        ],
    }
    return Documents(lists={name: items for name, items in lists.items() if items})


def legal_entity_document(entity: LegalEntity) -> dict[str, object]:
    """Write a legal entity."""
    return _given(
        {
            "key": entity.key,
            "name": entity.name,
            "address": entity.address,
            "country": entity.country,
            "tax_id": entity.tax_id,
            "registration": entity.registration,
            **contact_fields(entity.contact),
            "bank_account": bank_account_document(entity.bank_account),
            "branding": branding_document(entity.branding),
            "zone": entity.zone,
            "currency": entity.currency,
            "series_prefix": entity.series_prefix,
            "tax_registrations": [registration_document(one) for one in entity.tax_registrations],
            "unconfirmed_tax_ids": None
            if entity.unconfirmed_tax_ids is UnconfirmedTaxId.CHARGE
            else entity.unconfirmed_tax_ids.value,
            "tax_engine": entity.tax_engine or None,
            "grace_days": entity.issuing.grace_days or None,
            "document_date": None
            if entity.issuing.dated is DocumentDate.ISSUE
            else entity.issuing.dated.value,
            "hold_invoices": entity.issuing.hold or None,
            "payment_days": None
            if entity.issuing.payment_days == PAYMENT_DAYS
            else entity.issuing.payment_days,
            "document_forms": [form.value for form in entity.issuing.forms],
            "least_invoice": least_invoice_document(entity.issuing.least_invoice),
            "exchange_rates": rate_rule_document(entity.exchange_rates, PUBLISHED_RATES),
            "conversion_prices": rate_rule_document(entity.conversion_prices, OWN_RATES),
        }
    )


def personal_document(declared: DeclaredPaths) -> dict[str, object]:
    """Write which paths of a type are personal; no paths at all are written too."""
    return {"event_type": declared.event_type, "paths": [*declared.paths]}


def price_book_document(book: PriceBook) -> dict[str, object]:
    """Write a version of a price book."""
    return _given(
        {
            "key": book.key,
            "version": book.version,
            "currency": book.currency,
            "effective_at": None
            if book.effective_at == ALWAYS
            else instant_text(book.effective_at),
            "prices": [_price_document(price, book.currency) for price in book.prices],
        }
    )


def plan_document(plan: PlanVersion) -> dict[str, object]:
    """Write a plan version; prices of its price book are named by the book, not repeated."""
    book = plan.price_book
    shared = frozenset(book.prices) if book else frozenset()
    own = [price for price in plan.prices if price.key not in shared]
    return _given(
        {
            "key": plan.plan,
            "version": plan.version,
            "name": plan.name,
            "currency": plan.currency,
            "interval": interval_document(plan.interval),
            "alignment": plan.alignment.value,
            "proration": plan.proration.value,
            "prices_include_tax": plan.prices_include_tax or None,
            "add_on": plan.add_on or None,
            "adds_to": [*plan.adds_to],
            "at_period_end": plan.at_period_end or None,
            "price_book": book.key if book else None,
            "price_book_version": book.version if book else None,
            "prices": [_price_document(price, plan.currency) for price in own],
            "thresholds": [
                {"amount": plain(each.amount)} | ({"recurring": True} if each.recurring else {})
                for each in plan.thresholds
            ],
            "product": plan.product,
            "entitlements": [entitlement_document(each) for each in plan.entitlements],
            "payment_days": plan.payment_days,
            "policy_form": [f"{path}={text}" for path, text in plan.policy_form],
        }
    )


def account_document(account: Account) -> dict[str, object]:
    """Write an account."""
    changes = [
        {"zone": change.zone, "at": instant_text(change.at)} for change in account.zone_changes
    ]
    return _given(
        {
            "key": account.key,
            "name": account.name,
            "parent": account.parent,
            "zone": account.zone,
            "zone_changes": changes,
            "currency": account.currency,
            "invoiced": account.invoiced,
            "country": account.country,
            **contact_fields(account.contact),
            "tax": taxpayer_document(account.tax),
            "payment_days": account.payment_days,
            "consolidated": consolidated_document(account.consolidated),
            "least_invoice": least_invoice_document(account.least_invoice),
            "payer_changes": payer_changes_document(account.payer_changes),
        }
    )


def resource_document(resource: Resource) -> dict[str, object]:
    """Write a resource."""
    start, end = resource.started_at, resource.ended_at
    return _given(
        {
            "key": resource.key,
            "account": resource.account,
            "kind": resource.kind,
            "started_at": instant_text(start) if start else None,
            "ended_at": instant_text(end) if end else None,
            "attributes": dict(resource.attributes),
            "transfers": [
                {"account": transfer.account, "at": instant_text(transfer.at)}
                for transfer in resource.transfers
            ],
        }
    )


def subscription_document(subscription: Subscription) -> dict[str, object]:
    """Write a subscription; its dates have become instants."""
    return _given(
        {
            "key": subscription.key,
            "account": subscription.account,
            "plan": subscription.plan,
            "version": subscription.version,
            "legal_entity": subscription.legal_entity,
            "start": instant_text(subscription.start),
            "end": instant_text(subscription.end) if subscription.end else None,
            "anchor": subscription.anchor.isoformat(),
            "currency": subscription.currency,
            "trial_end": instant_text(subscription.trial_end) if subscription.trial_end else None,
            "usable_from": instant_text(subscription.usable_from)
            if subscription.usable_from
            else None,
            "term": term_document(subscription.term),
            "quantities": _quantities_document(subscription.quantities),
            "add_ons": [add_on_document(one) for one in subscription.add_ons],
            "prices": [document_from_price(price) for price in subscription.prices],
            "entitlements": [entitlement_document(each) for each in subscription.entitlements],
            "changes": [contract_change_document(change) for change in subscription.changes],
        }
    )


def contract_change_document(change: ContractChange) -> dict[str, object]:
    """Write one change of a subscription."""
    return _given(
        {
            "at": instant_text(change.at),
            "plan": change.plan,
            "version": change.version,
            "anchor": change.anchor.isoformat() if change.anchor else None,
            "quantities": _quantities_document(change.quantities),
            "paused": change.paused,
            "restart_tiers": change.restart_tiers or None,
            "add_ons": [add_on_document(one) for one in change.add_ons],
            "prices": [document_from_price(price) for price in change.prices],
            "plan_prices": [*change.plan_prices],
            "amounts": [_amount_document(one) for one in change.amounts],
            "fees": [document_from_price(price) for price in change.fees],
            "blocks": [_block_document(block) for block in change.blocks],
            "entitlements": [entitlement_document(each) for each in change.entitlements],
            "plan_entitlements": [*change.plan_entitlements],
        }
    )


def _block_document(block: Block) -> dict[str, object]:
    level = None if block.level == "contract" else block.level
    return _given(
        {
            "level": level,
            "billing": block.billing,
            "change": block.change,
            "entitlement": block.entitlement,
        }
    )


def term_document(term: Term | None) -> dict[str, object]:
    """Write for how long a contract is agreed on; nothing where nobody said so."""
    if term is None:
        return {}
    said = {"renews": term.renews or None, "notice_days": term.notice_days or None}
    return _given({"periods": term.periods, **said})


def _amount_document(fact: AmountByHand) -> dict[str, object]:
    numbers = {
        name: plain(value)
        for name in ("quantity", "unit_price", "amount")
        if (value := getattr(fact, name)) is not None
    }
    group = {"group": [*fact.group]} if fact.group else {}
    return {"price": fact.price, **group, **numbers, "reason": fact.reason, "by": fact.by}


def add_on_document(taken: AddOn) -> dict[str, object]:
    """Write an add-on as a contract takes it."""
    return _given(
        {
            "plan": taken.plan,
            "version": taken.version,
            "quantity": None if taken.quantity == 1 else plain(taken.quantity),
            "until": instant_text(taken.until) if taken.until else None,
            "trial_end": instant_text(taken.trial_end) if taken.trial_end else None,
        }
    )


def _quantities_document(quantities: Quantities) -> dict[str, object]:
    return {key: plain(quantity) for key, quantity in quantities}


def _given(document: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is empty: reading gives it back as the default."""
    return {name: value for name, value in document.items() if value not in (None, "", [], {})}


def _price_document(price: Price, code: str) -> dict[str, object]:
    document = document_from_price(price)
    return {name: value for name, value in document.items() if (name, value) != ("currency", code)}
