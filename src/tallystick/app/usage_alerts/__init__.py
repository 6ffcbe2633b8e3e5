"""Usage alerts: thresholds that counters pass, limits that begin to hold, and responses."""

from tallystick.app.usage_alerts.ports import (
    AlertKind,
    AlertRecord,
    AlertResponse,
    ResponseKind,
    UsageAlert,
    UsageAlertStore,
    WatchKey,
)
from tallystick.app.usage_alerts.respond import (
    RespondToAlert,
    list_usage_alerts,
    respond_to_alert,
)
from tallystick.app.usage_alerts.watch_counters import BREACHED, ENFORCED, CounterWatch

__all__ = [
    "BREACHED",
    "ENFORCED",
    "AlertKind",
    "AlertRecord",
    "AlertResponse",
    "CounterWatch",
    "RespondToAlert",
    "ResponseKind",
    "UsageAlert",
    "UsageAlertStore",
    "WatchKey",
    "list_usage_alerts",
    "respond_to_alert",
]
