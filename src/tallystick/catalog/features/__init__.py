"""Products and features: what is sold under one name, and what may be used of it."""

from tallystick.catalog.features.entitlement import Entitlement
from tallystick.catalog.features.feature import (
    Feature,
    FeatureKind,
    Product,
    Unreachable,
    Window,
    feature_problems,
)
from tallystick.catalog.features.overage import (
    NO_GRACE,
    Grace,
    Overage,
    OverageAction,
)
from tallystick.catalog.features.reading import (
    Featured,
    check_feature,
    entitlement_from_document,
    entitlement_of,
    feature_from_document,
    read_entitlements,
    read_feature,
    read_product,
)
from tallystick.catalog.features.reading_overage import read_throttle, throttle_from_document
from tallystick.catalog.features.slowing import Protection, RateUnit, Throttle
from tallystick.catalog.features.writing import (
    entitlement_document,
    feature_document,
    overage_document,
    product_document,
    throttle_document,
)

__all__ = [
    "NO_GRACE",
    "Entitlement",
    "Feature",
    "FeatureKind",
    "Featured",
    "Grace",
    "Overage",
    "OverageAction",
    "Product",
    "Protection",
    "RateUnit",
    "Throttle",
    "Unreachable",
    "Window",
    "check_feature",
    "entitlement_document",
    "entitlement_from_document",
    "entitlement_of",
    "feature_document",
    "feature_from_document",
    "feature_problems",
    "overage_document",
    "product_document",
    "read_entitlements",
    "read_feature",
    "read_product",
    "read_throttle",
    "throttle_document",
    "throttle_from_document",
]
