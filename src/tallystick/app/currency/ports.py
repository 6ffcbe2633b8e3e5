"""What use cases ask of the store of exchange rates."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from tallystick.currency import PublishedRate


class RateStore(Protocol):
    """Published rates of one workspace: added, never changed."""

    def add(self, rates: Sequence[PublishedRate], *, at: datetime) -> int:
        """Add those of whose source, pair and day there is none, and return how many they were."""
        ...

    def differing(self, rates: Sequence[PublishedRate]) -> tuple[PublishedRate, ...]:
        """Return what stands where it has another value than given, by day and pair."""
        ...

    def load(
        self, source: str, codes: Collection[str], *, first: date, last: date
    ) -> tuple[PublishedRate, ...]:
        """Return a source's rates from or to any of these currencies, both days included."""
        ...

    def last_day(self, source: str, *, on: date | None) -> date | None:
        """Return the last day of a source up to one, or of all; None if there is none."""
        ...

    def sources(self) -> tuple[str, ...]:
        """Return all sources by name."""
        ...

    def of_day(self, source: str, day: date) -> tuple[PublishedRate, ...]:
        """Return a source's rates of a day by pair."""
        ...
