"""Splitting money and recurring dates as OpenMeter's suite observed them."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tallystick.kernel import (
    Interval,
    IntervalUnit,
    Misuse,
    Money,
    Period,
    currency,
    custom_currency,
    period_at,
    split,
    take,
)
from tests.notation import CaseBook, Check, Row, first_number, numbers
from tests.tally import row_tests

FILE = "openmeter-money-time.md"
MOMENT = timedelta(microseconds=1)
UNITS = {
    "day": Interval(count=1, of=IntervalUnit.DAY),
    "week": Interval(count=1, of=IntervalUnit.WEEK),
    "month": Interval(count=1, of=IntervalUnit.MONTH),
}
N = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
_STAMP = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)T(\d\d):(\d\d)")
_SHIFT = re.compile(r"(?:N|now)\s*(?:([+\N{MINUS SIGN}-])\s*(\d+)\s*(d|h|mo))?")


def money(text: str) -> Money:
    """Return the sum that a cell begins with, in its currency, with as many places as it writes."""
    written = re.search(r"[0-9.]+", text)
    assert written is not None
    if "JPY" in text:
        unit = currency("JPY")
    elif "4-digit" in text:
        unit = custom_currency("UNIT", 4)
    else:
        unit = currency("USD")
    return Money(minor=_whole(Decimal(written[0]).scaleb(unit.exponent)), currency=unit)


def _whole(minor: Decimal) -> int:
    """Return whole minor units; what is not whole is left as it is, for Money to refuse."""
    return int(minor) if minor == minor.to_integral_value() else minor  # type: ignore[return-value] # refused by Money


def named(text: str) -> list[tuple[str, Decimal]]:
    """Return pairs such as ``A 10, B 5``; numbers alone have no name."""
    text = text.partition(", ties")[0]
    found = re.findall(r"([A-Z]) ([0-9.]+)", text)
    return [(name, Decimal(number)) for name, number in found] or [("", n) for n in numbers(text)]


def check_split(row: Row) -> None:
    """Parts by weight, ties by position, or by name where the row says so; they add up."""
    amount, weights = money(row["amount"]), named(row["weights"])
    if "ties by key" in row["weights"]:
        weights.sort()
    found = split(amount, [weight for _, weight in weights])
    expected = re.sub(r"\(.*\)", "", row["parts"])
    if not named(expected)[0][0]:
        assert [part.decimal for part in found] == numbers(expected)
    else:
        kept = {
            name: part.decimal
            for (name, _), part in zip(weights, found, strict=True)
            if part.minor or "dropped" not in row["parts"]
        }
        assert kept == dict(named(expected))
    assert sum(part.minor for part in found) == amount.minor


def check_precision(row: Row) -> None:
    """Money that is not whole in minor units does not exist."""
    assert "error" in row["parts"]
    with pytest.raises(Misuse, match="whole number"):
        money(row["amount"])


def check_weightless(row: Row) -> None:
    """Nobody with a weight is there to take the money."""
    assert "error" in row["parts"]
    with pytest.raises(Misuse):
        split(money(row["amount"]), [first_number(row["weights"])])


def check_nothing(row: Row) -> None:
    """Nothing among nobody is nothing."""
    assert row["parts"].startswith("empty")
    assert split(money(row["amount"]), []) == ()


def check_taken(row: Row) -> None:
    """A share of existing sums, at most all of them."""
    wanted, _, rest = row["amount"].partition(" of ")
    sums = named(rest)
    if "ties by key" in row["amount"]:
        sums.sort()
    of = [money(str(sum_)) for _, sum_ in sums]
    if "error" in row["parts"]:
        with pytest.raises(Misuse, match="cannot be taken"):
            take(money(wanted), of)
        return
    found = zip(sums, take(money(wanted), of), strict=True)
    assert {name: part.decimal for (name, _), part in found} == dict(named(row["parts"]))


def at(text: str, *, base: datetime = N) -> datetime:
    """Return the instant that a cell writes: a stamp, N, now, or so far from one of them."""
    stamp = _STAMP.search(text)
    if stamp is not None:
        year, *rest = stamp.groups()
        month, day, hour, minute = map(int, rest)
        return datetime(int(year or base.year), month, day, hour, minute, tzinfo=UTC)
    shift = _SHIFT.search(text)
    assert shift is not None, text
    sign, count, of = shift.groups()
    if sign is None:
        return base
    steps = int(count) * (1 if sign == "+" else -1)
    if of == "mo":
        return base.replace(month=base.month + steps)
    return base + (timedelta(days=steps) if of == "d" else timedelta(hours=steps))


class Recurrence:
    """
    An interval from an anchor with a time of day.

    Periods here begin at local midnight. Another time of day is midnight on a clock that is set
    back by it, so the question is asked on that clock and the answer set forward again.
    """

    def __init__(self, text: str, *, base: datetime = N) -> None:
        unit, _, anchor = text.partition(", ")
        self._interval = UNITS[unit]
        anchored = base - timedelta(days=1) if "yesterday" in anchor else at(anchor, base=base)
        self._anchor: date = anchored.date()
        self._set_back = anchored - datetime.combine(self._anchor, datetime.min.time(), UTC)

    def containing(self, instant: datetime) -> Period:
        """Return the period that contains an instant."""
        found = period_at(
            instant - self._set_back, anchor=self._anchor, interval=self._interval, zone="UTC"
        )
        return Period(start=found.start + self._set_back, end=found.end + self._set_back)

    def asked(self, how: str, instant: datetime) -> datetime:
        """Return the next or previous occurrence, the instant itself if it may be one."""
        if how == "next incl":
            return self.containing(instant - MOMENT).end
        if how == "next excl":
            return self.containing(instant).end
        if how == "prev excl":
            return self.containing(instant - MOMENT).start
        assert how == "prev incl", how
        return self.containing(instant).start


def check_period(row: Row) -> None:
    """The period that contains the instant, start inclusive and end exclusive."""
    instant = at(row["instant"], base=NOW)
    period = Recurrence(row["interval, anchor"], base=NOW).containing(instant)
    start, end = (
        at(side, base=instant if "T" in side else NOW) for side in row["period"].split("→")
    )
    assert (period.start, period.end) == (start, end)


def check_occurrence(row: Row) -> None:
    """The next or previous occurrence of the anchor's recurrence."""
    recurrence = Recurrence(row["interval, anchor"])
    how, instant = row["ask"][:9], row["ask"][10:]
    assert recurrence.asked(how, at(instant)) == at(row["result"])


def rows(check: Check, *ids: int) -> dict[str, Check]:
    """Return the check of rows by their numbers."""
    return {f"T{number:02}": check for number in ids}


CHECKS: dict[str, Check] = {
    **rows(check_split, 1, 2, 3, 4, 5, 6, 7, 8),
    **rows(check_precision, 9),
    **rows(check_weightless, 10),
    **rows(check_nothing, 11),
    **rows(check_taken, 12, 13, 14),
    **rows(check_period, *range(35, 40)),
    **rows(check_occurrence, *range(40, 61)),
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out={})
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
