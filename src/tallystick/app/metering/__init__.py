"""Usage as a question: the port to the projection and the use case behind GET /v1/usage."""

from tallystick.app.metering.ports import UsageQuery, UsageReader, UsageRow
from tallystick.app.metering.read_usage import ReadUsage, UsageRead, read_usage

__all__ = ["ReadUsage", "UsageQuery", "UsageRead", "UsageReader", "UsageRow", "read_usage"]
