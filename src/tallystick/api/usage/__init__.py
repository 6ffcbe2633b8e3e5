"""Usage in other forms than a document: as tables, and as a stream."""

from tallystick.api.usage.streams import STREAMS_OF_KEY_MAX, Subscriber, UsageStreams
from tallystick.api.usage.tables import ARROW, CSV, JSON, arrow_stream, csv_text, usage_table

__all__ = [
    "ARROW",
    "CSV",
    "JSON",
    "STREAMS_OF_KEY_MAX",
    "Subscriber",
    "UsageStreams",
    "arrow_stream",
    "csv_text",
    "usage_table",
]
