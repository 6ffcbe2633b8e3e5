"""
The layers of a contract at an instant: its plan version, its add-ons, then what it grants itself.

    plan pro@3            users 50
    add-on seats@1 x 2    users + 5 each
    contract acme-pro     sso

Entitlement switches at the instant of a change, whatever becomes of money.
Source: the project's semantics, "Time and periods" and "Quotas".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.catalog import Entitlement, PlanVersion, Subscription
from tallystick.kernel import plain
from tallystick.subscriptions import is_usable, timeline

_ONCE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """
    What one place grants.

    Attributes:
        name: of the place, for people: ``plan pro@3``, ``add-on seats@1 x 2``, ``contract acme``.
        grants: each of another feature.
        times: how often a limit that adds is added.
    """

    name: str
    grants: tuple[Entitlement, ...]
    times: Decimal = _ONCE


def layers_at(
    contract: Subscription, plans: Iterable[PlanVersion], at: datetime
) -> tuple[Layer, ...]:
    """
    Return the layers of a contract at an instant, the lowest first.

    A contract that may not be used then (not begun, ended, or blocked) has none.  Before its start,
    where it may be used already, it grants what it begins with.

    Args:
        contract: as declared, with its changes.
        plans: at least every plan version that the contract names.
        at: the instant of the decision.

    Raises:
        InvariantBroken: a plan version that the contract names is missing.
    """
    if not is_usable(contract, at):
        return ()
    segments = timeline(contract, plans)
    if not segments:
        return ()
    begun = [segment.terms for segment in segments if segment.start <= at]
    terms = begun[-1] if begun else segments[0].terms
    return (
        Layer(name=f"plan {_name(terms.plan)}", grants=terms.plan.entitlements),
        *(
            Layer(
                name=f"add-on {_name(taken.plan)}" + _times(taken.quantity),
                grants=taken.plan.entitlements,
                times=taken.quantity,
            )
            for taken in terms.add_ons
        ),
        Layer(name=f"contract {contract.key}", grants=tuple(_own(contract, at))),
    )


def _own(contract: Subscription, at: datetime) -> Iterator[Entitlement]:
    """Yield what a contract itself grants at an instant, the latest said of each feature."""
    found = {granted.feature: granted for granted in contract.entitlements}
    for change in contract.changes:
        if change.at <= max(at, contract.start):
            for feature in change.plan_entitlements:
                found.pop(feature, None)
            found |= {granted.feature: granted for granted in change.entitlements}
    yield from (found[key] for key in sorted(found))


def _name(plan: PlanVersion) -> str:
    return f"{plan.plan}@{plan.version}"


def _times(quantity: Decimal) -> str:
    return "" if quantity == _ONCE else f" x {plain(quantity)}"
