"""
Keeps roll-ups behind the projection: what meters read from whole blocks of events, added up.

Roll-ups are derived and answers are right without them, so that nobody waits for them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter


class RollsUp(Protocol):
    """Adds up what meters read from whole blocks of events."""

    def roll_up(
        self, workspace: WorkspaceId, meter: Meter, *, through: int, going: Callable[[], bool] = ...
    ) -> int:
        """Roll up what is not yet; return how many blocks were done."""
        ...


class WholeBlocks:
    """Tells when another block stands whole, so that few events stay outside roll-ups."""

    def __init__(self, block_events: int, tell: Callable[[], None]) -> None:
        """Take the positions of a block, and what to call."""
        self._block_events = block_events
        self._tell = tell
        self._block = 0

    def reach(self, position: int) -> None:
        """Take the position that the projection covers now; once per block it is told."""
        block = position // self._block_events
        if block != self._block:
            self._block = block
            self._tell()


@dataclass(slots=True)
class RolledUp:
    """The position up to which every meter was looked at last; its whole blocks are rolled up."""

    through: int = 0


def keep_rolled_up(
    meters: Iterable[tuple[WorkspaceId, Meter]],
    *,
    rollups: RollsUp,
    covered: Callable[[], int],
    rolled: RolledUp,
    going: Callable[[], bool],
) -> int:
    """Roll up for every meter what is due now, while `going`; return how many blocks were done."""
    done, through = 0, covered()
    for workspace, meter in meters:
        if not going():
            return done
        done += rollups.roll_up(workspace, meter, through=through, going=going)
    rolled.through = through
    return done
