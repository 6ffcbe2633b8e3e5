"""`tallystick entitlement` and `quota-policy`: what accounts may use; plans as policies."""

from tallystick.cli.entitled.commands import entitlement_app
from tallystick.cli.entitled.config import billing_config
from tallystick.cli.entitled.metrics import usage_metrics
from tallystick.cli.entitled.policies import quota_policy_app
from tallystick.cli.entitled.report import usage_report

__all__ = ["billing_config", "entitlement_app", "quota_policy_app", "usage_metrics", "usage_report"]
