"""Usage as a question: the port to the projection, and the use cases behind `/v1/usage`."""

from tallystick.app.metering.ask_usage import ask_usage
from tallystick.app.metering.earlier import Earlier, previous_period, year_before
from tallystick.app.metering.follow_usage import FollowUsage, UsageNow, usage_now, window_around
from tallystick.app.metering.inquiry import (
    PAGE_ROWS_MAX,
    Comparison,
    EarlierLine,
    InquiryAnswer,
    InquiryLine,
    Top,
    UsageInquiry,
)
from tallystick.app.metering.ports import UsageQuery, UsageReader, UsageRow
from tallystick.app.metering.query_usage import (
    ROWS_MAX,
    UsageAnswer,
    UsageLine,
    UsageQuestion,
    position_asked,
    query_usage,
)
from tallystick.app.metering.windows import WINDOWS_MAX, WindowSize, windows_of

__all__ = [
    "PAGE_ROWS_MAX",
    "ROWS_MAX",
    "WINDOWS_MAX",
    "Comparison",
    "Earlier",
    "EarlierLine",
    "FollowUsage",
    "InquiryAnswer",
    "InquiryLine",
    "Top",
    "UsageAnswer",
    "UsageInquiry",
    "UsageLine",
    "UsageNow",
    "UsageQuery",
    "UsageQuestion",
    "UsageReader",
    "UsageRow",
    "WindowSize",
    "ask_usage",
    "position_asked",
    "previous_period",
    "query_usage",
    "usage_now",
    "window_around",
    "windows_of",
    "year_before",
]
