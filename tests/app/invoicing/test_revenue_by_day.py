"""Revenue by days through the stores: usage before and after its document, fees, sales, notes."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tallystick.app import Caller
from tallystick.app.invoicing import RevenueByDay, revenue_by_day
from tallystick.invoicing import DayRevenue
from tallystick.kernel import AccountKey, Done, Outcome, Refused, instant
from tests.app.invoicing.billing import Billing
from tests.app.invoicing.test_notes import goodwill
from tests.app.invoicing.test_one_off import ORDER, sell
from tests.invoicing.world import call, cpu

JANUARY = RevenueByDay(since=date(2026, 1, 1), until=date(2026, 1, 31))
FEBRUARY = RevenueByDay(since=date(2026, 2, 1), until=date(2026, 2, 28))


def asked(
    billing: Billing, question: RevenueByDay, *, caller: Caller | None = None
) -> Outcome[tuple[DayRevenue, ...]]:
    """Ask for revenue by days."""
    return revenue_by_day(
        question, caller=caller or billing.caller, uow=billing.unit(), sources=billing.sources
    )


def told(billing: Billing, question: RevenueByDay) -> dict[str, DayRevenue]:
    """Return the revenue of each day; it must not be refused."""
    outcome = asked(billing, question)
    assert isinstance(outcome, Done), outcome
    return {str(row.day): row for row in outcome.value}


def standing(row: DayRevenue) -> tuple[Decimal, Decimal, Decimal]:
    """Return what is recognised, deferred and unbilled by the end of a day."""
    return row.recognised.decimal, row.deferred.decimal, row.unbilled.decimal


def go_to(billing: Billing, at: str) -> None:
    """Set the clock forward to an instant."""
    billing.clock.forward(seconds=(instant(at) - billing.clock.now()) // timedelta(seconds=1))


def test_usage_is_earned_on_its_days_billed_or_not(billing: Billing) -> None:
    """Before its document it is unbilled; afterwards the same days have earned the same."""
    billing.record(
        [
            cpu(1, "2026-01-10T00:00:00Z", "43200"),
            *[call(position, "2026-01-20T00:00:00Z") for position in range(2, 13)],
        ]
    )
    before = told(billing, JANUARY)
    assert before["2026-01-10"].earned.decimal == Decimal("0.54")
    assert before["2026-01-20"].earned.decimal == Decimal("1.00")
    assert standing(before["2026-01-31"]) == (Decimal("1.54"), Decimal(0), Decimal("1.54"))
    billing.run(through=instant("2026-02-02T00:00:00Z"))
    after = told(billing, JANUARY)
    assert [row.earned for row in after.values()] == [row.earned for row in before.values()]
    assert after["2026-01-31"].unbilled.decimal == Decimal("1.54")
    february = told(billing, FEBRUARY)
    assert standing(february["2026-02-01"])[2] == Decimal("1.54")
    assert standing(february["2026-02-02"])[2] == Decimal(0)
    # Two fees of 10.00 were charged on February 2: January's is earned, February's by its days.
    assert february["2026-02-02"].earned.decimal == Decimal("10.71")
    assert february["2026-02-28"].deferred.decimal == Decimal(0)
    assert february["2026-02-28"].recognised.decimal == Decimal("20.00")


def test_sales_and_notes_count_on_their_days(billing: Billing) -> None:
    """What was sold once is earned when it was; a credit on the day of its note."""
    billing.run()
    sold = sell(billing, ORDER)
    go_to(billing, "2026-02-10T00:00:00Z")
    goodwill(billing, sold.id, "12.41")
    found = told(billing, FEBRUARY)
    assert found["2026-02-02"].earned.decimal == Decimal("10.71") + Decimal("162.41")
    fee_of_a_day = found["2026-02-09"].earned.decimal
    assert abs(found["2026-02-10"].earned.decimal + Decimal("12.41") - fee_of_a_day) <= Decimal(
        "0.01"
    )


def test_what_is_not_told(billing: Billing) -> None:
    """Too many days, days in the wrong order, and a key of one account are refused."""
    for question, code in (
        (replace(JANUARY, until=date(2027, 1, 1)), "too_long"),
        (replace(JANUARY, until=date(2025, 1, 1)), "too_long"),
    ):
        outcome = asked(billing, question)
        assert isinstance(outcome, Refused)
        assert outcome.problems[0].code == code
    bound = replace(billing.caller, account=AccountKey("acme"))
    outcome = asked(billing, JANUARY, caller=bound)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "forbidden"
