"""What becomes of what a contract grants, from one state of its layers to another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tallystick.catalog import Feature
from tallystick.entitlements.layers import Layer
from tallystick.entitlements.resolve import Entitled, granted_text, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureChange:
    """
    What is granted of a feature before and after, for people; None: nothing grants it.

    Where more is said of use beyond the limit than that it is blocked, or of a burst, it stands
    behind the limit: ``500000 call, then 50 each minute``.
    """

    feature: Feature
    before: str | None
    after: str | None


def feature_changes(
    features: Mapping[str, Feature], before: Iterable[Layer], after: Iterable[Layer]
) -> tuple[FeatureChange, ...]:
    """Return each feature of which something else is granted, in the order of their keys."""
    return entitled_changes(resolve(features, before), resolve(features, after))


def entitled_changes(
    before: Iterable[Entitled], after: Iterable[Entitled]
) -> tuple[FeatureChange, ...]:
    """Return each feature of which something else is granted, in the order of their keys."""
    old, new = ({each.feature.key: each for each in granted} for granted in (before, after))
    features = {each.feature.key: each.feature for each in (*old.values(), *new.values())}
    found = (
        FeatureChange(feature=features[key], before=_text(old.get(key)), after=_text(new.get(key)))
        for key in sorted({**old, **new})
    )
    return tuple(each for each in found if each.before != each.after)


def _text(entitled: Entitled | None) -> str | None:
    return None if entitled is None else granted_text(entitled)
