"""An account's contract over time: its terms, its billing periods, the shares of their parts."""

from tallystick.catalog import AddOn, ContractChange, Quantities, Subscription
from tallystick.subscriptions.entitled import (
    EntitlementChange,
    change_warnings,
    entitlement_changes,
)
from tallystick.subscriptions.moving import PlanMove, moves_ahead
from tallystick.subscriptions.periods import (
    BillingPeriod,
    billing_periods,
    periods,
    walk_periods,
    whole_period,
)
from tallystick.subscriptions.proration import (
    prorate,
    share_of,
    share_of_part,
    share_of_period,
)
from tallystick.subscriptions.timeline import (
    AgreedPrice,
    Segment,
    TakenAddOn,
    Terms,
    blocks_at,
    change_id,
    is_usable,
    manual_line_id,
    named_plans,
    plan_at,
    timeline,
)
from tallystick.subscriptions.walked import Walk, Walked

__all__ = [
    "AddOn",
    "AgreedPrice",
    "BillingPeriod",
    "ContractChange",
    "EntitlementChange",
    "PlanMove",
    "Quantities",
    "Segment",
    "Subscription",
    "TakenAddOn",
    "Terms",
    "Walk",
    "Walked",
    "billing_periods",
    "blocks_at",
    "change_id",
    "change_warnings",
    "entitlement_changes",
    "is_usable",
    "manual_line_id",
    "moves_ahead",
    "named_plans",
    "periods",
    "plan_at",
    "prorate",
    "share_of",
    "share_of_part",
    "share_of_period",
    "timeline",
    "walk_periods",
    "whole_period",
]
