"""Shares of periods as Kill Bill's suite observed them, through contracts that are billed."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial

from tallystick.invoicing import Invoice
from tallystick.kernel import Interval, IntervalUnit
from tests.invoicing.contract import MONTH, QUARTER, YEAR, Contract, day, fee, plan, subscribed
from tests.notation import CaseBook, Check, Otherwise, Reason, Row
from tests.tally import row_tests

FILE = "killbill-proration.md"
INTERVALS = {
    "MONTHLY": MONTH,
    "QUARTERLY": QUARTER,
    "ANNUAL": YEAR,
    "THIRTY_DAYS": Interval(count=30, of=IntervalUnit.DAY),
}
_ITEM = re.compile(r"(\d{4}-\d\d-\d\d)\N{RIGHTWARDS ARROW}(\d{4}-\d\d-\d\d) : (\d+(?:/\d+)?)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Share = tuple[str, str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A contract whose fees are asked for by a target day; ``cycle_day`` as rows write it."""

    interval: Interval
    start: date
    end: date | None
    cycle_day: int

    def contract(self) -> Contract:
        """Return the contract, not billed yet."""
        sold = plan("p", fee("1000.00"), interval=self.interval, calendar=False)
        at = day(self.start.isoformat())
        contract = subscribed(sold, at, anchor=self.anchor.isoformat())
        if self.end is not None:
            contract.end(day(self.end.isoformat()))
        return contract

    @property
    def anchor(self) -> date:
        """
        Return a day from which the boundaries of the row follow.

        It has the cycle day, if a month that is whole intervals from that of the start has it, else
        the month's last day; intervals of days are counted from the start.
        """
        if self.interval.of is IntervalUnit.DAY:
            return self.start
        months = {MONTH: 1, QUARTER: 3, YEAR: 12}[self.interval]
        for back in range(0, 12, months):
            year, month = divmod(self.start.year * 12 + self.start.month - 1 - back, 12)
            if self.cycle_day <= monthrange(year, month + 1)[1]:
                return date(year, month + 1, self.cycle_day)
        return date(self.start.year, self.start.month, _last_day(self.start))


def _last_day(at: date) -> int:
    return monthrange(at.year, at.month)[1]


def service_of(row: Row) -> Service:
    """Return the service that a row describes."""
    period = row["period"].partition(",")[0]
    ends = _DAY.search(row.cells.get("end", ""))
    return Service(
        interval=INTERVALS.get(period, MONTH),
        start=date.fromisoformat(row["start"]),
        end=None if ends is None else date.fromisoformat(ends[0]),
        cycle_day=int(row["BCD"]),
    )


def shares(issued: Sequence[Invoice]) -> list[Share]:
    """Return what each line is for, and at which share."""
    return [
        (f"{line.key.period.start:%Y-%m-%d}", f"{line.key.period.end:%Y-%m-%d}", line.share)
        for document in issued
        for line in document.lines
    ]


def check_items(row: Row) -> None:
    """The periods charged by the target day, each with its share."""
    (cell,) = (text for name, text in row.cells.items() if name.startswith("expected items"))
    expected = [(start, end, Fraction(share)) for start, end, share in _ITEM.findall(cell)]
    assert expected
    found = shares(service_of(row).contract().bill(day(row["target"])))
    assert found == expected
    whole = sum((share for _, _, share in found), Fraction(0))
    assert abs(whole - Fraction(row["total periods"])) < Fraction(1, 10**8)


def check_march(row: Row) -> None:
    """From January 31 by months: each boundary is counted from the original anchor."""
    start = date(2011, 1, 31)
    service = Service(interval=MONTH, start=start, end=None, cycle_day=31)
    found = shares(service.contract().bill(day(row["target"])))
    assert sum(share for _, _, share in found) == row.number("total periods")
    assert found[-1][1] == row["last item end"]


def check_first_cycle(row: Row) -> None:
    """The first boundary on or after the start."""
    service = service_of(row)
    start = day(service.start.isoformat())
    (first, *_) = service.contract().basis.billing_periods(through=start)
    found = first.whole.start if first.whole.start == start else first.span.end
    expected = _DAY.search(row["expected first cycle date"])
    assert expected is not None
    assert f"{found:%Y-%m-%d}" == expected[0]


def check_through(row: Row, *, target: str) -> None:
    """How far a contract is charged by a day."""
    found = shares(service_of(row).contract().bill(day(target)))
    assert found[0][0] == row["start"]
    assert row["expected first cycle date"].endswith(f"billed through {found[-1][1]}")


def check_trailing(row: Row) -> None:
    """The last period of a contract that ends the day before a boundary."""
    service = replace(service_of(row), end=date(2012, 9, 15))
    found = shares(service.contract().bill(day("2012-08-16")))
    assert "[08-16, 09-15) = 30/31" in row["expected first cycle date"]
    assert found[-1] == ("2012-08-16", "2012-09-15", Fraction(30, 31))


def check_nothing(row: Row, *, end: str | None, target: str) -> None:
    """Where there is no service, nothing is charged."""
    assert "no" in row["expected"]
    service = Service(
        interval=MONTH,
        start=date(2012, 3, 10),
        end=None if end is None else date.fromisoformat(end),
        cycle_day=1,
    )
    assert service.contract().bill(day(target)) == []


def ids(first: int, last: int) -> list[str]:
    """Return the ids of rows, both ends included."""
    return [f"KBP-{number:03}" for number in range(first, last + 1)]


LEFT_OUT: dict[str, Reason] = dict.fromkeys(
    # 14 of 28 and of 90 days: the boundary before February 28 is January 31, and November 30.
    ("KBP-019", "KBP-025"),
    Otherwise(
        sentence="The k-th boundary is the anchor plus k intervals, the day clamped to the month's "
        "last, always from the original anchor."
    ),
)
CHECKS: dict[str, Check] = {
    **{case: check_items for case in ids(1, 72) if case not in LEFT_OUT},
    **dict.fromkeys(ids(73, 81), check_march),
    **dict.fromkeys(ids(82, 94), check_first_cycle),
    "KBP-095": partial(check_through, target="2012-04-30"),
    "KBP-096": partial(check_through, target="2012-08-16"),
    "KBP-097": check_trailing,
    "KBP-098": partial(check_nothing, end="2012-03-01", target="2012-06-01"),
    "KBP-099": partial(check_nothing, end=None, target="2012-03-09"),
    "KBP-100": partial(check_nothing, end="2012-03-10", target="2012-06-01"),
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
