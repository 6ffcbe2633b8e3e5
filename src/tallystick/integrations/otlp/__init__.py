"""Metrics of OpenTelemetry exporters."""

from tallystick.integrations.otlp.messages import answer_body, read_export
from tallystick.integrations.otlp.points import received_points

__all__ = ["answer_body", "read_export", "received_points"]
