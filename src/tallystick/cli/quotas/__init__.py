"""`tallystick quota` and `usage-alert`: what stands against limits, and what was told of it."""

from tallystick.cli.quotas.alerts import usage_alert_app
from tallystick.cli.quotas.anomalies import anomaly_app
from tallystick.cli.quotas.commands import quota_app

__all__ = ["anomaly_app", "quota_app", "usage_alert_app"]
