"""Thresholds and forecasts as public cost tools define them."""

from decimal import Decimal

import pytest

from tallystick.thresholds import Reading, Watch, Watched
from tests.notation import CaseBook, Check, NotBuilt, Reason, Row, numbers
from tests.tally import CaseNotes
from tests.thresholds.watching import percent, reading, told

FILE = "finops-budget-forecast-anomaly.md"
BUDGET = Watch(
    watched=Watched.BUDGET, thresholds=tuple(percent(amount) for amount in (50, 80, 100))
)


def spent(*values: str | int | Decimal, period: int = 0) -> list[Reading]:
    """Return readings of a month's spend under a budget of 1,000."""
    return [reading(str(value), hour, period=period) for hour, value in enumerate(values)]


def shown(names: list[str]) -> str:
    """Return what was told as the file writes it: amounts, ``none`` where there was nothing."""
    return " ; ".join(name.removesuffix(" %") or "none" for name in names)


def check_each_once(row: Row) -> None:
    """499.99 tells nothing, 500, 820 and 1,000 tell 50, 80 and 100 %."""
    values = numbers(row["given"].partition("reaches")[2])
    assert f"{shown(told(BUDGET, *spent(*values)))}, each once" == row["expected"]


def check_back_again(row: Row) -> None:
    """A credit takes spend below 50 % and back: nothing is told again."""
    below, again = numbers(row["given"])
    assert "no second 50 % alert" in row["expected"]
    assert told(BUDGET, *spent(500, below, again)) == ["50 %", "", ""]


def check_roll_over(row: Row) -> None:
    """The next month tells all of them once more."""
    assert row["expected"] == "all thresholds armed again"
    months = [*spent(1000), *spent(1000, period=1)]
    assert told(BUDGET, *months) == ["50 %, 80 %, 100 %"] * 2


CHECKS: dict[str, Check] = {
    "B1": check_each_once,
    "B2": check_back_again,
    "B3": check_roll_over,
}
BUDGETS, FORECASTS = NotBuilt(feature="budgets"), NotBuilt(feature="forecasts")
LEFT_OUT: dict[str, Reason] = {
    **dict.fromkeys(("B4", "B6", "B7", "B8", "B9", "B10", "B11"), BUDGETS),
    **dict.fromkeys(("B5", "F1", "F2", "F3", "F4", "F5"), FORECASTS),
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)


def test_every_row_is_accounted_for(case_notes: CaseNotes) -> None:
    """Each row of the file is checked, or left out for a reason that holds."""
    assert BOOK.problems() == []
    case_notes.left_out(FILE, BOOK.left_out)


@pytest.mark.parametrize("case", CHECKS)
def test_row(case: str, case_notes: CaseNotes) -> None:
    """The row comes out as the file says."""
    BOOK.check(case)
    case_notes.passed(FILE, case)
