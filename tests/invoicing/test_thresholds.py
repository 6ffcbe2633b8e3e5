"""Invoices within a period: due at thresholds of usage, taken off at the period's end."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.accounts import Account
from tallystick.catalog import Threshold
from tallystick.invoicing import PostingFacts, divide_lines
from tallystick.invoicing.progressive import crossed
from tallystick.kernel import AccountKey, Money, SubjectSpan, currency
from tallystick.ledger import Books
from tests.invoicing.contract import Contract, day, fee, plan, subscribed, to_plan
from tests.invoicing.test_coupons import CALLS, FOREVER, ONE_EACH, calls, given, sums

USD = currency("USD")


def once(*amounts: str, recurring: str = "") -> tuple[Threshold, ...]:
    """Return thresholds."""
    found = [Threshold(amount=Decimal(amount)) for amount in amounts]
    if recurring:
        found.append(Threshold(amount=Decimal(recurring), recurring=True))
    return tuple(found)


def contract_of(*thresholds: Threshold, start: str = "2026-01-01") -> Contract:
    """Return a contract with a fee of 31.00 in arrears, calls at 1.00, and thresholds."""
    sold = replace(plan("pro", fee("31", arrears=True), ONE_EACH), thresholds=thresholds)
    contract = subscribed(sold, day(start), meters=[CALLS])
    spans = (SubjectSpan(subject="a", start=None, end=None),)
    contract.basis = replace(contract.basis, spans=spans)
    return contract


def test_a_threshold_is_billed_once_and_taken_off() -> None:
    """20.00 passed on day 5: an invoice; 20.00 more none; at the end 40.00 less it, and the fee."""
    contract = contract_of(*once("20"))
    calls(contract, 20, day("2026-01-05"))
    assert sums(contract.look(day("2026-01-06"))) == ["20.00"]
    assert contract.look(day("2026-01-06")) == []
    calls(contract, 20, day("2026-01-15"))
    assert contract.look(day("2026-01-16")) == []
    (january,) = contract.bill(day("2026-02-01"))
    assert [f"{line.key.price} {line.money.decimal}" for line in january.lines] == [
        "base 31.00", "calls 20.00",
    ]  # fmt: skip
    assert contract.bill(day("2026-02-01")) == []


def test_late_usage_after_the_period_is_an_adjustment() -> None:
    """Once the period is billed, its calls are closed, threshold or not."""
    contract = contract_of(*once("20"))
    calls(contract, 25, day("2026-01-05"))
    contract.look(day("2026-01-06"))
    contract.bill(day("2026-02-01"))
    calls(contract, 3, day("2026-01-10"))
    february = contract.bill(day("2026-03-01"))[0]
    assert [line.description for line in february.lines] == ["base", "calls", "calls, corrected"]
    assert sums([february]) == ["34.00"]


def test_usage_that_is_taken_back_lowers_the_periods_document() -> None:
    """25.00 was billed for a threshold; 5.00 of it is taken back before the period ends."""
    contract = contract_of(*once("20"))
    contract.basis = replace(contract.basis, meters=(replace(CALLS, negative_allowed=True),))
    calls(contract, 25, day("2026-01-05"))
    contract.look(day("2026-01-06"))
    calls(contract, -5, day("2026-01-20"))
    assert sums(contract.bill(day("2026-02-01"))) == ["26.00"]


def test_a_change_of_plan_leaves_what_was_billed_to_the_periods_document() -> None:
    """The correction on the day of the change holds fees alone; calls wait, less the 20.00."""
    contract = contract_of(*once("20"))
    calls(contract, 20, day("2026-01-05"))
    contract.look(day("2026-01-06"))
    team = replace(plan("team", fee("62", arrears=True), ONE_EACH), thresholds=once("20"))
    contract.agree(to_plan(day("2026-01-11"), team), plans=[team])
    assert contract.bill(day("2026-01-12")) == []
    calls(contract, 7, day("2026-01-20"))
    assert contract.look(day("2026-01-21")) == []
    # 31.00 x 10/31 + 62.00 x 21/31 = 52.00, and 27.00 of calls less 20.00
    assert sums(contract.bill(day("2026-02-01"))) == ["59.00"]


def test_a_coupon_lowers_what_is_billed_for_a_threshold() -> None:
    """10 % of 40.00: 36.00 passes 30.00; the period's document takes it off."""
    contract = contract_of(*once("30"))
    contract.basis = replace(contract.basis, coupons=(given(FOREVER),))
    calls(contract, 40, day("2026-01-05"))
    assert sums(contract.look(day("2026-01-06"))) == ["36.00"]
    assert sums(contract.bill(day("2026-02-01"))) == ["27.90"]


def test_income_within_a_period_is_earned_at_once() -> None:
    """What was used is earned, though the period of the line still runs."""
    contract = contract_of(*once("20"))
    calls(contract, 20, day("2026-01-05"))
    (invoice,) = contract.look(day("2026-01-06"))
    facts = PostingFacts(
        effective_at=day("2026-01-06"),
        books=Books(key="main", zone="UTC"),
        payer=Account(key=AccountKey("a"), name="A", zone="UTC", currency="USD", invoiced=True),
    )
    (division,) = divide_lines(invoice, facts).values()
    assert (str(division.now), division.later) == ("20.00 USD", {})


@pytest.mark.parametrize(
    ("before", "now", "passed"),
    [(0, 19, False), (0, 20, True), (20, 40, False), (40, 50, True), (50, 149, False),
     (50, 150, True), (149, 151, True), (150, 249, False), (151, 400, True), (400, 300, False)],
)  # fmt: skip
def test_thresholds_are_passed_once(before: int, now: int, *, passed: bool) -> None:
    """20 and 50 once, then every 100 above 50."""
    thresholds = once("20", "50", recurring="100")
    sums_ = (Money(minor=100 * minor, currency=USD) for minor in (before, now))
    assert crossed(thresholds, *sums_) is passed
