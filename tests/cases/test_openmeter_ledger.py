"""Prepaid lots as OpenMeter's suite observed them."""

import re
from decimal import Decimal

from tallystick.credits import CreditHistory, balance, standing, transactions
from tests.credits.holding import EUR, day, grant, held, left, returned, used
from tests.notation import CaseBook, Check, Row, numbers
from tests.tally import row_tests

FILE = "openmeter-ledger.md"
LOTS = held(
    grant("A", 10, 10, priority=1), grant("B", 15, 15, priority=1), grant("C", 20, priority=1)
)
ONE = held(grant("A", 10, 10))


def lefts(text: str) -> dict[str, Decimal]:
    """Return what a cell says is left of lots: "A 0, B 10 left; C 20 untouched"."""
    return {name: Decimal(amount) for name, amount in re.findall(r"\b([A-D]) (\d+)", text)}


def check_left(history: CreditHistory, on: int) -> Check:
    """The lots that a cell names hold what it says."""

    def check(row: Row) -> None:
        expected = lefts(row["expected"])
        assert expected
        assert {name: left(history, on)[name] for name in expected} == expected

    return check


def check_returned(row: Row) -> None:
    """What comes back goes to the lots in the reverse of the order in which they were taken of."""
    taken = used(held(grant("A", 4, 10), grant("B", 6, 15)), 10, 2, "u")
    amount = numbers(row["steps"])[-1]
    after = left(returned(taken, amount, 3, "u"), 3)
    expected = {"A": Decimal(0), "B": Decimal(0)}
    for part, last in re.findall(r"(\d+) (?:goes back )?to the day-(\d+) lot", row["expected"]):
        expected["A" if last == "10" else "B"] = Decimal(part)
    assert sum(expected.values()) == amount
    assert after == expected


def check_balances(row: Row) -> None:
    """A balance for an instant counts what happened at it."""
    history = used(ONE, 4, 5)
    cases = re.findall(r"as of day (\d+) = (\d+)", row["expected"])
    assert len(cases) == 3
    for on, expected in cases:
        assert balance(history, day(int(on)), EUR) == Decimal(expected)


def check_listed(on: int) -> Check:
    """The transactions up to a day, in order, with their signs."""

    def check(row: Row) -> None:
        told = re.findall(r"(\w+) ([+\N{MINUS SIGN}])(\d+)", row["expected"])
        expected = [f"{kind} {'' if sign == '+' else '-'}{amount}" for kind, sign, amount in told]
        listed = transactions(used(ONE, 4, 5), day(on))
        found = [f"{one.kind.value} {one.amount}" for one in listed]
        assert found == expected

    return check


def check_reopened(row: Row) -> None:
    """What is used will not expire, and what is given back will."""
    planned, released, reopened = numbers(row["steps"])
    history = returned(used(held(grant("A", planned, 10)), released, 5, "u"), reopened, 6, "u")
    (one,) = standing(history, day(10))
    assert [lapse.amount for lapse in one.lapses] == numbers(row["expected"])


CHECKS: dict[str, Check] = {
    "L01": check_left(used(LOTS, 5, 2), 2),
    "L02": check_left(used(used(LOTS, 5, 2), 10, 3), 3),
    "L03": check_left(used(LOTS.granted(grant("D", 5, priority=0)), 3, 2), 2),
    "L04": check_returned,
    "L05": check_returned,
    "L06": check_balances,
    "L07": check_listed(10),
    "L08": check_listed(7),
    "L09": check_reopened,
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out={})
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
