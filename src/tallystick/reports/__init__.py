"""Documents that tell people and other systems of an account, made from facts."""

from tallystick.reports.billing_config import (
    BillingConfig,
    PaymentSettings,
    billing_config,
    billing_config_schema,
)
from tallystick.reports.plan_definitions import LISTS, plan_definitions_schema
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
from tallystick.reports.usage_report import (
    Breakdown,
    DayOfUse,
    GroupOfUse,
    MeterFacts,
    MeterReport,
    ReportedTrend,
    UsageReport,
    meter_report,
    usage_report_schema,
)

__all__ = [
    "LISTS",
    "REVENUE_COLUMNS",
    "BillingConfig",
    "BillingSummary",
    "Breakdown",
    "Consumed",
    "Consumption",
    "DayOfUse",
    "GroupOfUse",
    "MeterFacts",
    "MeterReport",
    "MetricsAlert",
    "MetricsFacts",
    "PaymentSettings",
    "ReportedTrend",
    "Revenue",
    "RevenueSum",
    "UsageMetrics",
    "UsageReport",
    "billing_config",
    "billing_config_schema",
    "meter_report",
    "plan_definitions_schema",
    "usage_metrics",
    "usage_metrics_schema",
    "usage_metrics_text",
    "usage_report_schema",
]
