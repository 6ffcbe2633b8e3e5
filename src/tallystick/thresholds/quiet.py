"""
Quiet hours: what is not critical waits until they end, on the clock of the payer's zone.

    22:00 to 07:00, Europe/Berlin      warning at 02:15 local      told at 07:00
                                       critical at 02:15           told at 02:15
                                       warning at 07:00            told at 07:00

They begin on their first minute and end before their last.  A time that a clock shows twice begins
them the first time and ends them the second; one that it skips is read on the clock before the
jump, as boundaries of periods are.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tallystick.kernel import Misuse, micros, time_zone
from tallystick.thresholds.notices import Notice
from tallystick.thresholds.threshold import Severity

EVERY_DAY = frozenset(range(7))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """
    A stretch of local days in which nobody is disturbed; it may reach over midnight.

    Attributes:
        start: local time from which on notices wait.
        end: local time at which they are told; not ``start``.
        zone: IANA name, the payer's.
        days: local days on which they begin, 0 for Monday to 6 for Sunday.

    Raises:
        Misuse: an unknown zone, no length, no day, or a time with a zone of its own.
    """

    start: time
    end: time
    zone: str
    days: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        """Refuse what is not a part of a local day."""
        time_zone(self.zone)
        if self.start.tzinfo or self.end.tzinfo:
            raise Misuse("quiet hours are local times; the zone is named apart")
        if self.start == self.end:
            raise Misuse(f"quiet hours must end at another time than {self.start}, or be left out")
        if not self.days or not self.days <= EVERY_DAY:
            raise Misuse("quiet hours begin on days from 0, Monday, to 6, Sunday")


def tell_at(notice: Notice, at: datetime, quiet: QuietHours | None) -> datetime:
    """
    Return the instant at which a notice that is ready at an instant may be told.

    Args:
        notice: what is told.
        at: when it is ready, in UTC.
        quiet: the payer's quiet hours; None: there are none.

    Raises:
        Misuse: the instant is not in UTC.
    """
    micros(at)  # refuses what is not in UTC
    if quiet is None or notice.severity is Severity.CRITICAL:
        return at
    return held_until(at, quiet)


def held_until(at: datetime, quiet: QuietHours) -> datetime:
    """
    Return the end of the quiet hours that an instant lies in; the instant itself outside of them.

    Example:
        >>> from tallystick.kernel import instant, instant_text
        >>> night = QuietHours(start=time(22), end=time(7), zone="Europe/Berlin")
        >>> instant_text(held_until(instant("2026-03-10T01:15:00Z"), night))
        '2026-03-10T06:00:00.000000Z'
    """
    local = at.astimezone(time_zone(quiet.zone)).date()
    for day in (local - _DAY, local, local + _DAY):
        start, end = _night(day, quiet)
        if day.weekday() in quiet.days and start <= at < end:
            at = end
    return at


def _night(day: date, quiet: QuietHours) -> tuple[datetime, datetime]:
    """Return the quiet hours that begin on a local day, as instants, half-open."""
    last = day if quiet.start < quiet.end else day + _DAY
    return _first(day, quiet.start, quiet.zone), _last(last, quiet.end, quiet.zone)


def _first(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, tzinfo=time_zone(zone)).replace(fold=0).astimezone(UTC)


def _last(day: date, at: time, zone: str) -> datetime:
    """Return the second of two instants with one local time; of one that is skipped, the first."""
    local = datetime.combine(day, at, tzinfo=time_zone(zone))
    # In a gap the later reading of the clock gives the earlier instant, hence the maximum.
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
