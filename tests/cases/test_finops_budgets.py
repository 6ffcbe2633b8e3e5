"""Thresholds and forecasts as public cost tools define them."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tallystick.forecasting import DailyUsage, Line, Standing, draw_line, project_total
from tallystick.forecasting.line import LINE_DAYS_LEAST, without_outliers
from tallystick.forecasting.ordered import quartiles
from tallystick.kernel import instant
from tallystick.thresholds import Basis, Reading, Watch, Watched
from tests.notation import CaseBook, Check, NotBuilt, Reason, Row, numbers, read_cases
from tests.tally import row_tests
from tests.thresholds.watching import percent, reading, told, usage

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


def forecast(values: list[Decimal], first: date = date(2026, 3, 1)) -> Line | None:
    """Return the line through values of consecutive days."""
    return draw_line(DailyUsage(first=first, values=tuple(values)))


def month_of_run_rate(row: Row) -> Decimal:
    """Return what April comes to: even days in March and until the 11th of April."""
    spent, days, march = numbers(row["given"].partition(",")[2])[:3]
    values = [march / 31] * 31 + [spent / days] * int(days)
    line = forecast(values)
    assert line is not None
    standing = Standing(
        value=spent,
        limit=None,
        at=instant("2026-04-11T00:00:00Z"),
        end=instant("2026-05-01T00:00:00Z"),
        zone="UTC",
    )
    assert f"daily {line.on(date(2026, 4, 11))}" in row["expected"]
    return project_total(line, standing).at_end


def check_run_rate(row: Row) -> None:
    """30 a day, 900 in the month."""
    assert f"month {month_of_run_rate(row)}" in row["expected"]


def check_projected(row: Row) -> None:
    """The forecast of the month is at the limit, or above."""
    (f1,) = (one for one in read_cases(FILE) if one.id == "F1")
    limit, come_to = (numbers(row["given"])[place] for place in (1, -1))
    assert row["expected"] == "fires at 900 ; fires"
    watch = usage(percent(100, basis=Basis.PROJECTED))
    for projected in (month_of_run_rate(f1), come_to):
        seen = replace(reading(300), limit=limit, projected=projected)
        assert told(watch, seen) == ["projected 100 %"]
        assert told(watch, replace(seen, projected=projected - 1)) == [""]


def check_too_few(row: Row) -> None:
    """The quartiles are the file's, one day is dropped, and seven are not enough."""
    values = numbers(row["given"].replace(",", " "))
    dropped, first, third, limit, left, least = first_numbers(row["expected"], 6)
    assert quartiles(values) == (first, third)
    assert third + Decimal("1.5") * (third - first) == limit
    known = without_outliers(DailyUsage(first=date(2026, 3, 1), values=tuple(values))).known
    assert (len(known), {value for _, value in known}) == (int(left), set(values) - {dropped})
    assert left < least == LINE_DAYS_LEAST
    assert forecast(values) is None


def first_numbers(text: str, count: int) -> list[Decimal]:
    """Return the first numbers of a text that are no names of quartiles."""
    return numbers(text.replace("Q1", "").replace("Q3", ""))[:count]


def check_gap(row: Row) -> None:
    """The day after the one that was dropped is two steps on."""
    line = forecast([*map(Decimal, range(10, 18)), Decimal(100)])
    assert line is not None
    dropped, slope, after = numbers(row["expected"])
    assert dropped == 100
    assert (line.slope, line.on(date(2026, 3, 10))) == (slope, after)


def check_constant(row: Row) -> None:
    """5 each day, and the interval has no width."""
    each, width = numbers(row["expected"])
    line = forecast([Decimal(5)] * 30)
    assert line is not None
    assert (line.on(date(2026, 4, 20)), line.spread) == (each, width)


def check_declining(row: Row) -> None:
    """From 30 to 1, and then nothing."""
    line = forecast([Decimal(n) for n in range(30, 0, -1)])
    assert line is not None
    assert row["expected"] == "never below 0"
    ahead = [line.on(date(2026, 3, 31) + timedelta(days=n)) for n in range(5)]
    assert ahead == [0] * 5


CHECKS: dict[str, Check] = {
    "B1": check_each_once,
    "B2": check_back_again,
    "B3": check_roll_over,
    "B5": check_projected,
    "F1": check_run_rate,
    "F2": check_too_few,
    "F3": check_gap,
    "F4": check_constant,
    "F5": check_declining,
}
BUDGETS = NotBuilt(feature="budgets")
LEFT_OUT: dict[str, Reason] = {
    **dict.fromkeys(("B4", "B6", "B7", "B8", "B9", "B10", "B11"), BUDGETS),
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
