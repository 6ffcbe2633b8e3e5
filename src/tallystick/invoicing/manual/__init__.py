"""Lines that persons ordered, on documents that hold derived ones: with the next regular one."""

from tallystick.invoicing.manual.checking import manual_problems, missing_orders
from tallystick.invoicing.manual.lines import entered_line, ordered_as, ordered_key
from tallystick.invoicing.manual.problems import manual_line_problems
from tallystick.invoicing.manual.waiting import stale_orders, waiting_orders, with_orders

__all__ = [
    "entered_line",
    "manual_line_problems",
    "manual_problems",
    "missing_orders",
    "ordered_as",
    "ordered_key",
    "stale_orders",
    "waiting_orders",
    "with_orders",
]
