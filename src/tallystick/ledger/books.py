"""
Books and their accounting months: when an entry counts, and in which month it is booked.

Each legal entity has books of its own. They are cut into calendar months in the entity's zone, and
months are **locked** from the oldest on: a locked month takes no entry any more. An entry says both
when it counts (``effective_at``) and where it was booked (``posted_in``): the month in which it
counts, or, where that is locked, the first one that is open.

    locked through 2026-01      effective 2026-02-10  ->  posted in 2026-02
                                effective 2026-01-20  ->  posted in 2026-02, the first open month

Source: the project's semantics, "a locked accounting period takes no entry, corrections post in the
open one".
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tallystick.kernel import Misuse, time_zone

_TEXT = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_MOMENT = timedelta(microseconds=1)
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AccountingMonth:
    """A calendar month of some books; earlier months are smaller."""

    year: int
    month: int

    def __str__(self) -> str:
        """Return the month as ``2026-02``."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        """Return its first day."""
        return date(self.year, self.month, 1)

    def following(self) -> "AccountingMonth":
        """Return the next month."""
        year, month = divmod(self.year * _MONTHS + self.month, _MONTHS)
        return AccountingMonth(year=year, month=month + 1)


def accounting_month(text: str) -> AccountingMonth:
    """
    Return the month that a text such as ``2026-02`` names.

    Raises:
        Misuse: it names none.

    Example:
        >>> accounting_month("2026-12").following()
        AccountingMonth(year=2027, month=1)
    """
    match = _TEXT.fullmatch(text)
    if match is None or match[1] == "0000":
        raise Misuse(f"{text[:40]!r} is not a month such as 2026-02")
    return AccountingMonth(year=int(match[1]), month=int(match[2]))


def month_of(day: date) -> AccountingMonth:
    """Return the month of a day."""
    return AccountingMonth(year=day.year, month=day.month)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    The books of one legal entity, as far as posting needs to know them.

    Attributes:
        key: of the legal entity.
        zone: IANA name; its midnights part the months.
        locked_through: the last locked month; None while none is.
    """

    key: str
    zone: str
    locked_through: AccountingMonth | None = None

    def month_at(self, at: datetime) -> AccountingMonth:
        """
        Return the calendar month in which an instant lies.

        Example:
            >>> books = Books(key="main", zone="Europe/Berlin")
            >>> str(books.month_at(datetime(2026, 1, 31, 23, tzinfo=UTC)))
            '2026-02'
        """
        return month_of(at.astimezone(time_zone(self.zone)).date())

    def posting_month(self, at: datetime) -> AccountingMonth:
        """Return the month that takes an entry effective at an instant: its own if it is open."""
        return self.open_month(self.month_at(at))

    def open_month(self, month: AccountingMonth) -> AccountingMonth:
        """Return the month itself if it is open, else the first open one."""
        if self.locked_through is None or month > self.locked_through:
            return month
        return self.locked_through.following()

    def end_of(self, month: AccountingMonth) -> datetime:
        """Return the first instant after a month, in UTC."""
        midnight = datetime.combine(month.following().first_day, time(), time_zone(self.zone))
        return midnight.astimezone(UTC)

    def last_moment_of(self, month: AccountingMonth) -> datetime:
        """
        Return the last instant of a month, a microsecond before the next begins.

        Example:
            >>> books = Books(key="main", zone="UTC")
            >>> books.last_moment_of(accounting_month("2026-02")).isoformat()
            '2026-02-28T23:59:59.999999+00:00'
        """
        return self.end_of(month) - _MOMENT
