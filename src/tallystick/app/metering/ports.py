"""What use cases ask of a store of events: quantities, the events behind them, how far it reads."""

from typing import Protocol

from tallystick.metering import Event, UsageQuery, UsageRow

__all__ = ["Event", "UsageQuery", "UsageReader", "UsageRow"]


class UsageReader(Protocol):
    """
    Answers questions for usage from the projection of the log.

    Every answer looks at positions up to ``query.through`` only. A caller that needs completeness
    first sees to it that ``covered_position`` has reached that position.
    """

    def usage(self, query: UsageQuery) -> list[UsageRow]:
        """
        Return the rows of a query, ordered by window (as asked) and group.

        Without ``group_by`` there is one row for each window, zero if it is empty; with it, a row
        for each group that has anything to report, or with ``silent`` for each that rests on an
        event.
        """
        ...

    def leaders(self, query: UsageQuery, *, count: int) -> list[tuple[str, ...]]:
        """
        Return the groups with the greatest quantities in the first window, at most ``count``.

        The greatest come first, equal ones by their texts. Groups with neither an event nor a
        quantity there are left out.
        """
        ...

    def events(self, query: UsageQuery, *, after_position: int, limit: int) -> list[Event]:
        """
        Return the events that the fold of a query needs, in order of position, as a page.

        Values carried in from before a window, and the reading before a counter's first, are among
        them: folding all pages gives the rows of ``usage``.
        """
        ...

    def covered_position(self) -> int:
        """Return the last position up to which the projection holds every event; 0 for none."""
        ...

    def wait_covered(self, position: int, timeout: float) -> bool:
        """Wait until a position is covered; False if that took more than ``timeout`` seconds."""
        ...
