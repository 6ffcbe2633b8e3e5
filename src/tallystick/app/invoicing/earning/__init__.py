"""The use case that tells revenue by days."""

from tallystick.app.invoicing.earning.revenue_by_day import RevenueByDay, revenue_by_day

__all__ = ["RevenueByDay", "revenue_by_day"]
