"""Loads the contract facts behind a subscription's documents."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from tallystick.accounts import Account, compact_tax_number, spans_of
from tallystick.app.invoicing.beside import with_series, with_tree
from tallystick.app.invoicing.crediting.known_credit import known_credit
from tallystick.app.invoicing.paying import Paying, load_paying
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import (
    Catalog,
    CouponGrant,
    GivenCoupon,
    LegalEntity,
    PlanVersion,
    Subscription,
)
from tallystick.invoicing import Basis, payer_at
from tallystick.kernel import (
    KNOWN_UNITS,
    AccountKey,
    Done,
    Outcome,
    Refused,
    SubscriptionKey,
    once_for_each,
    refuse,
)
from tallystick.metering import Meter, with_named_meters
from tallystick.subscriptions import named_plans
from tallystick.tax import TaxFacts, tax_facts


def load_subscription_basis(
    uow: UnitOfWork,
    definitions: Catalog,
    key: SubscriptionKey,
    *,
    payer: AccountKey | None = None,
) -> Outcome[Basis]:
    """
    Return the basis of a subscription, within a unit of work that is open; as `load_basis`.

    Problems:
        unknown_subscription: there is none of this key.
        Those of `load_basis`.
    """
    subscription = uow.subscriptions.load_subscription(key)
    if subscription is None:
        return refuse("unknown_subscription", f"there is no subscription {key}", "subscription")
    return load_basis(uow, definitions, subscription, payer=payer)


def load_running_basis(
    uow: UnitOfWork, definitions: Catalog, subscription: Subscription, *, at: datetime
) -> Outcome[Basis]:
    """Return the basis as of whoever pays for the billing period that an instant lies in."""
    subscriber = uow.accounts.load_account(subscription.account)
    paying = None if subscriber is None else load_paying(uow, subscriber)
    if paying is None or not paying.payers:
        return load_basis(uow, definitions, subscription)
    first = load_basis(uow, definitions, subscription, payer=paying.payer.key)
    if isinstance(first, Refused):
        return first
    payer = payer_at(first.value, at)
    if payer == first.value.payer:
        return first
    return load_basis(uow, definitions, subscription, payer=payer)


def load_basis(
    uow: UnitOfWork,
    definitions: Catalog,
    subscription: Subscription,
    *,
    payer: AccountKey | None = None,
    granted: AbstractSet[AccountKey] | None = None,
) -> Outcome[Basis]:
    """
    Return the basis of a subscription's documents, within a unit of work that is open.

    Args:
        uow: to load accounts and ownerships from.
        definitions: the catalog's definitions, loaded once for many subscriptions.
        subscription: the contract.
        payer: whose documents; where the payer changes, the basis is of what he pays alone. None:
            of the whole contract, whoever pays, to look at and not to bill.
        granted: as for `known_credit`.

    Problems:
        no_payer: no account at or above the subscriber is invoiced.
        unknown_plan: the catalog does not hold a plan version that the contract names.
        mixed_tax_prices: the contract changes between prices with tax and prices without.
        too_many_contracts: see `with_tree`.
        unknown_price_series: see `with_series`.
    """
    subscription = _with_orders(uow, subscription)
    plans = []
    for key, version in named_plans(subscription):
        plan = definitions.plan_versions.get((key, version))
        if plan is None:
            return refuse("unknown_plan", f"there is no version {version} of plan {key}", "plan")
        plans.append(plan)
    if len({plan.prices_include_tax for plan in plans}) > 1:
        message = "the contract names plans whose prices include tax, and others that do not"
        return refuse("mixed_tax_prices", message, "plan")
    subscriber = uow.accounts.load_account(subscription.account)
    paying = None if subscriber is None else load_paying(uow, subscriber, payer=payer)
    if subscriber is None or paying is None:
        message = f"no account at or above {subscription.account} is invoiced"
        return refuse("no_payer", message, "account")
    ownerships, who = uow.accounts.load_ownerships(subscriber.key), paying.payer
    meters = _meters(definitions, plans)
    issuer = definitions.legal_entities.get(subscription.legal_entity)
    basis = Basis(
        workspace=uow.workspace,
        legal_entity=subscription.legal_entity,
        payer=who.key,
        zone=paying.zone,
        zone_changes=paying.zone_changes,
        payers=() if payer is None else paying.payers,
        subscription=subscription,
        plan=plans[0],
        later_plans=tuple(plans[1:]),
        meters=meters,
        spans=spans_of(subscriber.key, {subscriber.key: subscriber}, ownerships),
        units=_declared_units(definitions, plans, meters),
        issuer=issuer,
        buyer=who,
        tax=None
        if issuer is None
        else tax_facts_of(uow, definitions, issuer, who, inclusive=plans[0].prices_include_tax),
        coupons=_coupons(definitions, subscription, paying),
    )
    entity = basis.legal_entity
    credit = known_credit(uow, paying.holders, basis.currency, entity=entity, granted=granted)
    basis = basis if credit is None else replace(basis, credits=credit)
    following = with_series(uow, definitions, basis)
    if isinstance(following, Refused):
        return following
    return with_tree(uow, definitions, following.value)


def _with_orders(uow: UnitOfWork, subscription: Subscription) -> Subscription:
    """Return a contract with its manual lines as they stand: one may be taken back meanwhile."""
    if not subscription.manual:
        return subscription
    current = uow.subscriptions.load_subscription(subscription.key)
    return subscription if current is None else replace(subscription, manual=current.manual)


def legal_entity_of(definitions: Catalog, key: str) -> Outcome[LegalEntity]:
    """
    Return a legal entity.

    Problems:
        unknown_legal_entity: the catalog does not hold it.
    """
    entity = definitions.legal_entities.get(key)
    if entity is None:
        return refuse("unknown_legal_entity", f"there is no legal entity {key}", "legal_entity")
    return Done(entity)


def tax_facts_of(
    uow: UnitOfWork, definitions: Catalog, entity: LegalEntity, payer: Account, *, inclusive: bool
) -> TaxFacts | None:
    """Return what taxes follow from; None where the legal entity collects none."""
    if not entity.tax_registrations:
        return None
    number = compact_tax_number(payer.tax.tax_id)
    answer = uow.tax_answers.latest(entity.key, payer.key) if entity.tax_engine else None
    declared = () if entity.tax_engine else tuple(definitions.tax_rules.values())
    facts = tax_facts(
        entity,
        payer,
        declared if answer is None else answer.rules,
        check=uow.tax_ids.answered(number) if number else None,
        inclusive=inclusive,
    )
    if facts is None or answer is None:
        return facts
    return replace(
        facts,
        engine=answer.engine,
        reference=answer.reference,
        answered_at=answer.answered_at,
    )


def _coupons(
    definitions: Catalog, subscription: Subscription, paying: Paying
) -> tuple[GivenCoupon, ...]:
    """Return the coupons given to a contract, to its account, or to an account that pays."""
    grants = _grants(definitions)
    payers = {one.payer for one in paying.payers if one.payer is not None}
    accounts = {subscription.account, paying.payer.key, *payers}
    holders = {str(subscription.key), *map(str, accounts)}
    given = [
        GivenCoupon(
            grant=grant.key,
            coupon=definitions.coupons[grant.coupon],
            at=grant.at,
            until=grant.until,
            payer=grant.account
            if payers and grant.account not in {None, subscription.account}
            else None,
        )
        for holder in holders
        for grant in grants.get(holder, ())
        if grant.subscription == subscription.key or grant.account in accounts
    ]
    return tuple(sorted(given, key=lambda one: (one.at, one.grant)))


@once_for_each
def _grants(definitions: Catalog) -> Mapping[str, Sequence[CouponGrant]]:
    """Return all grants of coupons by the key of the contract or account that they are given to."""
    found: dict[str, list[CouponGrant]] = {}
    for grant in definitions.coupon_grants.values():
        found.setdefault(str(grant.subscription or grant.account), []).append(grant)
    return found


def _meters(definitions: Catalog, plans: Sequence[PlanVersion]) -> tuple[Meter, ...]:
    """Return the meters of the plans' prices, and those that they are made of."""
    keys = {price.meter for plan in plans for price in plan.prices if price.meter is not None}
    found = [definitions.meters[key] for key in sorted(keys) if key in definitions.meters]
    return with_named_meters(found)


def _declared_units(
    definitions: Catalog, plans: Sequence[PlanVersion], meters: tuple[Meter, ...]
) -> frozenset[str]:
    """Return the declared units in use; others may come and go without touching the basis."""
    texts = [meter.unit for meter in meters] + [
        price.unit or "" for plan in plans for price in plan.prices
    ]
    used = {name for text in texts for name in text.split(".")}
    return (definitions.units & used) - KNOWN_UNITS
