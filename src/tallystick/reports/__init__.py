"""Documents that tell people and other systems of an account, made from facts."""

from tallystick.reports.revenue import REVENUE_COLUMNS, Revenue, RevenueSum
from tallystick.reports.usage_metrics import (
    BillingSummary,
    Consumed,
    Consumption,
    MetricsAlert,
    MetricsFacts,
    UsageMetrics,
    usage_metrics,
    usage_metrics_schema,
)
from tallystick.reports.usage_metrics_text import usage_metrics_text

__all__ = [
    "REVENUE_COLUMNS",
    "BillingSummary",
    "Consumed",
    "Consumption",
    "MetricsAlert",
    "MetricsFacts",
    "Revenue",
    "RevenueSum",
    "UsageMetrics",
    "usage_metrics",
    "usage_metrics_schema",
    "usage_metrics_text",
]
