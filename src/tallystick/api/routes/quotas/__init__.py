"""Routes of quotas: decisions on the hot path, and what stands against limits."""

from litestar import Router

from tallystick.api.routes.quotas.alert_rules import alert_rules_router
from tallystick.api.routes.quotas.alerts import usage_alerts_router
from tallystick.api.routes.quotas.anomalies import anomalies_router
from tallystick.api.routes.quotas.compared import compare
from tallystick.api.routes.quotas.declined import declined_router
from tallystick.api.routes.quotas.described import decision_operations
from tallystick.api.routes.quotas.endpoint import QuotaEndpoint
from tallystick.api.routes.quotas.usage import quota_usage

alerts_router = Router(
    path="/", route_handlers=[usage_alerts_router, alert_rules_router, declined_router]
)

__all__ = [
    "QuotaEndpoint",
    "alerts_router",
    "anomalies_router",
    "compare",
    "decision_operations",
    "quota_usage",
]
