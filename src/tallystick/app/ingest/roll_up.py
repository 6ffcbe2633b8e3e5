"""
Keeps roll-ups behind the projection: what meters read from whole blocks of events, added up.

Roll-ups are derived and answers are right without them, so that nobody waits for them.
"""

from collections.abc import Callable, Iterable
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


def keep_rolled_up(
    meters: Iterable[tuple[WorkspaceId, Meter]],
    *,
    rollups: RollsUp,
    covered: Callable[[], int],
    going: Callable[[], bool],
) -> int:
    """Roll up for every meter what is due now, while `going`; return how many blocks were done."""
    done = 0
    for workspace, meter in meters:
        if not going():
            break
        done += rollups.roll_up(workspace, meter, through=covered(), going=going)
    return done
