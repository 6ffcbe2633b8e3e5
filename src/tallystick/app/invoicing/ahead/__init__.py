"""Usage of many contracts read at once, before each of them asks for its own."""

from tallystick.app.invoicing.ahead.usage_ahead import UsageAhead

__all__ = ["UsageAhead"]
