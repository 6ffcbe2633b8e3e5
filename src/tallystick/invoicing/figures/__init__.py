"""What the charts of a document show: usage day by day, and the documents before it."""

from tallystick.invoicing.figures.by_day import DAYS_MAX, UsageByDay, charted_lines, usage_by_day
from tallystick.invoicing.figures.figures import PAST_MAX, Figures, PastDocument
from tallystick.invoicing.figures.wire import days_content, days_from_content

__all__ = [
    "DAYS_MAX",
    "PAST_MAX",
    "Figures",
    "PastDocument",
    "UsageByDay",
    "charted_lines",
    "days_content",
    "days_from_content",
    "usage_by_day",
]
