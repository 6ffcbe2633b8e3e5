"""
A question for usage, and its answer: what a store computes and what the reference folds compute.

Windows are half-open and computed by the caller; a store never asks what a month is.
"""

from dataclasses import dataclass
from datetime import datetime

from tallystick.kernel import Misuse, Period, SubjectSpan, WorkspaceId
from tallystick.metering.evidence import Evidence
from tallystick.metering.fold import Fold
from tallystick.metering.meter import Meter

SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuery:
    """
    A question for the quantities of one meter.

    Attributes:
        workspace: whose events.
        meter: the definition to apply.
        windows: half-open, at least one; they may overlap.
        spans: the subjects to look at, each for its own time; None for all subjects.
        silent: whether groups that rest on readings but come to nothing have a row as well, as one
            whose level had fallen to 0 before the window; only with ``group_by``.
        others: whether subjects without a span count as well, for all time; spans then say when
            resources ended.
        group_by: names of the meter's dimensions, or ``subject``; empty for one row a window.
        through: last log position to look at, inclusive; None for all.
        evidence: whether each row shall carry its evidence.
        until: levels only: no level is carried beyond this instant, usually the present.
        rows_max: after one row more than this a store may stop; None for all rows.

    Raises:
        Misuse: no window, or a group that the meter does not declare.
    """

    workspace: WorkspaceId
    meter: Meter
    windows: tuple[Period, ...]
    spans: tuple[SubjectSpan, ...] | None = None
    group_by: tuple[str, ...] = ()
    through: int | None = None
    evidence: bool = False
    until: datetime | None = None
    others: bool = False
    silent: bool = False
    rows_max: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be answered."""
        if not self.windows:
            raise Misuse("a usage query needs at least one window")
        known = [SUBJECT, *(dimension.name for dimension in self.meter.dimensions)]
        for name in self.group_by:
            if name not in known:
                raise Misuse(
                    f"meter {self.meter.key} has no dimension {name!r}; "
                    f"known are {', '.join(known)}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """
    The quantity of one window and group.

    Attributes:
        window: as asked.
        group: the texts of ``group_by``, in its order.
        fold: the quantity and what it leaves out.
        evidence: the events it rests on, if asked for.
    """

    window: Period
    group: tuple[str, ...]
    fold: Fold
    evidence: Evidence | None
