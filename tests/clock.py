"""A clock that stands until it is moved."""

from datetime import UTC, datetime, timedelta

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


class HandClock:
    """Stands at an instant; `forward` moves it."""

    def __init__(self, at: datetime = NEW_YEAR) -> None:
        self._now = at

    def now(self) -> datetime:
        """Return where the hands stand."""
        return self._now

    def forward(self, **duration: int) -> None:
        """Move on by so many `seconds`, `hours`, `days`."""
        self._now += timedelta(**duration)
