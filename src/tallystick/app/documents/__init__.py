"""Documents of accounts for people and systems, from the facts of this moment."""

from tallystick.app.documents.read_usage_metrics import MetricsSources, read_usage_metrics

__all__ = ["MetricsSources", "read_usage_metrics"]
