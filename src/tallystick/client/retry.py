"""
When to try again, and how long to wait before.

Sending an event twice is harmless, because its identity (source, id) counts once; so every failure
that may pass by itself is tried again with the same ids: no connection, a broken connection, 429,
and any 5xx. Other answers are final. The wait doubles from one attempt to the next up to a bound;
a server that says `Retry-After` is obeyed, up to a bound of its own.

| attempt that failed | wait without `Retry-After` (defaults) |
|---------------------|---------------------------------------|
| 1                   | 0.25 s                                |
| 2                   | 0.5 s                                 |
| 3                   | 1 s                                   |
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

STATUS_TOO_MANY = 429
STATUS_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Bounds of trying again; `attempts_max` counts the first attempt too."""

    attempts_max: int = 8
    delay_seconds_first: float = 0.25
    delay_seconds_max: float = 15.0
    retry_after_seconds_max: float = 120.0

    def delay_seconds(self, attempt: int, *, retry_after: str | None, now: datetime) -> float:
        """
        Return the wait after the failed attempt (1-based).

        Example:
            >>> Retry().delay_seconds(3, retry_after=None, now=datetime(2026, 1, 1, tzinfo=UTC))
            1.0
            >>> Retry().delay_seconds(1, retry_after="7", now=datetime(2026, 1, 1, tzinfo=UTC))
            7.0
        """
        asked = _asked_seconds(retry_after, now)
        if asked is not None:
            return min(asked, self.retry_after_seconds_max)
        doubled: float = self.delay_seconds_first * 2 ** (attempt - 1)
        return min(doubled, self.delay_seconds_max)


def may_pass(status: int) -> bool:
    """Tell whether an answer with this status may be another one when asked again."""
    return status == STATUS_TOO_MANY or status >= STATUS_SERVER_ERROR


def _asked_seconds(retry_after: str | None, now: datetime) -> float | None:
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(int(text))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max((at - now).total_seconds(), 0.0)
