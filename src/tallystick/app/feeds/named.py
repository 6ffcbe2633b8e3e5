"""The five feeds: for whom each is, what it tells, what it takes."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from tallystick.app.facts import FACTS
from tallystick.app.feeds.standing_items import (
    OverageRisk,
    PlanFeatures,
    TenantConsumption,
)
from tallystick.app.feeds.taken_items import UsageInsight
from tallystick.app.triggers import OFFERED, UpgradeOffered

USAGE_METRICS = "UsageMetrics"
INSIGHT = "usage.insight"
"""The topic of patterns and trends that others found."""
TOLD: dict[str, type[msgspec.Struct]] = {
    **FACTS,
    OFFERED: UpgradeOffered,
    INSIGHT: UsageInsight,
}
"""What happened, by the topic of its messages."""
STANDING: dict[str, type[msgspec.Struct]] = {
    each.__name__: each for each in (TenantConsumption, OverageRisk, PlanFeatures)
}
"""What stands now, by kind; `UsageMetrics` has a schema of its own."""


class FeedName(StrEnum):
    """The feeds, by the systems that they are for."""

    TENANT_MANAGEMENT = "tenant-management"
    PLATFORM_COST = "platform-cost"
    FEATURE_TOGGLES = "feature-toggles"
    ANALYTICS = "analytics"
    CUSTOMER_SUCCESS = "customer-success"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """
    A feed.

    Attributes:
        told: topics of what happened, told in order.
        standing: kinds of what stands now, each asked for by itself.
        taken: kinds of what it takes.
    """

    name: FeedName
    summary: str
    told: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


FEEDS: dict[str, Feed] = {
    each.name.value: each
    for each in (
        Feed(
            name=FeedName.TENANT_MANAGEMENT,
            summary="Usage alerts, enforcement and migrations of tenants.",
            told=("UsageThresholdBreached", "QuotaEnforced", "PlanMigrated", "PaymentFailed"),
            taken=("TenantConfiguration", "EditionAssignment", "QuotaDefinition"),
        ),
        Feed(
            name=FeedName.PLATFORM_COST,
            summary="Consumption per tenant.",
            standing=("TenantConsumption",),
            taken=("InfrastructureCost",),
        ),
        Feed(
            name=FeedName.FEATURE_TOGGLES,
            summary="Which plan grants which feature, and changes of plan.",
            told=("PlanMigrated",),
            standing=("PlanFeatures",),
        ),
        Feed(
            name=FeedName.ANALYTICS,
            summary="Usage, trends and projections of tenants; anomalies.",
            told=("usage_anomaly_detected", INSIGHT, "UsageThresholdBreached"),
            standing=(USAGE_METRICS, "TenantConsumption"),
            taken=("UsageInsight", "UsageAnomaly"),
        ),
        Feed(
            name=FeedName.CUSTOMER_SUCCESS,
            summary="How tenants use what they have, who nears a limit, to whom to offer more.",
            told=(OFFERED, "UsageThresholdBreached", "PlanMigrated"),
            standing=("OverageRisk", USAGE_METRICS),
        ),
    )
}
