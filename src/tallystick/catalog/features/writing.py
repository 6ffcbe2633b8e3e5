"""Writing products, features and what is granted of them as documents; empty parts are left out."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from tallystick.catalog.features.entitlement import Entitlement
from tallystick.catalog.features.feature import Feature, Product, Unreachable, Window
from tallystick.catalog.features.overage import Grace, Overage
from tallystick.catalog.features.slowing import Protection, Throttle
from tallystick.catalog.fields import interval_document
from tallystick.kernel import plain


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
            "if_unreachable": None
            if feature.if_unreachable is Unreachable.FAIL_CLOSED
            else feature.if_unreachable.value,
            "policy_name": feature.policy_name,
            "anomalies": _protection_document(feature.anomalies),
        }
    )


def entitlement_document(entitlement: Entitlement) -> dict[str, object]:
    """Write what one layer grants of a feature."""
    return _given(
        {
            "feature": entitlement.feature,
            "enabled": None if entitlement.enabled else False,
            "value": entitlement.value,
            "limit": _number(entitlement.limit),
            "adds": entitlement.adds or None,
            "burst": _number(entitlement.burst),
            "overage": None
            if entitlement.overage is None
            else overage_document(entitlement.overage),
        }
    )


def overage_document(overage: Overage) -> dict[str, object]:
    """Write what becomes of use beyond a limit."""
    return _given(
        {
            "action": overage.action.value,
            "operation": overage.operation,
            "throttle": None if overage.throttle is None else throttle_document(overage.throttle),
            "grace": _grace_document(overage.grace),
            "hard_limit": _number(overage.hard_limit),
            "notify": None if overage.notify else False,
            "offer": overage.offer or None,
            "upgrade_to": overage.upgrade_to,
        }
    )


def throttle_document(throttle: Throttle) -> dict[str, object]:
    """Write the rate to which use is slowed."""
    return _given(
        {
            "limit": plain(throttle.limit),
            "per": throttle.per.value,
            "burst": _number(throttle.burst),
        }
    )


def _protection_document(protection: Protection | None) -> dict[str, object] | None:
    if protection is None:
        return None
    slowed = None if protection.throttle is None else throttle_document(protection.throttle)
    return _given(
        {
            "throttle": slowed,
            "block": True if slowed is None else None,
            "minutes": protection.minutes,
        }
    )


def _grace_document(grace: Grace) -> dict[str, object] | None:
    written = _given(
        {
            "days": grace.days,
            "percent": _number(grace.percent),
            "units": _number(grace.units),
        }
    )
    return written or None


def _number(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def _window_document(window: Window) -> object:
    if window.rolling is not None:
        return {"rolling_seconds": window.rolling // timedelta(seconds=1)}
    if window.every is None:
        return None
    return {"every": interval_document(window.every)}


def _given(document: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if value not in (None, "")}
