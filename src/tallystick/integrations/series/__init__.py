"""Points of metric series as events: what OpenTelemetry and Prometheus have in common."""

from tallystick.integrations.series.point import (
    Fractions,
    Point,
    Received,
    UnusableValue,
    filled,
    number_text,
    plain_names,
    point_text,
    series_digest,
    wanted,
)

__all__ = [
    "Fractions",
    "Point",
    "Received",
    "UnusableValue",
    "filled",
    "number_text",
    "plain_names",
    "point_text",
    "series_digest",
    "wanted",
]
