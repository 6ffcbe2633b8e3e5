"""Usage as a question: the port to the projection and the use case behind GET /v1/usage."""

from tallystick.app.metering.ports import UsageQuery, UsageReader, UsageRow

__all__ = ["UsageQuery", "UsageReader", "UsageRow"]
