"""
One notice for several crossings: a jump from 0 to 95 % tells once that 80 and 90 % are passed.

Each crossing stays recorded in the notice; the foremost names it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tallystick.thresholds.passing import Crossing
from tallystick.thresholds.threshold import Basis, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """
    What is told at once of one watch.

    Attributes:
        crossings: at least one, in the order in which they came about.
    """

    crossings: tuple[Crossing, ...]

    @property
    def foremost(self) -> Crossing:
        """
        Return the crossing that a notice is headed by.

        What has happened comes before what is expected; then the more urgent; then the later
        one, and of a watch's thresholds the one that is listed last.
        """
        return max(
            enumerate(self.crossings),
            key=lambda each: (
                each[1].threshold.basis is not Basis.PROJECTED,
                each[1].threshold.severity.rank,
                each[0],
            ),
        )[1]

    @property
    def severity(self) -> Severity:
        """Return that of its most urgent crossing."""
        return max((one.threshold.severity for one in self.crossings), key=lambda one: one.rank)

    @property
    def at(self) -> datetime:
        """Return when its last crossing came about."""
        return max(one.at for one in self.crossings)


def gather(crossings: Iterable[Crossing]) -> Notice | None:
    """
    Return the one notice for crossings of a watch; None where there are none.

    Those of one evaluation make a notice; so do those of several that were held through quiet
    hours.
    """
    found = tuple(sorted(crossings, key=lambda one: one.at))
    return Notice(crossings=found) if found else None
