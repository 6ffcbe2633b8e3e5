"""Quotas over the wire: what is asked, and the decision."""

from tallystick.api.schemas.quotas.asks import ORDERS, Many, QuotaOrder, asks_of
from tallystick.api.schemas.quotas.decisions import (
    DecisionItem,
    DecisionsAnswer,
    UsageItem,
    UsageOfQuotas,
    wire_from_decision,
    wire_from_usage,
)

__all__ = [
    "ORDERS",
    "DecisionItem",
    "DecisionsAnswer",
    "Many",
    "QuotaOrder",
    "UsageItem",
    "UsageOfQuotas",
    "asks_of",
    "wire_from_decision",
    "wire_from_usage",
]
