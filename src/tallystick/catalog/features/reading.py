"""Reading products, features, and what plans and contracts grant of them."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tallystick.catalog.features.entitlement import Entitlement
from tallystick.catalog.features.feature import (
    ROLLING_MAX,
    Feature,
    FeatureKind,
    Product,
    Unreachable,
    Window,
    feature_problems,
)
from tallystick.catalog.features.overage import overage_misfits
from tallystick.catalog.features.reading_overage import (
    read_overage,
    read_positive,
    read_protection,
)
from tallystick.catalog.features.slowing import RateUnit
from tallystick.catalog.fields import (
    FLAG,
    KEY,
    NUMBER,
    TEXT,
    WHOLE,
    Fields,
    choose,
    read_alone,
    read_interval,
    suggestion,
)
from tallystick.kernel import MeterKey, Outcome, Problem, check

UNIT_CHARS_MAX = 60
VALUE_CHARS_MAX = 200
ENTITLEMENTS_MAX = 1_000
_POLICY_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Featured:
    """
    The features that plans and contracts may grant.

    ``keys`` also names those that were declared with a mistake, so that what refers to one is not
    called wrong too; so does ``plans``, those that use beyond a limit may upgrade to.
    """

    features: Mapping[str, Feature] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    plans: frozenset[str] = frozenset()


def read_product(fields: Fields) -> Product:
    """Read a product."""
    return Product(key=fields.read("key", KEY), name=fields.read_or("name", TEXT, ""))


def read_feature(fields: Fields) -> Feature:
    """Read a feature; whether its product and meter exist is seen by `check_feature`."""
    meter = fields.read_or("meter", KEY, None)
    per = choose(fields, "per", [*RateUnit]) if fields.has("per") else None
    feature = Feature(
        key=fields.read("key", KEY),
        kind=FeatureKind(choose(fields, "kind", [*FeatureKind])),
        name=fields.read_or("name", TEXT, ""),
        product=fields.read_or("product", KEY, ""),
        meter=None if meter is None else MeterKey(meter),
        unit=fields.read_or("unit", TEXT, ""),
        window=_read_window(fields),
        per=None if per is None else RateUnit(per),
        if_unreachable=Unreachable(
            choose(fields, "if_unreachable", [*Unreachable], default=Unreachable.FAIL_CLOSED)
        ),
        policy_name=_policy_name(fields),
        anomalies=read_protection(fields),
    )
    if len(feature.unit) > UNIT_CHARS_MAX:
        fields.note("wrong_value", f'"unit" has at most {UNIT_CHARS_MAX} characters', "unit")
    if fields.sound:
        for problem in feature_problems(feature):
            fields.note(problem.code, problem.message, problem.field)
    return feature


def check_feature(
    fields: Fields, feature: Feature, *, products: Collection[str], meters: Collection[str]
) -> None:
    """Note a product or meter that nobody declares."""
    for name, key, known in (
        ("product", feature.product, products),
        ("meter", feature.meter, meters),
    ):
        if key and key not in known:
            fields.note(
                "unknown_reference", f'unknown {name} "{key}"{suggestion(key, known)}', name
            )


def read_entitlements(fields: Fields, known: Featured | None) -> tuple[Entitlement, ...]:
    """
    Read what is granted, in the order of the features' keys; each stands once.

    ``known`` is None for what was checked when it was stored.
    """
    found: dict[str, Entitlement] = {}
    for index, part in enumerate(fields.each("entitlements")):
        granted = _read_entitlement(part)
        part.finish()
        if granted.feature in found:
            message = f'feature "{granted.feature}" stands here twice'
            fields.note("duplicate_key", message, f"entitlements[{index}].feature")
        if known is not None and part.sound:
            for problem in _misfits(granted, known):
                part.note(problem.code, problem.message, problem.field)
        found[granted.feature] = granted
    if len(found) > ENTITLEMENTS_MAX:
        fields.note(
            "wrong_value", f'"entitlements" holds at most {ENTITLEMENTS_MAX}', "entitlements"
        )
    return tuple(found[key] for key in sorted(found))


def entitlement_of(document: Mapping[str, object], known: Featured) -> Outcome[Entitlement]:
    """
    Read what somebody grants of one feature.

    Problems:
        those of a catalog document, each with the field concerned.
    """

    def read(fields: Fields) -> Entitlement:
        granted = _read_entitlement(fields)
        if fields.sound:
            for problem in _misfits(granted, known):
                fields.note(problem.code, problem.message, problem.field)
        return granted

    return read_alone(document, read)


def entitlement_from_document(document: Mapping[str, object]) -> Entitlement:
    """
    Return what a stored document grants.

    Raises:
        InvariantBroken: it is not one that was written by `entitlement_document`.
    """
    problems: list[Problem] = []
    fields = Fields(document, path="", problems=problems)
    granted = _read_entitlement(fields)
    fields.finish()
    check(not problems, f"a stored entitlement cannot be read: {problems[:1]}")
    return granted


def feature_from_document(document: Mapping[str, object]) -> Feature:
    """
    Return the feature that a stored document holds.

    Raises:
        InvariantBroken: it is not one that was written by `feature_document`.
    """
    problems: list[Problem] = []
    feature = read_feature(Fields(document, path="", problems=problems))
    check(not problems, f"a stored feature cannot be read: {problems[:1]}")
    return feature


def _read_entitlement(fields: Fields) -> Entitlement:
    limit = fields.read_or("limit", NUMBER, None)
    granted = Entitlement(
        feature=fields.read("feature", KEY),
        enabled=fields.read_or("enabled", FLAG, default=True),
        value=fields.read_or("value", TEXT, ""),
        limit=limit,
        adds=fields.read_or("adds", FLAG, default=False),
        overage=read_overage(fields, limit),
        burst=read_positive(fields, "burst"),
    )
    if granted.limit is not None and granted.limit < 0:
        fields.note("wrong_value", '"limit" must be a number of 0 or more', "limit")
    if len(granted.value) > VALUE_CHARS_MAX:
        fields.note("wrong_value", f'"value" has at most {VALUE_CHARS_MAX} characters', "value")
    if granted.adds and granted.limit is None:
        message = '"adds" needs a "limit" that comes on top of what is granted already'
        fields.note("wrong_value", message, "adds")
    if granted.burst is not None and granted.limit is None:
        fields.note("wrong_value", '"burst" is of a "limit"; say both', "burst")
    if not granted.enabled and (granted.value or granted.limit is not None):
        message = '"enabled: false" takes the feature away; leave out what else is granted of it'
        fields.note("wrong_value", message, "enabled")
    return granted


def _misfits(granted: Entitlement, known: Featured) -> Iterator[Problem]:
    """Yield what does not go with the kind of the feature."""
    if granted.feature not in known.features:
        if granted.feature not in known.keys:
            message = (
                f'unknown feature "{granted.feature}"{suggestion(granted.feature, known.keys)}'
            )
            yield Problem(code="unknown_reference", message=message, field="feature")
        return
    kind = known.features[granted.feature].kind
    yield from _limit_misfits(granted, kind, known.plans)
    if granted.limit is not None and not kind.is_limited:
        message = f'"limit" is not granted of a {kind.value}; leave it out'
        yield Problem(code="wrong_value", message=message, field="limit")
    if granted.enabled and (kind is FeatureKind.VALUE) is (not granted.value):
        message = f'"value" is granted of a value, and of no other kind; this is a {kind.value}'
        yield Problem(code="wrong_value", message=message, field="value")


def _limit_misfits(
    granted: Entitlement, kind: FeatureKind, plans: Collection[str]
) -> Iterator[Problem]:
    """Yield what is said of a limit and does not go with the kind of the feature."""
    if granted.burst is not None and kind is not FeatureKind.RATE:
        message = f'"burst" is granted of a rate; this is a {kind.value}'
        yield Problem(code="wrong_value", message=message, field="burst")
    overage = granted.overage
    if overage is None or not kind.is_limited:
        return
    for problem in overage_misfits(overage, kind):
        yield replace(problem, field=f"overage.{problem.field}")
    if overage.upgrade_to and overage.upgrade_to not in plans:
        message = f'unknown plan "{overage.upgrade_to}"{suggestion(overage.upgrade_to, plans)}'
        yield Problem(code="unknown_reference", message=message, field="overage.upgrade_to")


def _policy_name(fields: Fields) -> str:
    name = fields.read_or("policy_name", TEXT, "")
    if name and _POLICY_NAME.fullmatch(name) is None:
        message = '"policy_name" is made of small letters, digits and _, such as api_calls'
        fields.note("wrong_value", message, "policy_name")
    return name


def _read_window(fields: Fields) -> Window:
    if not fields.has("window"):
        return Window()
    inner = fields.inside("window")
    every = read_interval(inner, "every") if inner.has("every") else None
    seconds = inner.read_or("rolling_seconds", WHOLE, None)
    inner.finish()
    if (every is None) is (seconds is None):
        message = '"window" says "every" or "rolling_seconds"; write one of them'
        fields.note("wrong_value", message, "window")
    most = ROLLING_MAX // timedelta(seconds=1)
    if seconds is not None and seconds > most:
        inner.note("wrong_value", f'"rolling_seconds" is at most {most}', "rolling_seconds")
        seconds = None
    return Window(every=every, rolling=None if seconds is None else timedelta(seconds=seconds))
