"""
The names by which a quota policy speaks of features.

| feature | limit | overage, rate |
|---|---|---|
| level users | `max_users` | `users` |
| metered storage, in the billing period, unit GB | `max_storage_gb` | `storage`, `storage_per_gb` |
| metered api-calls, each month | `max_api_calls_per_month` | `api_calls`, `api_calls_per_1000` |
| rate api-rate, each minute | `api_rate_limit_per_minute` | `api_rate` |
| switch sso | `sso`, in `features` | |

A feature answers to its `policy_name`, else to its key with `_` for what is no letter or digit.  A
policy name may end with the unit of bytes or time in which the policy counts, as `storage_gb`;
without one, that of the feature's meter is meant.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tallystick.catalog.features import Feature, FeatureKind
from tallystick.kernel import KNOWN_UNITS, MeterKey, Misuse, conversion, unit
from tallystick.metering import Meter

_MEASURED = ("byte", "second")
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """
    A feature as policies speak of it.

    Attributes:
        feature: which.
        name: as overage policies and rates name it; of a switch, as `features` does.
        limit: the name of its limit; empty: a policy cannot say it.
        unit: in which the policy counts; empty: as the feature does.
        counted: the unit in which its limit is granted; empty where it has no meter.
    """

    feature: Feature
    name: str
    limit: str
    unit: str = ""
    counted: str = ""

    @property
    def factors(self) -> tuple[int, int]:
        """Give what a number of the policy is multiplied and divided by to be granted."""
        return conversion(unit(self.unit), unit(self.counted)) if self.unit else (1, 1)


def named_features(
    features: Iterable[Feature], meters: Mapping[MeterKey, Meter]
) -> tuple[Named, ...]:
    """Return how policies speak of features, in the order of their keys."""
    return tuple(_named(one, meters) for one in sorted(features, key=lambda one: one.key))


def measured_unit(word: str) -> str:
    """
    Return the unit of bytes or time that a word of a policy means, empty if none.

    Example:
        >>> measured_unit("gb"), measured_unit("calls")
        ('GB', '')
    """
    found = [one for one in sorted(KNOWN_UNITS) if one.lower() == word.lower() and _measures(one)]
    return found[0] if found else ""


def _named(feature: Feature, meters: Mapping[MeterKey, Meter]) -> Named:
    meter = meters.get(feature.meter) if feature.meter is not None else None
    counted = meter.quantity_unit if meter is not None else ""
    name = feature.policy_name or _NO_WORD.sub("_", feature.key.lower()).strip("_")
    head, _, last = name.rpartition("_")
    written = measured_unit(last) if head and meter is not None else ""
    if written and converts(written, counted):
        name = head
    else:
        written = counted if meter is not None and _measures(counted) else ""
    return Named(
        feature=feature,
        name=name,
        limit=_limit_name(feature, name, written),
        unit=written,
        counted=counted,
    )


def _limit_name(feature: Feature, name: str, written: str) -> str:
    match feature.kind:
        case FeatureKind.LEVEL:
            return f"max_{name}"
        case FeatureKind.RATE if feature.per is not None:
            return f"{name}_limit_per_{feature.per.value}"
        case FeatureKind.METERED if feature.window.rolling is None:
            every = feature.window.every
            if every is not None and every.count != 1:
                return ""
            in_unit = f"_{written.lower()}" if written else ""
            return f"max_{name}{in_unit}" + (f"_per_{every.of.value}" if every else "")
        case _:
            return ""


def _measures(name: str) -> bool:
    return any(converts(name, each) for each in _MEASURED)


def converts(one: str, other: str) -> bool:
    """Tell whether two units that everybody knows measure the same."""
    try:
        conversion(unit(one), unit(other))
    except Misuse:
        return False
    return True
