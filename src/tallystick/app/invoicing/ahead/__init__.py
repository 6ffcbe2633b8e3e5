"""Usage of many contracts read at once, before each of them asks for its own."""

from tallystick.app.invoicing.ahead.read_ahead import Ahead, read_ahead
from tallystick.app.invoicing.ahead.side_by_side import each_payer
from tallystick.app.invoicing.ahead.usage_ahead import UsageAhead

__all__ = ["Ahead", "UsageAhead", "each_payer", "read_ahead"]
