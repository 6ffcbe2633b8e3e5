"""Products and features: what is sold under one name, and what may be used of it."""

from tallystick.catalog.features.feature import (
    Entitlement,
    Feature,
    FeatureKind,
    Product,
    RateUnit,
    Window,
    feature_problems,
)
from tallystick.catalog.features.reading import (
    Featured,
    check_feature,
    entitlement_from_document,
    read_entitlements,
    read_feature,
    read_product,
)
from tallystick.catalog.features.writing import (
    entitlement_document,
    feature_document,
    product_document,
)

__all__ = [
    "Entitlement",
    "Feature",
    "FeatureKind",
    "Featured",
    "Product",
    "RateUnit",
    "Window",
    "check_feature",
    "entitlement_document",
    "entitlement_from_document",
    "feature_document",
    "feature_problems",
    "product_document",
    "read_entitlements",
    "read_feature",
    "read_product",
]
