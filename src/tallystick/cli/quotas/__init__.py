"""`tallystick quota`, `usage-alert`, `alert-rule`: what stands against limits, and is told."""

from tallystick.cli.quotas.alert_rules import alert_rule_app
from tallystick.cli.quotas.alerts import usage_alert_app
from tallystick.cli.quotas.anomalies import anomaly_app
from tallystick.cli.quotas.commands import quota_app

# The command joins those of usage alerts as its module is loaded.
from tallystick.cli.quotas.letters import letters

__all__ = ["alert_rule_app", "anomaly_app", "letters", "quota_app", "usage_alert_app"]
