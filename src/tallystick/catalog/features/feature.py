"""
A feature: what may be used, of one of five kinds, which a plan or contract grants so much of.

    advanced-reporting   switch    on or off
    support              value     a word: "gold"
    api-calls            metered   500,000 of meter api_calls each month
    users                level     50 at once
    api-rate             rate      300 each minute

A product is the name under which plans and features are sold together.  What an account is granted
at an instant is resolved in package ``entitlements``.

Source: the project's semantics, "Quotas".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tallystick.catalog.features.slowing import Protection, RateUnit
from tallystick.kernel import Interval, MeterKey, Problem

ROLLING_MAX = timedelta(days=366)


class FeatureKind(StrEnum):
    """What a feature grants."""

    SWITCH = "switch"
    VALUE = "value"
    METERED = "metered"
    LEVEL = "level"
    RATE = "rate"

    @property
    def is_limited(self) -> bool:
        """Tell whether it is granted as a number, and more of it can be added."""
        return self in {FeatureKind.METERED, FeatureKind.LEVEL, FeatureKind.RATE}


class Unreachable(StrEnum):
    """What becomes of an ask where nobody can be asked: it passes, or is refused."""

    FAIL_OPEN = "fail_open"
    FAIL_CLOSED = "fail_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """
    In what time a metered feature is counted; neither: in the billing period of the contract.

    Attributes:
        every: calendar periods of this length in the payer's zone.
        rolling: the time of this length before each decision, more than 0 and at most 366 days.
    """

    every: Interval | None = None
    rolling: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What plans and features are sold under; ``name`` is empty where its key says enough."""

    key: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """
    What plans and contracts may grant.

    Attributes:
        name: as people read it; empty: its key.
        product: key of the product to which it belongs; empty: none.
        meter: by which use of a ``metered`` feature is counted; None for other kinds.
        unit: what is counted, for people: of a ``metered`` feature that of its meter.
        window: in which a ``metered`` feature is counted anew.
        per: the time of a ``rate``.
        if_unreachable: what becomes of an ask where the server cannot be reached.
        policy_name: how quota policies call it; empty: as its key.
        anomalies: of a ``metered`` feature, what is done by itself against use that is not as it
            was; None: somebody is told, no more.
    """

    key: str
    kind: FeatureKind
    name: str = ""
    product: str = ""
    meter: MeterKey | None = None
    unit: str = ""
    window: Window = Window()
    per: RateUnit | None = None
    if_unreachable: Unreachable = Unreachable.FAIL_CLOSED
    policy_name: str = ""
    anomalies: Protection | None = None


def feature_problems(feature: Feature) -> Iterator[Problem]:
    """
    Yield what a feature contradicts itself in.

    Problems:
        wrong_value, missing_field: with the field concerned.

    Example:
        >>> odd = Feature(key="api-rate", kind=FeatureKind.RATE)
        >>> [problem.field for problem in feature_problems(odd)]
        ['per']
    """
    kind = feature.kind
    if (kind is FeatureKind.METERED) is (feature.meter is None):
        yield _wrong(
            "meter",
            f'"meter" is said of a metered feature, and of no other; this is a {kind.value}',
        )
    if (kind is FeatureKind.RATE) is (feature.per is None):
        yield _wrong("per", '"per" (second or minute) is said of a rate, and of nothing else')
    if kind is not FeatureKind.METERED and feature.window != Window():
        yield _wrong("window", f'"window" is said of a metered feature; this is a {kind.value}')
    if kind is not FeatureKind.METERED and feature.anomalies is not None:
        message = f'"anomalies" is said of a metered feature; this is a {kind.value}'
        yield _wrong("anomalies", message)
    if feature.unit and kind in {FeatureKind.METERED, FeatureKind.SWITCH, FeatureKind.VALUE}:
        yield _wrong("unit", '"unit" is said of a level or rate; a meter has its own')
    rolling = feature.window.rolling
    if rolling is not None and not timedelta(0) < rolling <= ROLLING_MAX:
        yield _wrong(
            "window", f"a rolling window is longer than 0 and at most {ROLLING_MAX.days} days"
        )


def _wrong(field: str, message: str) -> Problem:
    return Problem(code="wrong_value", message=message, field=field)
