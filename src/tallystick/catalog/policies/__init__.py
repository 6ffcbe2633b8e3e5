"""Quota policies: plans as limits, overage and rates under names that systems agree on."""

from tallystick.catalog.policies.applying import with_policies
from tallystick.catalog.policies.schema import policy_schema
from tallystick.catalog.policies.telling import ToldPlan, policy_of_plan

__all__ = ["ToldPlan", "policy_of_plan", "policy_schema", "with_policies"]
