"""Routes of quotas: decisions on the hot path, and what stands against limits."""

from tallystick.api.routes.quotas.alerts import usage_alerts_router
from tallystick.api.routes.quotas.anomalies import anomalies_router
from tallystick.api.routes.quotas.compared import compare
from tallystick.api.routes.quotas.described import decision_operations
from tallystick.api.routes.quotas.endpoint import QuotaEndpoint
from tallystick.api.routes.quotas.usage import quota_usage

__all__ = [
    "QuotaEndpoint",
    "anomalies_router",
    "compare",
    "decision_operations",
    "quota_usage",
    "usage_alerts_router",
]
