"""Documents of accounts for people and systems, from the facts of this moment."""

from tallystick.app.documents.read_usage_metrics import MetricsSources, read_usage_metrics
from tallystick.app.documents.read_usage_report import AskedReport, read_usage_report

__all__ = ["AskedReport", "MetricsSources", "read_usage_metrics", "read_usage_report"]
