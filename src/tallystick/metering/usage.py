"""
A question for usage, and its answer: what a store computes and what the reference folds compute.

Windows are half-open and computed by the caller; a store never asks what a month is.
"""

from dataclasses import dataclass
from datetime import datetime

from tallystick.kernel import Misuse, Period, SubjectSpan, WorkspaceId
from tallystick.metering.cuts import cuts_of
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
        until: no level is carried beyond this instant, usually the present, and no sub-window of
            an average of peaks counts that begins at or after it.
        zones: in which a peak's sub-windows lie: one IANA zone for all windows, or one for each;
            empty for UTC.
        counted, left_out: number of a backfill that a store shall count though it is not closed,
            or leave out though it is; 0 for none. For previews: a document never rests on either.
        rows_max: after one row more than this a store may stop; None for all rows.

    Raises:
        Misuse: no window, a group that the meter does not declare, or as many zones as fit neither.
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
    zones: tuple[str, ...] = ()
    rows_max: int | None = None
    counted: int = 0
    left_out: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be answered."""
        if not self.windows:
            raise Misuse("a usage query needs at least one window")
        if len(self.zones) not in {0, 1, len(self.windows)}:
            raise Misuse("a usage query names one zone, or one for each window, or none")
        known = [SUBJECT, *(dimension.name for dimension in self.meter.dimensions)]
        for name in self.group_by:
            if name not in known:
                raise Misuse(
                    f"meter {self.meter.key} has no dimension {name!r}; "
                    f"known are {', '.join(known)}"
                )

    def cuts(self, index: int) -> tuple[int, ...]:
        """
        Return where the sub-windows of a window begin, in microseconds; none without a peak.

        Raises:
            Misuse: an unknown zone, or too many sub-windows.
        """
        if self.meter.peak is None:
            return ()
        return cuts_of(self.windows[index], self.meter.peak.per, self.zone_of(index))

    def zone_of(self, index: int) -> str:
        """Return the zone of a window."""
        return self.zones[index % len(self.zones)] if self.zones else "UTC"


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
