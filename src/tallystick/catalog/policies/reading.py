"""
A quota policy as the document of a plan version.

What a policy says of features is granted of features that are declared: it cannot say by which
meter something is counted.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from tallystick.catalog.features import Feature, FeatureKind
from tallystick.catalog.fields import (
    CURRENCY,
    FLAG,
    KEY,
    NUMBER,
    TEXT,
    WHOLE,
    Fields,
    choose,
    suggestion,
)
from tallystick.catalog.policies.names import Named, named_features
from tallystick.catalog.policies.price_reading import read_prices
from tallystick.catalog.policies.telling import CYCLES, UNLIMITED
from tallystick.kernel import EXACT, MeterKey, plain
from tallystick.metering import Meter

_RATE = re.compile(r"(?P<limit>[0-9]+(\.[0-9]+)?)_per_(?P<per>second|minute)")
OFFERS = ("auto_upgrade_offer", "upgrade_prompt")
_KINDS = (
    (
        re.compile(r"max_(.+)_per_(hour|day|week|month|quarter|half_year|year)"),
        "{{key: {0}, kind: metered, meter: METER, window: {{every: {1}}}}}",
    ),
    (re.compile(r"(.+)_limit_per_(second|minute)"), "{{key: {0}, kind: rate, per: {1}}}"),
    (
        re.compile(r"max_(.+_(?:kb|mb|gb|tb|pb|kib|mib|gib|tib))()"),
        "{{key: {0}, kind: metered, meter: METER}}",
    ),
    (re.compile(r"max_(.+)()"), "{{key: {0}, kind: level, unit: UNIT}}"),
)


def plan_from_policy(
    fields: Fields, features: Mapping[str, Feature], meters: Mapping[MeterKey, Meter]
) -> dict[str, object]:
    """
    Read a quota policy as the document of a plan, without version and form; problems are noted.

    Args:
        fields: of the policy.
        features: all that are declared.
        meters: at least those of the features.
    """
    named = named_features(features.values(), meters)
    granted = _read_limits(fields, named)
    _read_overages(fields, granted)
    billing = fields.inside("billing")
    plan: dict[str, object] = {
        "key": fields.read("plan_id", KEY),
        "name": fields.read("plan_name", TEXT),
        "currency": billing.read("currency", CURRENCY),
        "interval": _interval(billing),
        "proration": "day" if billing.read_or("proration", FLAG, default=True) else "none",
        "prices": read_prices(billing, granted),
        "entitlements": [document for _, document in granted.values()],
    }
    choose(billing, "model", ["subscription"])
    billing.finish()
    return plan


def _read_limits(
    fields: Fields, named: tuple[Named, ...]
) -> dict[str, tuple[Named, dict[str, object]]]:
    """Read ``entitlements``: what is granted, by the name that overage policies give it."""
    inner = fields.inside("entitlements")
    by_limit = _by_name(inner, [(one.limit, one) for one in named if one.limit])
    switches = {one.name: one for one in named if one.feature.kind is FeatureKind.SWITCH}
    found: dict[str, tuple[Named, dict[str, object]]] = {}
    for name in inner.all():
        if name == "features":
            continue
        of = by_limit.get(name)
        if of is None:
            inner.note("unknown_reference", _undeclared(name, by_limit), name)
            continue
        found[of.name] = of, _limited(inner, name, of)
    for index, item in enumerate(inner.items("features")):
        one = switches.get(item) if isinstance(item, str) else None
        if one is None:
            message = f'no feature of kind switch answers to "{item}"' + _declare(str(item))
            inner.note("unknown_reference", message, f"features[{index}]")
        else:
            found[f"features.{one.name}"] = one, {"feature": one.feature.key}
    inner.finish()
    return found


def _by_name(fields: Fields, pairs: list[tuple[str, Named]]) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for name, one in pairs:
        if name in found and name in fields.all():
            message = (
                f'features "{found[name].feature.key}" and "{one.feature.key}" both answer to '
                f'"{name}"; give one a "policy_name"'
            )
            fields.note("wrong_value", message, name)
        found.setdefault(name, one)
    return found


def _limited(fields: Fields, name: str, of: Named) -> dict[str, object]:
    if fields.raw(name) == UNLIMITED:
        return {"feature": of.feature.key}
    limit = fields.read(name, NUMBER)
    return {"feature": of.feature.key, "limit": plain(_granted(of, limit))}


def _granted(of: Named, number: Decimal) -> Decimal:
    """Return a number of a policy as it is granted."""
    times, by = of.factors
    return EXACT.divide(EXACT.multiply(number, Decimal(times)), Decimal(by))


def _read_overages(fields: Fields, granted: Mapping[str, tuple[Named, dict[str, object]]]) -> None:
    """Read ``overage_policy`` into what is granted."""
    if not fields.has("overage_policy"):
        return
    outer = fields.inside("overage_policy")
    known = [name for name, (_, document) in granted.items() if "limit" in document]
    for name in outer.all():
        if name not in known:
            message = f'"{name}" is not among what is limited here{suggestion(name, known)}'
            outer.note("unknown_reference", message, name)
            continue
        of, document = granted[name]
        document["overage"] = _read_overage(outer.inside(name), of)


def _read_overage(fields: Fields, of: Named) -> dict[str, object]:
    offers = [
        fields.read_or(name, FLAG, default=False)
        for name in ("auto_upgrade_offer", "upgrade_prompt")
    ]
    overage: dict[str, object] = {
        "action": fields.read("action", TEXT),
        "notify": fields.read_or("notification", FLAG, default=True),
        "offer": any(offers),
        "upgrade_to": fields.read_or("upgrade_to", KEY, None),
        "throttle": dict(_throttle(fields)) or None,
        "grace": dict(_grace(fields, of)) or None,
        "hard_limit": _counted(fields, "hard_limit", of),
    }
    fields.finish()
    return {name: value for name, value in overage.items() if value is not None}


def _throttle(fields: Fields) -> Iterator[tuple[str, object]]:
    text = fields.read_or("throttle_rate", TEXT, None)
    burst = fields.read_or("throttle_burst", NUMBER, None)
    if text is None:
        return
    found = _RATE.fullmatch(text)
    if found is None:
        message = '"throttle_rate" must be such as 50_per_minute or 2_per_second'
        fields.note("wrong_value", message, "throttle_rate")
        return
    yield from (("limit", found["limit"]), ("per", found["per"]))
    if burst is not None:
        yield "burst", plain(burst)


def _grace(fields: Fields, of: Named) -> Iterator[tuple[str, object]]:
    days = fields.read_or("grace_period_days", WHOLE, None)
    if days is not None:
        yield "days", days
    percent = fields.read_or("grace_percent", NUMBER, None)
    if percent is not None:
        yield "percent", plain(percent)
    units = _counted(fields, "grace_units", of)
    if units is not None:
        yield "units", units


def _counted(fields: Fields, name: str, of: Named) -> str | None:
    number = fields.read_or(name, NUMBER, None)
    return None if number is None else plain(_granted(of, number))


def _interval(billing: Fields) -> str:
    words = {word: of.value for of, word in CYCLES.items()}
    return words[choose(billing, "cycle", [*words])]


def _undeclared(name: str, known: Mapping[str, Named]) -> str:
    for pattern, example in _KINDS:
        found = pattern.fullmatch(name)
        if found is not None:
            said = example.format(found[1].replace("_", "-"), found[2])
            near = suggestion(name, known) if known else ""
            return f'no feature answers to "{name}"; declare one: features: [{said}]{near}'
    return f'"{name}" is no limit such as max_users or api_rate_limit_per_minute' + suggestion(
        name, known
    )


def _declare(name: str) -> str:
    key = name.replace("_", "-")
    return f"; declare one: features: [{{key: {key}, kind: switch}}]"
