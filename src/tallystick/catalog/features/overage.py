"""
Overage: what becomes of use beyond a limit.

    api-calls   500,000, then throttle to 50 each minute, and offer the next plan
    storage     25 GB, then block uploads after a grace of 7 days; never beyond 30 GB
    users       50, then block

A limit of which nothing is said blocks.  What a layer says of overage is resolved in package
``entitlements``; what an ask is told is decided in ``quotas``.

Source: the project's semantics, "Quotas".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tallystick.catalog.features.feature import FeatureKind
from tallystick.catalog.features.slowing import Throttle
from tallystick.kernel import Problem


class OverageAction(StrEnum):
    """What is done with use beyond a limit."""

    BLOCK = "block"
    THROTTLE = "throttle"
    CHARGE = "charge"
    AUTO_UPGRADE = "auto_upgrade"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grace:
    """
    How far use may pass a limit before the action begins; each bound that is said holds it.

    Attributes:
        days: 1 to 365, each of 24 hours, from the instant at which the limit was passed.
        percent: of the limit, more than 0.
        units: in the unit of the limit, more than 0.
    """

    days: int | None = None
    percent: Decimal | None = None
    units: Decimal | None = None


NO_GRACE = Grace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overage:
    """
    What becomes of use beyond a limit.

    Attributes:
        operation: of ``block``: asks that name this operation, or none, are refused, others are
            not; empty: every ask is refused.
        throttle: of ``throttle``: the rate.
        grace: before a block, throttle or upgrade begins.
        hard_limit: a total that is never passed, whatever the action and grace.
        notify: whether the account is told.
        offer: whether answers name the next plan.
        upgrade_to: key of the plan of ``auto_upgrade`` or of the offer; empty: none is named.
    """

    action: OverageAction
    operation: str = ""
    throttle: Throttle | None = None
    grace: Grace = NO_GRACE
    hard_limit: Decimal | None = None
    notify: bool = True
    offer: bool = False
    upgrade_to: str = ""


_OF_RATE = frozenset({OverageAction.BLOCK, OverageAction.AUTO_UPGRADE, OverageAction.NOTIFY})
_PASSES = frozenset({OverageAction.CHARGE, OverageAction.NOTIFY})


def overage_problems(overage: Overage, limit: Decimal | None) -> Iterator[Problem]:
    """
    Yield what an overage contradicts itself or its limit in.

    Args:
        overage: what is said.
        limit: what the same layer grants; None: as much as is wanted.

    Problems:
        wrong_value, missing_field: with the field concerned, below that of the overage.

    Example:
        >>> slow = Overage(action=OverageAction.THROTTLE, hard_limit=Decimal(40))
        >>> [problem.field for problem in overage_problems(slow, Decimal(50))]
        ['throttle', 'hard_limit']
    """
    action = overage.action
    if limit is None:
        yield _wrong("", 'nothing is beyond a limit that is not there; say a "limit"')
    if (action is OverageAction.THROTTLE) is (overage.throttle is None):
        yield _wrong(
            "throttle", '"throttle" (limit, per) is said with action throttle, and with no other'
        )
    if overage.operation and action is not OverageAction.BLOCK:
        yield _wrong("operation", f'"operation" is said with action block; this is {action.value}')
    if overage.grace != NO_GRACE and action in _PASSES:
        message = f"action {action.value} refuses nothing, so there is no grace; leave it out"
        yield _wrong("grace", message)
    if limit is not None and overage.hard_limit is not None and overage.hard_limit < limit:
        yield _wrong("hard_limit", '"hard_limit" is never passed; it is at least "limit"')
    if action is OverageAction.AUTO_UPGRADE and not overage.upgrade_to:
        yield _wrong("upgrade_to", "action auto_upgrade needs the plan that it upgrades to")
    if overage.upgrade_to and not (overage.offer or action is OverageAction.AUTO_UPGRADE):
        message = '"upgrade_to" is said with action auto_upgrade or "offer: true"'
        yield _wrong("upgrade_to", message)


def overage_misfits(overage: Overage, kind: FeatureKind) -> Iterator[Problem]:
    """
    Yield what does not go with the kind of the feature; the kind itself has a limit.

    A rate begins anew with each moment: it is not throttled to another, has a burst in place of a
    grace, and what passes it is counted, and charged, by a feature with a meter.
    """
    if overage.action is OverageAction.THROTTLE and kind is not FeatureKind.METERED:
        yield _wrong("action", f"a metered feature is throttled; this is a {kind.value}")
    elif kind is FeatureKind.RATE and overage.action not in _OF_RATE:
        yield _wrong("action", f"a rate blocks, notifies or upgrades; not {overage.action.value}")
    if kind is FeatureKind.RATE and overage.grace != NO_GRACE:
        yield _wrong("grace", 'a rate has no grace; grant a "burst"')


def _wrong(field: str, message: str) -> Problem:
    return Problem(code="wrong_value", message=message, field=field)
