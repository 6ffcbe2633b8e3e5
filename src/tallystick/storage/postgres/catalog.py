"""
The store of definitions: units, tax rules, entities, meters, features, books, plans, coupons ...

A row holds the object as its canonical document; the columns beside it are what is searched or
referred to.  Reading goes through the same reader as files do, so a document that is stored and a
document that is sent can never mean two things.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter

from psycopg import Connection

from tallystick.catalog import (
    AlertRule,
    Catalog,
    Coupon,
    CouponGrant,
    Documents,
    Feature,
    LegalEntity,
    PlanVersion,
    PriceBook,
    PriceSeries,
    Product,
    TaxRule,
    alert_rule_document,
    alert_rule_from_document,
    catalog_from_documents,
    coupon_document,
    feature_document,
    grant_document,
    legal_entity_document,
    personal_document,
    plan_document,
    price_book_document,
    price_series_document,
    product_document,
    tax_rule_document,
)
from tallystick.kernel import Done, InvariantBroken, MeterKey, PlanKey, WorkspaceId
from tallystick.metering import Meter, document_from_meter
from tallystick.personal import DeclaredPaths
from tallystick.storage.postgres.json_column import json_object, json_text

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('tallystick.catalog:' || %s, 0))"
_HOLD = "SELECT pg_advisory_xact_lock_shared(hashtextextended('tallystick.catalog:' || %s, 0))"
_LISTS = {
    "units": "SELECT name FROM catalog_unit ORDER BY name",
    "tax_rules": "SELECT document::text FROM tax_rule ORDER BY key",
    "legal_entities": "SELECT document::text FROM legal_entity ORDER BY key",
    "meters": "SELECT document::text FROM meter ORDER BY key",
    "personal_data": "SELECT document::text FROM personal_data ORDER BY event_type",
    "products": "SELECT document::text FROM product ORDER BY key",
    "features": "SELECT document::text FROM feature ORDER BY key",
    "price_series": "SELECT document::text FROM price_series ORDER BY key",
    "price_books": "SELECT document::text FROM price_book ORDER BY key, version",
    "plans": "SELECT document::text FROM plan_version ORDER BY plan, version",
    "coupons": "SELECT document::text FROM coupon ORDER BY key",
    "coupon_grants": "SELECT document::text FROM coupon_grant ORDER BY key",
    "alert_rules": "SELECT document::text FROM alert_rule ORDER BY key",
}
_ALL = tuple(_LISTS)
_METERS = ("units", "meters")
_ENTITIES = ("legal_entities",)
_ALERT_RULES = "SELECT document::text FROM alert_rule ORDER BY key"
_ADD_UNITS = """
INSERT INTO catalog_unit (workspace_id, name) SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING
"""
_SAVE_ENTITY = """
INSERT INTO legal_entity (workspace_id, key, document) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET document = excluded.document
"""
_SAVE_RULE = """
INSERT INTO tax_rule (workspace_id, key, document) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET document = excluded.document
"""
_SAVE_METER = """
INSERT INTO meter (workspace_id, key, event_type, document) VALUES (%s, %s, %s, %s)
ON CONFLICT (workspace_id, key)
DO UPDATE SET event_type = excluded.event_type, document = excluded.document
"""
_SAVE_PERSONAL = """
INSERT INTO personal_data (workspace_id, event_type, document) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, event_type) DO UPDATE SET document = excluded.document
"""
_SAVE_PRODUCT = """
INSERT INTO product (workspace_id, key, document) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET document = excluded.document
"""
_SAVE_FEATURE = """
INSERT INTO feature (workspace_id, key, document) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET document = excluded.document
"""
_SAVE_COUPON = """
INSERT INTO coupon (workspace_id, key, document) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET document = excluded.document
"""
_SAVE_GRANT = """
INSERT INTO coupon_grant (workspace_id, key, coupon, document) VALUES (%s, %s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET document = excluded.document
"""
_SAVE_ALERT_RULE = """
INSERT INTO alert_rule (workspace_id, key, document) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET document = excluded.document
"""
_SAVE_SERIES = """
INSERT INTO price_series (workspace_id, key, document) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET document = excluded.document
"""
_ADD_BOOK = """
INSERT INTO price_book (workspace_id, key, version, currency, effective_at, document)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_ADD_PLAN = """
INSERT INTO plan_version (workspace_id, plan, version, currency, document)
VALUES (%s, %s, %s, %s, %s)
"""


class PostgresCatalog:
    """The definitions of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def lock(self) -> None:
        self._connection.execute(_LOCK, [self._workspace])

    def hold(self) -> None:
        self._connection.execute(_HOLD, [self._workspace])

    def load_definitions(self) -> Catalog:
        return _definitions(_ALL, self._texts(_ALL))

    def load_meters(self) -> Mapping[MeterKey, Meter]:
        return _some(_METERS, self._texts(_METERS)).meters

    def save_definitions(self, catalog: Catalog) -> None:
        if catalog.units:
            self._connection.execute(_ADD_UNITS, [self._workspace, sorted(catalog.units)])
        self._save(_SAVE_RULE, map(_row_from_rule, catalog.tax_rules.values()))
        self._save(_SAVE_ENTITY, map(_row_from_entity, catalog.legal_entities.values()))
        self._save(_SAVE_METER, map(_row_from_meter, catalog.meters.values()))
        self._save(_SAVE_PERSONAL, map(_row_from_personal, catalog.personal_data.values()))
        self._save(_SAVE_PRODUCT, map(_row_from_product, catalog.products.values()))
        self._save(_SAVE_FEATURE, map(_row_from_feature, catalog.features.values()))
        self._save(_SAVE_SERIES, map(_row_from_series, catalog.price_series.values()))
        self._save(_ADD_BOOK, map(_row_from_book, catalog.price_books.values()))
        self._save(_ADD_PLAN, map(_row_from_plan, catalog.plan_versions.values()))
        self._save(_SAVE_COUPON, map(_row_from_coupon, catalog.coupons.values()))
        self._save(_SAVE_GRANT, map(_row_from_grant, catalog.coupon_grants.values()))
        self._save(_SAVE_ALERT_RULE, map(_row_from_alert_rule, catalog.alert_rules.values()))

    def load_plan_version(self, plan: PlanKey, version: int) -> PlanVersion | None:
        return self.load_definitions().plan_versions.get((plan, version))

    def load_meter(self, key: MeterKey) -> Meter | None:
        return self.load_meters().get(key)

    def load_alert_rules(self) -> tuple[AlertRule, ...]:
        rows = self._connection.execute(_ALERT_RULES)
        found = [alert_rule_from_document(json_object(text)) for (text,) in rows]
        return tuple(one.value for one in found if isinstance(one, Done))

    def load_legal_entity(self, key: str) -> LegalEntity | None:
        return _some(_ENTITIES, self._texts(_ENTITIES)).legal_entities.get(key)

    def list_plan_versions(self, *, after: str, limit: int) -> tuple[PlanVersion, ...]:
        plans = self.load_definitions().plan_versions.values()
        behind = [plan for plan in plans if plan.sort_key > after]
        return tuple(sorted(behind, key=attrgetter("sort_key"))[:limit])

    def _texts(self, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Return lists as they are stored, in one question."""
        arrays = ", ".join(f"array({_LISTS[name]})" for name in names)
        row = self._connection.execute(f"SELECT {arrays}").fetchone()
        return tuple(map(tuple, row or ()))

    def _save(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement, [(self._workspace, *row) for row in rows])


def _read(names: Sequence[str], texts: Sequence[Sequence[str]]) -> Catalog:
    """Read lists as they are stored; what nobody changed since is not read again."""
    lists: dict[str, list[object]] = {
        name: [text if name == "units" else json_object(text) for text in found]
        for name, found in zip(names, texts, strict=True)
    }
    outcome = catalog_from_documents(Documents(lists=lists))
    if not isinstance(outcome, Done):
        first = outcome.problems[0]
        message = f"the stored catalog cannot be read: {first.field} {first.message}"
        raise InvariantBroken(message)
    return outcome.value


# The same text is the same catalog, so that nothing here can grow old.
_definitions = lru_cache(maxsize=32)(_read)
_some = lru_cache(maxsize=512)(_read)


def _row_from_entity(entity: LegalEntity) -> tuple[object, ...]:
    return (entity.key, json_text(legal_entity_document(entity)))


def _row_from_rule(rule: TaxRule) -> tuple[object, ...]:
    return (rule.key, json_text(tax_rule_document(rule)))


def _row_from_meter(meter: Meter) -> tuple[object, ...]:
    return (meter.key, meter.event_type, json_text(document_from_meter(meter)))


def _row_from_personal(declared: DeclaredPaths) -> tuple[object, ...]:
    return (declared.event_type, json_text(personal_document(declared)))


def _row_from_product(product: Product) -> tuple[object, ...]:
    return (product.key, json_text(product_document(product)))


def _row_from_feature(feature: Feature) -> tuple[object, ...]:
    return (feature.key, json_text(feature_document(feature)))


def _row_from_series(series: PriceSeries) -> tuple[object, ...]:
    # What was published of it is rows of its own, see `PostgresPriceSeries`.
    return (series.key, json_text(price_series_document(replace(series, facts=()))))


def _row_from_book(book: PriceBook) -> tuple[object, ...]:
    document = json_text(price_book_document(book))
    return (book.key, book.version, book.currency, book.effective_at, document)


def _row_from_coupon(coupon: Coupon) -> tuple[object, ...]:
    return (coupon.key, json_text(coupon_document(coupon)))


def _row_from_grant(grant: CouponGrant) -> tuple[object, ...]:
    return (grant.key, grant.coupon, json_text(grant_document(grant)))


def _row_from_alert_rule(rule: AlertRule) -> tuple[object, ...]:
    return (rule.key, json_text(alert_rule_document(rule)))


def _row_from_plan(plan: PlanVersion) -> tuple[object, ...]:
    return (plan.plan, plan.version, plan.currency, json_text(plan_document(plan)))
