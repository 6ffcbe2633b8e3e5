"""
Instants and periods: UTC with microseconds, half-open.

An instant is an aware ``datetime`` in UTC. Its one text is ``2026-01-01T00:00:00.000000Z``; its one
number is microseconds since 1970-01-01, exact, never a float. A ``Period`` contains its start and
not its end, so that periods tile time without gap or overlap.

Not here: where periods begin in a zone (``boundaries.py``), and the clock (a parameter, never asked
for).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tallystick.kernel.errors import Misuse

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOUGHT = timedelta(0)
_LOCAL_LENGTH = len("2026-01-01T00:00:00.000000")
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def instant(text: str) -> datetime:
    """
    Return the instant that an RFC 3339 text names, in UTC.

    Digits behind the microsecond (producers send nanoseconds) are cut off, never rounded into the
    next period.

    Raises:
        Misuse: no date and time with offset or ``Z``, or one that does not exist (a 30 February, a
            leap second).

    Example:
        >>> instant_text(instant("2026-03-29T03:00:00.5+02:00"))
        '2026-03-29T01:00:00.500000Z'
    """
    if _RFC3339.fullmatch(text) is None:
        raise Misuse(f"{text[:60]!r} is not an instant such as 2026-01-01T00:00:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Misuse(f"{text!r} is not an instant that exists: {error}") from error


def instant_text(at: datetime) -> str:
    """
    Return the one text of an instant, always with six fraction digits and ``Z``.

    Raises:
        Misuse: the datetime is not in UTC.

    Example:
        >>> instant_text(from_micros(1_767_225_600_000_000))
        '2026-01-01T00:00:00.000000Z'
    """
    _require_utc(at)
    return f"{at.isoformat(timespec='microseconds')[:_LOCAL_LENGTH]}Z"


def micros(at: datetime) -> int:
    """
    Return the microseconds from 1970-01-01T00:00:00Z to an instant; negative before it.

    Raises:
        Misuse: the datetime is not in UTC.

    Example:
        >>> micros(instant("1970-01-01T00:00:01.000001Z"))
        1000001
    """
    _require_utc(at)
    return (at - _EPOCH) // _MICROSECOND


def from_micros(count: int) -> datetime:
    """
    Return the instant a number of microseconds after 1970-01-01T00:00:00Z.

    Raises:
        Misuse: outside the years 1 to 9999.

    Example:
        >>> micros(from_micros(-1))
        -1
    """
    try:
        return _EPOCH + timedelta(microseconds=count)
    except OverflowError as error:
        raise Misuse(f"{count} microseconds lie outside the years 1 to 9999") from error


def _require_utc(at: datetime) -> None:
    # The identity test first: it is what nearly every instant takes.
    if at.tzinfo is not UTC and at.utcoffset() != _NOUGHT:
        raise Misuse(f"{at.isoformat()} is not in UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """
    A half-open interval of time: ``start`` belongs to it, ``end`` does not; it is never empty.

    Raises:
        Misuse: the end is not after the start, or one of them is not in UTC.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse what is empty, reversed or local."""
        _require_utc(self.start)
        _require_utc(self.end)
        if self.end <= self.start:
            raise Misuse(f"a period must end after it starts, not {self}")

    def __str__(self) -> str:
        """Return both ends, half-open: ``[start, end)``."""
        return f"[{instant_text(self.start)}, {instant_text(self.end)})"

    @property
    def seconds(self) -> Decimal:
        """Return the exact length in seconds, to the microsecond."""
        return Decimal((self.end - self.start) // _MICROSECOND).scaleb(-6)

    def contains(self, at: datetime) -> bool:
        """Say whether an instant lies in the period; the end does not."""
        return self.start <= at < self.end

    def overlap(self, other: "Period") -> "Period | None":
        """Return what both periods share, or None when they only touch or are apart."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start=start, end=end) if start < end else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSpan:
    """
    The time for which a subject's usage belongs to one account.

    Attributes:
        subject: what the events name.
        start: first instant that belongs, None for "from the beginning".
        end: first instant that no longer belongs, None for "without end".
    """

    subject: str
    start: datetime | None
    end: datetime | None
