"""How long the client waits."""

from datetime import UTC, datetime

import pytest

from tallystick.client import Retry

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "retry_after", "seconds"),
    [
        (1, None, 0.25),
        (7, None, 15.0),
        (40, None, 15.0),
        (1, "9999999", 120.0),
        (1, "Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        (1, "Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        (1, "soon", 0.25),
        (1, "-5", 0.25),
    ],
)
def test_delay(attempt: int, retry_after: str | None, seconds: float) -> None:
    """The wait doubles to a bound; a sensible Retry-After wins, up to a bound of its own."""
    assert Retry().delay_seconds(attempt, retry_after=retry_after, now=NOW) == seconds
