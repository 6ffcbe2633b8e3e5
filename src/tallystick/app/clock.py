"""The clock: the only source of "now" below the entry points."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant as an aware UTC datetime."""

    def now(self) -> datetime:
        """Return the present instant; never earlier than an instant told before by much."""
        ...


class SystemClock:
    """The clock of this computer."""

    def now(self) -> datetime:
        """Return the present instant with microseconds."""
        return datetime.now(UTC)
