"""How long a child that ended is left alone before it is started again."""

from dataclasses import dataclass

DELAY_SECONDS_FIRST = 0.5
DELAY_SECONDS_MAX = 30.0
STEADY_SECONDS = 10.0


@dataclass(slots=True)
class Backoff:
    """
    Counts failures in a row; a child that ran steadily before it ended begins anew.

    Example:
        >>> backoff = Backoff()
        >>> [backoff.delay_seconds(ran_seconds=1.0) for _ in range(3)]
        [0.5, 1.0, 2.0]
        >>> backoff.delay_seconds(ran_seconds=600.0)
        0.5
    """

    failures: int = 0

    def delay_seconds(self, *, ran_seconds: float) -> float:
        """Return the wait after a child ended that had run for so long."""
        self.failures = 1 if ran_seconds >= STEADY_SECONDS else self.failures + 1
        doubled: float = DELAY_SECONDS_FIRST * 2 ** min(self.failures - 1, 16)
        return min(doubled, DELAY_SECONDS_MAX)
