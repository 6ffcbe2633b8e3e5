"""Usage as a question: the port to the projection and the use case behind GET /v1/usage."""

from tallystick.app.metering.ports import UsageQuery, UsageReader, UsageRow
from tallystick.app.metering.query_usage import (
    ROWS_MAX,
    UsageAnswer,
    UsageLine,
    UsageQuestion,
    query_usage,
)
from tallystick.app.metering.windows import WINDOWS_MAX, WindowSize, windows_of

__all__ = [
    "ROWS_MAX",
    "WINDOWS_MAX",
    "UsageAnswer",
    "UsageLine",
    "UsageQuery",
    "UsageQuestion",
    "UsageReader",
    "UsageRow",
    "WindowSize",
    "query_usage",
    "windows_of",
]
