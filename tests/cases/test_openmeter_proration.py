"""Proration of fees as OpenMeter's suite observed it, through contracts that are billed."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tallystick.catalog import Proration
from tallystick.kernel import Misuse, Period
from tests.invoicing.contract import Contract, day, fee, plan, subscribed, total
from tests.notation import CaseBook, Check, Otherwise, Reason, Row, numbers
from tests.tally import row_tests

FILE = "openmeter-proration.md"
FULL = "price and full period"
SERVICE = "service period"
MODES = (Proration.DAY, Proration.SECOND)


def contract_of(row: Row, mode: Proration, *, start: str = "2024-01-01") -> Contract:
    """Return a contract by calendar month from a first of January, at the fee of a row."""
    found = re.search(r"(JPY )?\$?([0-9]+)", row[FULL])
    amount, unit = (found[2], "JPY" if found[1] else "USD") if found else ("100", "USD")
    price = replace(fee(amount), currency=unit)
    sold = replace(plan("p", price), currency=unit, proration=mode)
    return subscribed(sold, day(start))


def check_part(row: Row) -> None:
    """A contract that ends within the month is charged for its days, by days and by seconds."""
    (days,) = numbers(row[SERVICE])
    for mode in MODES:
        contract = contract_of(row, mode)
        end = day("2024-01-01") + timedelta(days=int(days))
        contract.end(end)
        assert Decimal(total(contract.bill(end))) == row.number("expected")


def check_switched_off(row: Row) -> None:
    """Without proration a part is charged in full."""
    contract = contract_of(row, Proration.NONE)
    end = day("2024-01-11")
    contract.end(end)
    assert Decimal(total(contract.bill(end))) == row.number("expected")


def check_whole(row: Row) -> None:
    """A whole month is charged in full."""
    for mode in MODES:
        contract = contract_of(row, mode)
        assert Decimal(total(contract.bill(day("2024-01-31")))) == row.number("expected")


def check_longer(row: Row) -> None:
    """A contract that goes on beyond the month is charged no more than the fee for the month."""
    for mode in MODES:
        contract = contract_of(row, mode)
        contract.end(day("2024-02-15"))
        (document,) = contract.bill(day("2024-01-31"))
        (line,) = document.lines
        assert line.share == Fraction(1)
        assert line.money.decimal == row.number("expected")


def check_no_length(row: Row) -> None:
    """A period of no length cannot be had, so that nothing is ever divided by it."""
    assert "no division by zero" in row["expected"]
    with pytest.raises(Misuse):
        Period(start=day("2024-01-01"), end=day("2024-01-01"))
    for mode in MODES:
        contract = contract_of(row, mode)
        assert Decimal(total(contract.bill(day("2024-01-01")))) == row.number("expected")


def check_cancelled(row: Row) -> None:
    """A contract that is cancelled after the month was charged pays what it had."""
    for mode in MODES:
        contract = contract_of(row, mode, start="2024-02-01")
        issued = contract.bill(day("2024-02-01"))
        contract.end(day("2024-02-16"))
        issued += contract.bill(day("2024-02-16"))
        assert Decimal(total(issued)) == row.number("expected")


CHECKS: dict[str, Check] = {
    "P01": check_part,
    "P02": check_part,
    "P03": check_part,
    "P04": check_switched_off,
    "P05": check_whole,
    "P06": check_longer,
    "P07": check_no_length,
    "P09": check_cancelled,
}
LEFT_OUT: dict[str, Reason] = {
    # 2.7 of 3 seconds are 81 of 90 here: seconds are not cut to whole ones.
    "P08": Otherwise(sentence="Proration mode per plan: `day` (default), `second` (exact), `none`.")
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
