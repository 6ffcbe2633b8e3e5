"""
A whole catalog as one value: everything that a workspace declares in files.

Objects are found by their natural keys, which never change: a meter by ``key``, a plan version by
``plan@version``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tallystick.accounts import Account, Resource
from tallystick.catalog.alerts import AlertRule
from tallystick.catalog.coupons import Coupon, CouponGrant
from tallystick.catalog.features import Feature, Product
from tallystick.catalog.legal_entity import LegalEntity
from tallystick.catalog.plan import PlanVersion, PriceBook
from tallystick.catalog.series import PriceSeries
from tallystick.catalog.subscription import Subscription
from tallystick.catalog.tax_rule import TaxRule
from tallystick.kernel import AccountKey, MeterKey, PlanKey, ResourceKey, SubscriptionKey
from tallystick.metering import Meter
from tallystick.personal import DeclaredPaths


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """
    Everything declared, each kind by its natural key.

    ``units`` are countable units declared beside those that are known to everybody;
    ``personal_data`` is known by the type of its events.
    """

    units: frozenset[str] = frozenset()
    legal_entities: Mapping[str, LegalEntity] = field(default_factory=dict)
    tax_rules: Mapping[str, TaxRule] = field(default_factory=dict)
    meters: Mapping[MeterKey, Meter] = field(default_factory=dict)
    personal_data: Mapping[str, DeclaredPaths] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    features: Mapping[str, Feature] = field(default_factory=dict)
    price_series: Mapping[str, PriceSeries] = field(default_factory=dict)
    price_books: Mapping[tuple[str, int], PriceBook] = field(default_factory=dict)
    plan_versions: Mapping[tuple[PlanKey, int], PlanVersion] = field(default_factory=dict)
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    coupon_grants: Mapping[str, CouponGrant] = field(default_factory=dict)
    alert_rules: Mapping[str, AlertRule] = field(default_factory=dict)
    accounts: Mapping[AccountKey, Account] = field(default_factory=dict)
    resources: Mapping[ResourceKey, Resource] = field(default_factory=dict)
    subscriptions: Mapping[SubscriptionKey, Subscription] = field(default_factory=dict)
