"""Periods, allowances and credit prices as Meteroid and Autumn observed them."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from tallystick.catalog import Alignment, PlanVersion, Proration
from tallystick.kernel import (
    AccountKey,
    Interval,
    IntervalUnit,
    PlanKey,
    SubscriptionKey,
    instant,
)
from tallystick.pricing import roll_over
from tallystick.subscriptions import Subscription, periods
from tests.cases import burned, decided, stored
from tests.cases.priced import amount
from tests.notation import CaseBook, Check, Row, StoredCheck, numbers
from tests.tally import row_tests, stored_row_test

FILE = "meteroid-autumn-extra.md"
UNITS = {
    "monthly": IntervalUnit.MONTH,
    "quarterly": IntervalUnit.QUARTER,
    "annual": IntervalUnit.YEAR,
}
PLAN = PlanVersion(
    plan=PlanKey("pro"),
    version=1,
    name="Pro",
    currency="EUR",
    interval=Interval(count=1, of=IntervalUnit.MONTH),
    alignment=Alignment.ANNIVERSARY,
    prices=(),
    proration=Proration.DAY,
)
FAR = instant("2029-01-01T00:00:00Z")
_DAY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")


def days(text: str, year: int) -> list[date]:
    """Return the dates that a cell writes; those without a year are of the given one."""
    found = [match.groups() for match in _DAY.finditer(text)]
    return [date(int(of or year), int(month), int(day)) for of, month, day in found]


def days_of(row: Row, count: int) -> list[tuple[date, date]]:
    """Return the first periods of a contract from its start, with the billing day as anchor."""
    (start,) = days(row["start"], 0)
    contract = Subscription(
        key=SubscriptionKey("s"),
        account=AccountKey("a"),
        plan=PLAN.plan,
        version=1,
        legal_entity="main",
        start=instant(f"{start}T00:00:00Z"),
        anchor=start.replace(day=int(row["billing day"])),
    )
    plan = replace(PLAN, interval=Interval(count=1, of=UNITS[row["interval"]]))
    spans = periods(contract, [plan], "UTC", through=FAR)
    return [(span.start.date(), span.end.date()) for span in spans[:count]]


def check_periods(row: Row) -> None:
    """The first periods run from boundary to boundary, the first from the start."""
    year = days(row["start"], 0)[0].year
    expected = days(row["expected first periods"], year)
    pairs = list(zip(expected[::2], expected[1::2], strict=True))
    assert days_of(row, len(pairs)) == pairs


def check_elapsed(row: Row) -> None:
    """As many cycles have elapsed as periods have ended."""
    year = days(row["start"], 0)[0].year
    ends = [end for _, end in days_of(row, 60)]
    for case in row["at → elapsed cycles"].split(","):
        at, _, expected = case.partition("→")
        (day,) = days(at, year)
        assert sum(end <= day for end in ends) == int(expected)


def check_rollover(row: Row) -> None:
    """What is left of 1,000 after 600 is added to the next month's."""
    assert (
        Decimal(1000) + roll_over(Decimal(1000), carried=Decimal(0), used=Decimal(600))
        == numbers(row["expected"])[-1]
    )


def check_rollover_first(row: Row) -> None:
    """Of 1,000 and 400 that rolled over, 300 are taken from what rolled over."""
    left, monthly = numbers(row["expected"])[:2]
    after = roll_over(Decimal(1000), carried=Decimal(400), used=Decimal(300))
    assert after == left + monthly


def check_cap(row: Row) -> None:
    """No more than the cap rolls over."""
    first = roll_over(Decimal(1500), carried=Decimal(0), used=Decimal(0), cap=Decimal(2000))
    second = roll_over(Decimal(1500), carried=first, used=Decimal(0), cap=Decimal(2000))
    assert second == numbers(row["expected"])[-1]


CREDITS = {"currency": "CREDIT", "currency_exponent": 0}


def check_credit_price(row: Row) -> None:
    """An action costs credits, as anything costs money."""
    document = {"model": "unit", "unit_price": "2", **CREDITS}
    assert amount(document, {"quantity": "10"}) == numbers(row["expected"])[0]


def check_pool(row: Row) -> None:
    """A mix of actions takes what each of them costs out of one pool."""
    assert row["expected"].endswith("200")
    document = {
        "model": "matrix",
        "group_by": ["action"],
        "cells": [{"where": {"action": "premium"}, "unit_price": "10"}],
        "default_price": "1",
        **CREDITS,
    }
    used = [
        amount(document, {"quantity": quantity, "group": {"action": action}})
        for action, quantity in (("basic", "50"), ("premium", "15"))
    ]
    assert sum(used, Decimal(0)) == 200


def check_old_rate(row: Row) -> None:
    """What lies above the old version's allowance is billed at its rate."""
    used = re.search(r"used (\d+)", row["situation"])
    assert used
    document = {"model": "unit", "unit_price": "1.00", "allowance": "10"}
    cost = amount(document, {"quantity": used[1]})
    no_line = row["expected"].endswith("no line")
    assert cost == (0 if no_line else Decimal("10.00"))
    assert no_line or "10.00 line" in row["expected"]


def ids(*parts: range | int) -> tuple[str, ...]:
    """Return row ids from numbers and ranges."""
    expanded = [range(part, part + 1) if isinstance(part, int) else part for part in parts]
    return tuple(f"MA-{number:03}" for part in expanded for number in part)


def both(*checks: Check) -> Check:
    """An allowance of a price, and a grant, roll over alike."""

    def check(row: Row) -> None:
        for each in checks:
            each(row)

    return check


CHECKS: dict[str, Check] = {
    **dict.fromkeys(ids(range(1, 8)), check_periods),
    **dict.fromkeys(ids(range(8, 17)), check_elapsed),
    **dict.fromkeys(ids(range(38, 41)), burned.check_pool),
    "MA-041": burned.check_soonest,
    "MA-042": both(check_rollover, burned.check_rolled),
    "MA-043": both(check_rollover_first, burned.check_rolled),
    "MA-044": both(check_cap, burned.check_trimmed),
    "MA-045": burned.check_removed,
    "MA-060": burned.check_bought,
    "MA-061": burned.check_limited,
    "MA-064": burned.check_replayed,
    "MA-046": check_credit_price,
    "MA-051": decided.check_two_reservations,
    "MA-052": decided.check_overage_cap,
    "MA-053": decided.check_override,
    "MA-058": decided.check_raised,
    "MA-059": decided.check_alert,
    "MA-047": check_pool,
    "MA-062": check_old_rate,
    "MA-063": check_old_rate,
}
STORED: dict[str, StoredCheck] = {
    "MA-048": stored.check_confirmed,
    "MA-049": stored.check_released,
    "MA-050": stored.check_expired,
    "MA-054": stored.check_unpriced,
    "MA-055": stored.check_cap_of_a_day,
    "MA-056": stored.check_tightest,
    "MA-057": stored.check_entities,
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out={}, stored=STORED)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
test_stored_row = stored_row_test(BOOK)
