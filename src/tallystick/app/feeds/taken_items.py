"""What feeds take; over the wire in camel case, as facts are."""

from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec

from tallystick.app.keys import Scope
from tallystick.app.triggers import AnomalyDetected

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Reason: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Exact: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{1,20}(\.[0-9]{1,18})?$",
        description="An exact decimal number, not below 0.",
        examples=["1250.5"],
    ),
]


class _Item(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What every item has in common: fields that are not known are refused."""


class TenantConfiguration(_Item, frozen=True, kw_only=True, rename="camel"):
    """
    A tenant, as an account in a catalog file has it, whole: what it leaves out, he has not.

    Attributes:
        account: without its key, which is the tenant's.
    """

    tenant_id: Name
    account: dict[Name, Any]


class EditionAssignment(_Item, frozen=True, kw_only=True, rename="camel"):
    """
    The contract of a tenant is to be of a plan version: an upgrade now, a downgrade next period.

    Attributes:
        subscription_id: of a contract that stands.
    """

    tenant_id: Name
    subscription_id: Name
    plan: Name
    version: Annotated[int, msgspec.Meta(ge=1)]


class QuotaDefinition(_Item, frozen=True, kw_only=True, rename="camel"):
    """
    What a tenant may use of a feature from now on, over what his contracts grant.

    Attributes:
        limit: null: there is none.
    """

    tenant_id: Name
    resource_type: Name
    limit: Exact | None
    reason: Reason


class InfrastructureCost(_Item, frozen=True, kw_only=True, rename="camel"):
    """
    What a resource of the platform cost in a period, half-open, and how well it was used.

    Attributes:
        tenant_id: whose it is; null: shared.
        usage: of it, in ``unit``; null: not known.
        efficiency_percent: how much of what was paid for was used; null: not known.
    """

    period_start: datetime
    period_end: datetime
    resource: Name
    amount: Exact
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    tenant_id: Name | None = None
    usage: Exact | None = None
    unit: Annotated[str, msgspec.Meta(max_length=50)] = ""
    efficiency_percent: Exact | None = None


class UsageInsight(_Item, frozen=True, kw_only=True, rename="camel"):
    """
    A pattern or trend of a tenant's usage that somebody else found.

    Attributes:
        insight: ``pattern`` or ``trend``.
        details: by name; fractions as texts.
    """

    tenant_id: Name
    resource_type: Name
    insight: Annotated[str, msgspec.Meta(pattern="^(pattern|trend)$")]
    message: Reason
    details: Annotated[dict[Name, str | int | bool | None], msgspec.Meta(max_length=50)] = {}


class UsageAnomaly(AnomalyDetected, frozen=True, kw_only=True, rename="camel"):
    """Usage that is not as it was: what the trigger `usage_anomaly_detected` says."""


TakenItem: TypeAlias = (
    TenantConfiguration
    | EditionAssignment
    | QuotaDefinition
    | InfrastructureCost
    | UsageInsight
    | UsageAnomaly
)
TAKEN: dict[str, type[TakenItem]] = {
    "TenantConfiguration": TenantConfiguration,
    "EditionAssignment": EditionAssignment,
    "QuotaDefinition": QuotaDefinition,
    "InfrastructureCost": InfrastructureCost,
    "UsageInsight": UsageInsight,
    "UsageAnomaly": UsageAnomaly,
}
SCOPES: dict[str, Scope] = {
    "TenantConfiguration": Scope.ADMIN,
    "UsageInsight": Scope.QUOTA,
    "UsageAnomaly": Scope.QUOTA,
}
"""What a key needs to send an item; where nothing is said, ``billing``."""
