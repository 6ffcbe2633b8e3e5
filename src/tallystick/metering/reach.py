"""
How far a change of events reaches: from its first instant to where its effect ends.

    meter            an event at 10:00 is added, voided or amended; the next reading is at 14:00
    sum, max, ...    reaches [10:00, 10:00 + 1 us): the windows that hold the instant
    level            reaches [10:00, 14:00): the value held until the next one, over any border
    level, hold 1 h  reaches [10:00, 11:00): beyond it nothing held (gap policy zero)
    counter          reaches [10:00, 14:00 + 1 us): the rise at 14:00 was measured against it

Without a later reading a level reaches on without end. A reach may be wider than what changed
(several changes of one subject are taken together, filters are not looked at), never narrower.

Not here: which periods of whom were billed for it (`invoicing`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tallystick.kernel import MeterKey
from tallystick.metering.aggregations import RULES
from tallystick.metering.meter import Meter

_MICROSECOND = timedelta(microseconds=1)


class ChangeKind(StrEnum):
    """
    Why usage of a time that was over changed.

    ``late``: events came late, or came to say this by an amendment; ``corrected``: events were
    voided or amended; ``backfill``: a set was closed or reverted.
    """

    LATE = "late"
    CORRECTED = "corrected"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    Events of one type and subject of which something was recorded.

    Attributes:
        position: of the last fact that speaks of them.
        type, subject: of the events.
        first_at, last_at: the first and the last instant of their use.
    """

    kind: ChangeKind
    position: int
    type: str
    subject: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """
    The time for which a change may have changed a meter's quantity.

    Attributes:
        position: of the last fact that is behind it.
        start: inclusive.
        end: exclusive; None for without end.
    """

    kind: ChangeKind
    position: int
    meter: MeterKey
    subject: str
    start: datetime
    end: datetime | None


def reach_of(change: Change, meter: Meter, *, next_at: datetime | None) -> Reach | None:
    """
    Return how far a change reaches for a meter; None where the meter does not count such events.

    Args:
        change: what was recorded.
        meter: the definition to apply.
        next_at: the first reading of the subject after ``change.last_at``, for meters that carry;
            None where there is none, or where it is not known which one follows.

    Example:
        >>> from tallystick.kernel import from_micros, micros
        >>> from tallystick.metering.meter import Aggregation
        >>> vm = Meter(key=MeterKey("vm"), event_type="vm", unit="vm", value=None,
        ...            aggregation=Aggregation.TIME_WEIGHTED)
        >>> change = Change(kind=ChangeKind.CORRECTED, position=9, type="vm", subject="a",
        ...                 first_at=from_micros(5), last_at=from_micros(5))
        >>> micros(reach_of(change, vm, next_at=from_micros(8)).end)
        8
        >>> reach_of(change, vm, next_at=None).end is None
        True
    """
    if change.type != meter.event_type:
        return None
    return Reach(
        kind=change.kind,
        position=change.position,
        meter=meter.key,
        subject=change.subject,
        start=change.first_at,
        end=_end(change, meter, next_at),
    )


def _end(change: Change, meter: Meter, next_at: datetime | None) -> datetime | None:
    instant_end = change.last_at + _MICROSECOND
    if not RULES[meter.aggregation].carries:
        return instant_end
    if meter.is_counter:
        # Where it is not known which reading follows, any later one may be it.
        return None if next_at is None else next_at + _MICROSECOND
    if meter.hold_seconds_max is None or meter.gap_policy == "hold":
        return next_at
    held_until = change.last_at + timedelta(seconds=meter.hold_seconds_max)
    return held_until if next_at is None else min(next_at, held_until)
