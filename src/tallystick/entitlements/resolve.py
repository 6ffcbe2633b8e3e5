"""
What layers grant together: the later one wins, or adds, as it declares.

    plan pro@3 grants 50 users, add-on seats@1 adds 5, taken twice:  60 = 50 + 10
    a contract that grants 40 users without adding:                  40

The layer that states a limit states what becomes of use beyond it, too; a layer that adds changes
that only where it says so, and raises a hard limit by as much as the limit.

    pro: 50 users, never beyond 60; seats adds 5, taken twice:  60 users, never beyond 70

Source: the project's semantics, "Quotas".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tallystick.catalog import Entitlement, Feature, Overage
from tallystick.entitlements.layers import Layer
from tallystick.entitlements.wording import overage_text
from tallystick.kernel import EXACT, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """
    What one layer has to do with what is granted.

    Attributes:
        layer: its name.
        text: what it grants, for people: ``on``, ``gold``, ``50``, ``+ 10``, ``unlimited``.
    """

    layer: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitled:
    """
    What is granted of a feature.

    Attributes:
        enabled: whether it may be used at all.
        value: of a feature of kind ``value``.
        limit: exact, 0 or more; None: no limit, or a kind without one.
        overage: what becomes of use beyond the limit; None: it is blocked.
        burst: of a rate: so much at once; None: as much as the limit.
        sources: the layers from which it follows, the lowest first.
    """

    feature: Feature
    enabled: bool
    value: str = ""
    limit: Decimal | None = None
    overage: Overage | None = None
    burst: Decimal | None = None
    sources: tuple[Granted, ...] = ()


def resolve(
    features: Mapping[str, Feature], layers: Iterable[Layer], *, onto: Iterable[Entitled] = ()
) -> tuple[Entitled, ...]:
    """
    Return what is granted of each feature that any layer names, in the order of their keys.

    A limit that adds comes on top of the one before; nothing comes on top of no limit, and where
    nothing was granted it stands alone.  A feature that no layer names is not granted.

    Example:
        >>> from tallystick.catalog import FeatureKind
        >>> users = Feature(key="users", kind=FeatureKind.LEVEL, unit="user")
        >>> fifty = Entitlement(feature="users", limit=Decimal(50))
        >>> pro = Layer(name="plan pro@3", grants=(fifty,))
        >>> seats = Entitlement(feature="users", limit=Decimal(5), adds=True)
        >>> twice = Layer(name="add-on seats@1", grants=(seats,), times=Decimal(2))
        >>> (found,) = resolve({"users": users}, [pro, twice])
        >>> entitled_text(found), [f"{one.text} from {one.layer}" for one in found.sources]
        ('60 user', ['50 from plan pro@3', '+ 10 from add-on seats@1'])

    Args:
        features: at least those that layers name.
        layers: the lowest first.
        onto: what is granted below all of them.

    Raises:
        KeyError: a layer grants a feature that nobody declares.
    """
    found = {one.feature.key: one for one in onto}
    for layer in layers:
        for granted in layer.grants:
            feature = features[granted.feature]
            before = found.get(granted.feature, Entitled(feature=feature, enabled=False))
            found[granted.feature] = (
                _added(before, granted, layer) if granted.adds else _stated(feature, granted, layer)
            )
    return tuple(found[key] for key in sorted(found))


def entitled_text(entitled: Entitled) -> str:
    """Return what is granted, for people: ``on``, ``off``, ``gold``, ``60 user``, ``unlimited``."""
    if not entitled.enabled:
        return "off"
    if entitled.value:
        return entitled.value
    if not entitled.feature.kind.is_limited:
        return "on"
    if entitled.limit is None:
        return "unlimited"
    return " ".join(filter(None, (plain(entitled.limit), entitled.feature.unit)))


def granted_text(entitled: Entitled) -> str:
    """Return what is granted with what becomes of use beyond it: ``50 user, then charged``."""
    burst = "" if entitled.burst is None else f"{plain(entitled.burst)} at once"
    beyond = overage_text(entitled.overage) if entitled.limit is not None else ""
    return ", ".join(filter(None, (entitled_text(entitled), burst, beyond)))


def _stated(feature: Feature, granted: Entitlement, layer: Layer) -> Entitled:
    stated = Entitled(
        feature=feature,
        enabled=granted.enabled,
        value=granted.value,
        limit=granted.limit,
        overage=granted.overage,
        burst=granted.burst,
    )
    text = entitled_text(replace(stated, feature=replace(feature, unit="")))
    return replace(stated, sources=(Granted(layer=layer.name, text=text),))


def _added(before: Entitled, granted: Entitlement, layer: Layer) -> Entitled:
    more = EXACT.multiply(granted.limit or Decimal(0), layer.times)
    sources = (*before.sources, Granted(layer=layer.name, text=f"+ {plain(more)}"))
    if before.enabled and before.limit is None:
        return replace(before, sources=sources)
    return replace(
        before,
        enabled=True,
        limit=EXACT.add(before.limit or Decimal(0), more),
        overage=granted.overage or raised_overage(before.overage, more),
        burst=before.burst if granted.burst is None else granted.burst,
        sources=sources,
    )


def raised_overage(overage: Overage | None, more: Decimal) -> Overage | None:
    """Return an overage whose hard limit keeps its distance to a limit that was added to."""
    if overage is None or overage.hard_limit is None:
        return overage
    return replace(overage, hard_limit=EXACT.add(overage.hard_limit, more))
