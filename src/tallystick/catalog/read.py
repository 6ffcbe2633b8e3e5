"""
Reading a whole catalog: documents in, one `Catalog` out, or every problem of all of them.

Lists are read in the order in which they refer to each other: units, tax rules, legal entities,
meters, personal data, price series, price books, products, features, plans, coupons, grants of
them, alert rules, accounts, resources, subscriptions.  What is stored already may be referred to
without being repeated.  An object that is named but was declared with a mistake is not reported as
unknown, so that each mistake is said once.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from tallystick.accounts import Account, Resource
from tallystick.catalog.alerts import AlertRule, read_alert_rule
from tallystick.catalog.catalog import Catalog
from tallystick.catalog.coupons import Coupon, CouponGrant, read_coupon, read_grant
from tallystick.catalog.documents import (
    LISTS,
    Documents,
    identity,
    item_paths,
    naming,
    placed_in_order,
)
from tallystick.catalog.features import (
    Feature,
    Featured,
    Product,
    check_feature,
    read_feature,
    read_product,
)
from tallystick.catalog.fields import Fields, TooManyProblems, read_alone, shown, suggestion
from tallystick.catalog.legal_entity import LegalEntity
from tallystick.catalog.meter_order import meter_order
from tallystick.catalog.personal_paths import read_personal
from tallystick.catalog.plan import PlanVersion, PriceBook
from tallystick.catalog.read_definitions import (
    Definitions,
    read_legal_entity,
    read_meter,
    read_plan,
    read_price_book,
)
from tallystick.catalog.read_parties import (
    Parties,
    check_parent,
    read_account,
    read_resource,
    read_subscription,
)
from tallystick.catalog.read_tax import note_overlap, note_tax_number, read_tax_rule
from tallystick.catalog.series import PriceSeries, read_price_series
from tallystick.catalog.subscription import Subscription
from tallystick.catalog.tax_rule import TaxRule
from tallystick.kernel import (
    KNOWN_UNITS,
    AccountKey,
    Done,
    MeterKey,
    Outcome,
    PlanKey,
    Problem,
    Refused,
    ResourceKey,
    SubscriptionKey,
    is_key,
)
from tallystick.metering import Meter
from tallystick.personal import DeclaredPaths

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def catalog_from_documents(
    documents: Documents, *, stored: Catalog | None = None, at: datetime | None = None
) -> Outcome[Catalog]:
    """
    Read what documents declare; what is ``stored`` may be referred to, but is not in the result.

    A plan that names a price book takes the newest version in force ``at`` an instant; None: the
    newest of all, as long as nothing is published.

    Problems:
        unknown_list, unknown_field, missing_field, wrong_type, wrong_value, unknown_value,
        unknown_reference, duplicate_key, and those of meters and prices; each with the path of the
        field, and in front of the message its place in a file where the documents know it.
        too_many_problems: after the first 200; reading has stopped there.

    >>> catalog_from_documents(Documents(lists={"units": ["build"]})).value.units
    frozenset({'build'})
    """
    reading = _Reading(documents)
    try:
        catalog = _read_all(reading, stored or Catalog(), at=at)
    except TooManyProblems:
        more = Problem(code="too_many_problems", message="mend these first; there may be more")
        return Refused((*placed_in_order(reading.problems, documents.places), more))
    if reading.problems:
        return Refused(placed_in_order(reading.problems, documents.places))
    return Done(catalog)


def legal_entity_from_document(document: Mapping[str, object]) -> Outcome[LegalEntity]:
    """
    Read one legal entity as `legal_entity_document` wrote it.

    Problems:
        unknown_field, missing_field, wrong_type, wrong_value.
    """
    return read_alone(document, read_legal_entity)


class _Reading:
    """The documents on the way in, with the problems found so far."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.problems: list[Problem] = []
        self._first = item_paths(documents)
        for name in documents.lists:
            if name not in LISTS:
                message = f'unknown list "{name}"{suggestion(name, LISTS)}'
                self.problems.append(Problem(code="unknown_list", message=message, field=name))

    def items(self, name: str, read: Callable[[Fields], tuple[K, T | None]]) -> dict[K, T]:
        """Read every item of a list; give those without a problem by their key."""
        values: dict[K, T] = {}
        bodies = self.documents.lists.get(name, ())
        for index in meter_order(bodies) if name == "meters" else range(len(bodies)):
            body = bodies[index]
            fields = Fields(body, path=f"{name}[{index}]", problems=self.problems)
            key, value = read(fields)
            fields.finish()
            self._check_unique(name, index, body)
            if value is not None and fields.sound:
                values[key] = value
        return values

    def names(self, name: str) -> frozenset[str]:
        """Give the keys that a list declares, of items with a mistake too."""
        return frozenset(str(key) for (of, key) in self._first if of == name)

    def versions(self, name: str) -> frozenset[tuple[str, int]]:
        """Give the keys and versions that a list declares, of items with a mistake too."""
        return frozenset(
            (str(key[0]), key[1])
            for (of, key) in self._first
            if of == name and isinstance(key, tuple) and isinstance(key[1], int)
        )

    def _check_unique(self, name: str, index: int, body: object) -> None:
        path = f"{name}[{index}]"
        if not isinstance(body, Mapping) or not body.get(naming(name)):
            return
        first = self._first[name, identity(name, body)]
        if first != path:
            place = self.documents.places.get(first)
            where = place.of_value if place else first
            message = f"{shown(body[naming(name)])} is declared twice; first at {where}"
            self.problems.append(Problem(code="duplicate_key", message=message, field=path))


def _read_all(reading: _Reading, stored: Catalog, *, at: datetime | None) -> Catalog:
    defined = _read_definitions(reading, stored, at=at)
    accounts = _read_accounts(reading, stored)
    account_keys = reading.names("accounts") | stored.accounts.keys()
    resources = reading.items("resources", partial(_read_resource, account_keys=account_keys))
    parties = Parties(
        accounts={**stored.accounts, **accounts},
        account_keys=account_keys,
        plan_versions={**stored.plan_versions, **defined.plan_versions},
        plan_keys=reading.versions("plans") | stored.plan_versions.keys(),
        entity_keys=reading.names("legal_entities") | stored.legal_entities.keys(),
        units=stored.units | defined.units,
        featured=_featured(reading, stored, defined.features),
    )
    subscriptions = reading.items("subscriptions", partial(_read_subscription, known=parties))
    return replace(defined, accounts=accounts, resources=resources, subscriptions=subscriptions)


def _read_definitions(reading: _Reading, stored: Catalog, *, at: datetime | None) -> Catalog:
    units = _read_units(reading)
    rules = _read_tax_rules(reading, stored)
    entities = reading.items("legal_entities", _read_entity)
    known = Definitions(units=stored.units | units, plan_versions=stored.plan_versions)
    meters = _read_meters(reading, known, stored)
    known = replace(
        known,
        meters=dict(stored.meters) | meters,
        meter_keys=reading.names("meters") | stored.meters.keys(),
    )
    personal = reading.items("personal_data", _read_personal)
    series, known = _read_series(reading, stored, known)
    books = reading.items("price_books", partial(_read_price_book, known=known))
    known = _with_books(known, reading, {**stored.price_books, **books}, at=at)
    products = reading.items("products", _read_product)
    features = _read_features(reading, stored)
    known = replace(
        known,
        product_keys=reading.names("products") | stored.products.keys(),
        featured=_featured(reading, stored, features),
    )
    plans = reading.items("plans", partial(_read_plan, known=known))
    coupons = reading.items("coupons", _read_coupon)
    coupon_keys = reading.names("coupons") | stored.coupons.keys()
    grants = reading.items("coupon_grants", partial(_read_grant, coupons=coupon_keys))
    return Catalog(
        units=units,
        tax_rules=rules,
        legal_entities=entities,
        meters=meters,
        personal_data=personal,
        products=products,
        features=features,
        price_series=series,
        price_books=books,
        plan_versions=plans,
        coupons=coupons,
        coupon_grants=grants,
        alert_rules=reading.items("alert_rules", partial(_read_alert_rule, known=known.featured)),
    )


def _read_series(
    reading: _Reading, stored: Catalog, known: Definitions
) -> tuple[dict[str, PriceSeries], Definitions]:
    """Read price series, and add them to what a price may follow."""
    before = stored.price_series
    read = partial(read_price_series, stored=before, units=known.units)
    series = reading.items("price_series", read)
    keys = reading.names("price_series") | before.keys()
    return series, replace(known, price_series={**before, **series}, series_keys=keys)


def _with_books(
    known: Definitions,
    reading: _Reading,
    books: Mapping[tuple[str, int], PriceBook],
    *,
    at: datetime | None,
) -> Definitions:
    """Add price books to what a plan may name; those not in force at an instant are known too."""
    ahead = {name for name, one in books.items() if at is not None and one.effective_at > at}
    return replace(
        known,
        price_books=books,
        books_ahead=frozenset(ahead),
        book_keys=reading.versions("price_books") | books.keys(),
    )


def _featured(reading: _Reading, stored: Catalog, read: Mapping[str, Feature]) -> Featured:
    """Return every feature that may be granted; what is read stands in for what is stored."""
    plans = reading.versions("plans") | stored.plan_versions.keys()
    return Featured(
        features={**stored.features, **read},
        keys=reading.names("features") | stored.features.keys(),
        plans=frozenset(key for key, _ in plans),
    )


def _read_features(reading: _Reading, stored: Catalog) -> dict[str, Feature]:
    """Read features, and see that their products and meters exist."""
    products = reading.names("products") | stored.products.keys()
    meters = reading.names("meters") | stored.meters.keys()

    def read(fields: Fields) -> tuple[str, Feature]:
        feature = read_feature(fields)
        check_feature(fields, feature, products=products, meters=meters)
        return feature.key, feature

    return reading.items("features", read)


def _read_product(fields: Fields) -> tuple[str, Product]:
    product = read_product(fields)
    return product.key, product


def _read_tax_rules(reading: _Reading, stored: Catalog) -> dict[str, TaxRule]:
    """Read tax rules, then see that no two are for the same supply on one day."""
    opened: dict[str, Fields] = {}

    def read(fields: Fields) -> tuple[str, TaxRule]:
        rule = read_tax_rule(fields)
        opened[rule.key] = fields
        return rule.key, rule

    rules = reading.items("tax_rules", read)
    alike: dict[Hashable, list[TaxRule]] = {}
    for rule in {**stored.tax_rules, **rules}.values():
        alike.setdefault(rule.selector, []).append(rule)
    for key, rule in rules.items():
        note_overlap(opened[key], rule, alike[rule.selector])
    return rules


def _read_accounts(reading: _Reading, stored: Catalog) -> dict[AccountKey, Account]:
    """Read accounts, then check the tree that they form with those stored."""
    opened: dict[AccountKey, Fields] = {}

    def read(fields: Fields) -> tuple[AccountKey, Account]:
        account = read_account(fields)
        opened[account.key] = fields
        return account.key, account

    accounts = reading.items("accounts", read)
    parents: dict[str, AccountKey | None] = dict.fromkeys(reading.names("accounts"))
    parents |= {key: account.parent for key, account in {**stored.accounts, **accounts}.items()}
    for key, account in accounts.items():
        check_parent(opened[key], key, parents)
        note_tax_number(opened[key], account)
    return accounts


def _read_entity(fields: Fields) -> tuple[str, LegalEntity]:
    entity = read_legal_entity(fields)
    return entity.key, entity


def _read_personal(fields: Fields) -> tuple[str, DeclaredPaths]:
    declared = read_personal(fields)
    return declared.event_type, declared


def _read_meters(reading: _Reading, known: Definitions, stored: Catalog) -> dict[MeterKey, Meter]:
    """Read meters, those first that formulas name; of the same key, what is read here counts."""
    names = reading.names("meters")
    named = {key: meter for key, meter in stored.meters.items() if key not in names}

    def read(fields: Fields) -> tuple[MeterKey, Meter | None]:
        meter = read_meter(fields, replace(known, meters=named))
        if meter is not None:
            named[meter.key] = meter
        return (meter.key if meter else MeterKey("")), meter

    return reading.items("meters", read)


def _read_price_book(fields: Fields, *, known: Definitions) -> tuple[tuple[str, int], PriceBook]:
    book = read_price_book(fields, known)
    return (book.key, book.version), book


def _read_plan(fields: Fields, *, known: Definitions) -> tuple[tuple[PlanKey, int], PlanVersion]:
    plan = read_plan(fields, known)
    return (plan.plan, plan.version), plan


def _read_coupon(fields: Fields) -> tuple[str, Coupon]:
    coupon = read_coupon(fields)
    return coupon.key, coupon


def _read_grant(fields: Fields, *, coupons: frozenset[str]) -> tuple[str, CouponGrant]:
    grant = read_grant(fields, coupons)
    return grant.key, grant


def _read_alert_rule(fields: Fields, *, known: Featured) -> tuple[str, AlertRule]:
    rule = read_alert_rule(fields, features=known.keys, plans=known.plans)
    return rule.key, rule


def _read_resource(fields: Fields, *, account_keys: frozenset[str]) -> tuple[ResourceKey, Resource]:
    resource = read_resource(fields, account_keys)
    return resource.key, resource


def _read_subscription(fields: Fields, *, known: Parties) -> tuple[SubscriptionKey, Subscription]:
    subscription = read_subscription(fields, known)
    return subscription.key, subscription


def _read_units(reading: _Reading) -> frozenset[str]:
    units: set[str] = set()
    for index, name in enumerate(reading.documents.lists.get("units", ())):
        path = f"units[{index}]"
        if not isinstance(name, str) or not is_key(name) or "." in name:
            message = f"a unit must be a word such as build, without dots, not {shown(name)}"
            reading.problems.append(Problem(code="wrong_type", message=message, field=path))
        elif name in KNOWN_UNITS:
            message = f'unit "{name}" is known already; leave it out'
            reading.problems.append(Problem(code="wrong_value", message=message, field=path))
        else:
            units.add(name)
    return frozenset(units)
