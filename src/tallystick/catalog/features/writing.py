"""Writing products, features and what is granted of them as documents; empty parts are left out."""

from collections.abc import Mapping
from datetime import timedelta

from tallystick.catalog.features.feature import Entitlement, Feature, Product, Window
from tallystick.kernel import Interval, plain


def product_document(product: Product) -> dict[str, object]:
    """Write a product."""
    return _given({"key": product.key, "name": product.name})


def feature_document(feature: Feature) -> dict[str, object]:
    """Write a feature."""
    return _given(
        {
            "key": feature.key,
            "kind": feature.kind.value,
            "name": feature.name,
            "product": feature.product,
            "meter": feature.meter,
            "unit": feature.unit,
            "window": _window_document(feature.window),
            "per": None if feature.per is None else feature.per.value,
        }
    )


def entitlement_document(entitlement: Entitlement) -> dict[str, object]:
    """Write what one layer grants of a feature."""
    return _given(
        {
            "feature": entitlement.feature,
            "enabled": None if entitlement.enabled else False,
            "value": entitlement.value,
            "limit": None if entitlement.limit is None else plain(entitlement.limit),
            "adds": entitlement.adds or None,
        }
    )


def _window_document(window: Window) -> object:
    if window.rolling is not None:
        return {"rolling_seconds": window.rolling // timedelta(seconds=1)}
    if window.every is None:
        return None
    return {"every": _interval_document(window.every)}


def _interval_document(interval: Interval) -> object:
    if interval.count == 1:
        return interval.of.value
    return {"count": interval.count, "of": interval.of.value}


def _given(document: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if value not in (None, "")}
