"""What a trigger says, by its kind; over the wire in camel case, as facts are."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec

from tallystick.app.keys import Scope
from tallystick.kernel import Done, Outcome, Refused, refuse
from tallystick.payments import card_number_problem

REASON_MAX = 500
EVIDENCE_MAX = 50

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Reason: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_MAX)]
EvidenceText: TypeAlias = Annotated[str, msgspec.Meta(max_length=REASON_MAX)]
Evidence: TypeAlias = Annotated[
    dict[Name, EvidenceText | int | bool | None],
    msgspec.Meta(
        max_length=EVIDENCE_MAX,
        description="What speaks for it, by name; fractions as texts.",
        examples=[{"usual": "120", "seen": "4100"}],
    ),
]


class Kind(StrEnum):
    """The workflows that can be started, by the type of the event that starts each."""

    USAGE_THRESHOLD_APPROACHING = "usage_threshold_approaching"
    BILLING_CYCLE_STARTED = "billing_cycle_started"
    PLAN_UPGRADE_REQUESTED = "plan_upgrade_requested"
    PLAN_DOWNGRADE_REQUESTED = "plan_downgrade_requested"
    USAGE_ANOMALY_DETECTED = "usage_anomaly_detected"
    PAYMENT_FAILED = "payment_failed"

    @property
    def scope(self) -> Scope:
        """Return what a key needs to start it; what restricts needs ``billing`` besides."""
        is_watching = self in {Kind.USAGE_THRESHOLD_APPROACHING, Kind.USAGE_ANOMALY_DETECTED}
        return Scope.QUOTA if is_watching else Scope.BILLING


class _Said(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What every kind has in common: fields that are not known are refused."""


class ThresholdApproaching(_Said, frozen=True, kw_only=True, rename="camel"):
    """Usage of a feature nears its limit, somebody found."""

    tenant_id: Name
    resource_type: Name


class BillingCycleStarted(_Said, frozen=True, kw_only=True, rename="camel"):
    """A billing cycle began; without a tenant, everybody's."""

    tenant_id: Name | None = None


class PlanRequested(_Said, frozen=True, kw_only=True, rename="camel"):
    """A contract is to be of another plan version."""

    subscription_id: Name
    plan: Name
    version: Annotated[int, msgspec.Meta(ge=1)]


class AnomalyDetected(_Said, frozen=True, kw_only=True, rename="camel"):
    """
    Usage is not as it was, somebody found.

    Attributes:
        restrict: True: the account may use nothing of the feature until somebody lifts that.
    """

    tenant_id: Name
    resource_type: Name
    reason: Reason
    evidence: Evidence = {}
    restrict: bool = False


class PaymentFailure(_Said, frozen=True, kw_only=True, rename="camel"):
    """
    A payment of an invoice failed.

    Attributes:
        retry_count: how many tries went before.
        restrict: True: the payer may use nothing until somebody lifts that.
    """

    invoice_id: Name
    reason: Reason
    retry_count: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    restrict: bool = False


Said: TypeAlias = (
    ThresholdApproaching | BillingCycleStarted | PlanRequested | AnomalyDetected | PaymentFailure
)
KINDS: dict[Kind, type[Said]] = {
    Kind.USAGE_THRESHOLD_APPROACHING: ThresholdApproaching,
    Kind.BILLING_CYCLE_STARTED: BillingCycleStarted,
    Kind.PLAN_UPGRADE_REQUESTED: PlanRequested,
    Kind.PLAN_DOWNGRADE_REQUESTED: PlanRequested,
    Kind.USAGE_ANOMALY_DETECTED: AnomalyDetected,
    Kind.PAYMENT_FAILED: PaymentFailure,
}


def kind_of(name: str) -> Outcome[Kind]:
    """
    Return the kind of a name.

    Problems:
        unknown_trigger: there is none of this name.

    Example:
        >>> kind_of("payment_failed")
        Done(value=<Kind.PAYMENT_FAILED: 'payment_failed'>)
    """
    known = [one.value for one in Kind]
    if name in known:
        return Done(Kind(name))
    message = f"there is no trigger {name[:80]!r}; there are {', '.join(known)}"
    return refuse("unknown_trigger", message, "type")


def said(kind: Kind, data: Mapping[str, object]) -> Outcome[Said]:
    """
    Return what a trigger says.

    Problems:
        wrong_value: it does not say what its kind needs, or says more.
        card_number: its reason holds what looks like one; it is not told back.
    """
    try:
        found: Any = msgspec.convert(dict(data), KINDS[kind])
    except msgspec.ValidationError as error:
        return refuse("wrong_value", f"data of {kind.value}: {error}", "data")
    card = card_number_problem(getattr(found, "reason", ""), "data.reason")
    if card is not None:
        return Refused((card,))
    read: Said = found
    return Done(read)
