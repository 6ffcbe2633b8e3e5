"""Prices with intervals of their own: when they fall due, through changes and an end."""

from dataclasses import replace
from decimal import Decimal

from tallystick.invoicing import missing_documents
from tallystick.kernel import Interval, IntervalUnit, PriceKey, SubjectSpan
from tallystick.pricing import GraduatedPrice, Price, Tier
from tests.invoicing.contract import (
    QUARTER,
    YEAR,
    Contract,
    day,
    fee,
    plan,
    shown,
    subscribed,
    to_plan,
    total,
)
from tests.invoicing.world import CPU, WORKSPACE, cpu

WEEK = Interval(count=1, of=IntervalUnit.WEEK)
YEARLY = replace(fee("365", key="platform"), interval=YEAR)


def hours(interval: Interval) -> Price:
    """Return hours in tiers of an interval: the first at 1.00, what is above at 0.10."""
    tiers = (
        Tier(up_to=Decimal(1), unit_price=Decimal(1)),
        Tier(up_to=None, unit_price=Decimal("0.1")),
    )
    return Price(
        key=PriceKey("hours"),
        model=GraduatedPrice(tiers=tiers),
        meter=CPU.key,
        unit="hour",
        currency="USD",
        interval=interval,
    )


def used(price: Price, *seconds: tuple[str, str]) -> Contract:
    """Return a monthly contract of 2026 with CPU-seconds at some instants."""
    contract = subscribed(plan("p", price), day("2026-01-01"), meters=[CPU])
    spans = (SubjectSpan(subject="vm-1", start=None, end=None),)
    contract.basis = replace(contract.basis, workspace=WORKSPACE, spans=spans)
    contract.events = [cpu(n, at, each) for n, (at, each) in enumerate(seconds, start=1)]
    return contract


def test_a_yearly_fee_in_advance_stands_on_the_first_invoice_of_each_year() -> None:
    """Of a monthly contract with a yearly fee, one invoice a year bears it."""
    contract = subscribed(plan("p", fee("1"), YEARLY), day("2026-01-01"))
    contract.bill(day("2027-02-01"))
    yearly = [line for line in shown(contract.documents) if line.startswith("platform")]
    assert yearly == ["platform 01-01..01-01 365.00"] * 2
    assert total(contract.documents) == "744.00"


def test_a_yearly_fee_is_given_back_when_its_plan_is_left() -> None:
    """What is left of the year is given back at once, and nothing of it comes again."""
    other = plan("other", fee("2"))
    contract = subscribed(plan("p", fee("1"), YEARLY), day("2026-01-01"))
    contract.bill(day("2026-05-01"))
    contract.agree(to_plan(day("2026-05-01"), other), plans=[other])
    contract.bill(day("2027-03-01"))
    yearly = [line for line in shown(contract.documents) if line.startswith("platform")]
    assert yearly == ["platform 01-01..01-01 365.00", "platform 01-01..05-01 -245.00"]


def test_usage_by_the_quarter_counts_tiers_over_the_quarter() -> None:
    """A quarter of usage is due with its last month, as one quantity."""
    contract = used(
        hours(QUARTER), ("2026-01-10T00:00:00Z", "3600"), ("2026-03-10T00:00:00Z", "7200")
    )
    contract.bill(day("2026-04-01"))
    assert shown(contract.documents) == ["hours 01-01..04-01 1.20"]


def test_usage_by_the_week_goes_on_over_the_end_of_a_month() -> None:
    """The part of a week in the next month goes on where its first part left the tiers."""
    # January 31 is a Saturday, February 1 the Sunday of the same week.
    contract = used(hours(WEEK), ("2026-01-31T12:00:00Z", "3600"), ("2026-02-01T12:00:00Z", "3600"))
    contract.bill(day("2026-03-01"))
    charged = [line for line in shown(contract.documents) if not line.endswith(" 0.00")]
    assert charged == ["hours 01-26..02-01 1.00", "hours 02-01..02-02 0.10"]


def test_late_usage_of_a_quarter_is_an_adjustment() -> None:
    """What comes to light after the quarter was billed is charged at the next chance."""
    contract = used(hours(QUARTER), ("2026-01-10T00:00:00Z", "3600"))
    contract.bill(day("2026-04-01"))
    contract.events.append(cpu(20, "2026-02-01T00:00:00Z", "36000"))
    contract.bill(day("2026-05-01"))
    assert shown(contract.documents)[-1] == "hours 01-01..04-01 1.00"


def test_an_end_bills_what_ran_of_a_quarter() -> None:
    """A contract that ends within a quarter is charged for what it used of it."""
    contract = used(hours(QUARTER), ("2026-01-10T00:00:00Z", "3600"))
    contract.end(day("2026-02-15"))
    contract.bill(day("2026-03-01"))
    assert shown(contract.documents)[0] == "hours 01-01..02-15 1.00"


def test_a_month_in_which_nothing_falls_due_has_no_document() -> None:
    """Of a contract by the quarter alone no month is due before the quarter's last."""
    contract = used(hours(QUARTER), ("2026-01-10T00:00:00Z", "3600"))
    dues = missing_documents(contract.basis, (), through=day("2026-07-01"))
    assert [f"{due.period.end:%m-%d}" for due in dues] == ["04-01", "07-01"]
