"""Revenue by days of contracts that are billed, as the product's report tells it."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tallystick.catalog import TaxRegistration, TaxRule, Threshold
from tallystick.invoicing import (
    Booking,
    DayRevenue,
    Facts,
    Income,
    Purpose,
    accrued_lines,
    as_billed,
    beside,
    draft_invoice,
    earned_by_day,
    folding,
    income_of,
    questions,
    replayed_items,
    revenue_rows,
)
from tallystick.invoicing import answer as answered
from tallystick.kernel import Done, Money, Period, PriceKey, SubjectSpan, currency
from tallystick.pricing import Price, SpendPrice, UnitPrice
from tallystick.tax import Buyer, Seller, TaxFacts
from tests.invoicing.contract import YEAR, Contract, day, fee, plan, subscribed
from tests.invoicing.test_coupons import CALLS, ONE_EACH, calls
from tests.notation import Check, Row

_DAY = timedelta(days=1)


def income(made: Contract, first: date, last: date) -> Income:
    """Return the income of a contract, whose usage is measured at the end of each day."""
    (period,) = made.basis.billing_periods(through=day(str(last)))[-1:]
    nothing = Money(minor=0, currency=made.basis.currency)
    accrued: dict[date, Money] = {}
    before, on = nothing, first
    while on <= last:
        by = day(str(on + _DAY))
        items = replayed_items(made.basis, period=period.span, purpose=Purpose.PERIOD, billed=())
        asked = questions(
            made.basis,
            (*items, *beside(made.basis, items)),
            position=1 + max((event.position for event in made.events), default=0),
            preview_at=by,
        )
        outcome = draft_invoice(
            Facts(
                basis=made.basis,
                period=period.span,
                purpose=Purpose.PERIOD,
                position=0,
                measured=tuple(
                    one for each in asked for one in answered(each, folding(made.events))
                ),
                tzdata_version="2026a",
                issue_on=last,
            )
        )
        assert isinstance(outcome, Done), outcome
        draft = outcome.value.invoice
        lines = () if draft is None else accrued_lines(made.basis, draft, by=by)
        now = sum(lines, nothing)
        accrued[on] = now - before
        before, on = now, on + _DAY
    billed = as_billed(made.documents)
    return income_of(made.basis, billed, accrued=accrued, zone=made.basis.zone)


def revenue(*incomes: Income, first: str, last: str, like: Money) -> dict[str, DayRevenue]:
    """Return the revenue of each day, by its date."""
    rows = revenue_rows(
        incomes,
        since=date.fromisoformat(first),
        until=date.fromisoformat(last),
        currency=like.currency,
    )
    return {str(row.day): row for row in rows}


USD = currency("USD")
VAT = TaxFacts(
    seller=Seller(
        country="FR", registrations=(TaxRegistration(country="FR", tax_id="", valid_from=date.min),)
    ),
    buyer=Buyer(country="FR"),
    zone="UTC",
    rules=(TaxRule(key="fr", country="FR", rate=Decimal(20), valid_from=date.min),),
)


def minimum(cents: int) -> Price:
    """Return a minimum for calls, in cents."""
    return Price(
        key=PriceKey("minimum"),
        model=SpendPrice(of=("calls",)),
        currency="USD",
        minimum=Decimal(cents).scaleb(-2),
    )


FIRST, LAST = date(2023, 1, 1), date(2023, 1, 31)
NO_MONEY = Money(minor=0, currency=USD)


def january(*incomes: Income) -> dict[str, DayRevenue]:
    """Return the revenue of each day of January."""
    return revenue(*incomes, first=str(FIRST), last=str(LAST), like=NO_MONEY)


def per_call(*prices: Price) -> Contract:
    """Return a contract over calls at 0.05, with 200, 500 and 300 of them in January."""
    each = replace(ONE_EACH, model=UnitPrice(unit_price=Decimal("0.05")))
    threshold = Threshold(amount=Decimal(50))
    sold = replace(plan("p", *prices, each), thresholds=(threshold,))
    made = subscribed(sold, day("2023-01-01"), meters=[CALLS])
    made.basis = replace(made.basis, spans=(SubjectSpan(subject="a", start=None, end=None),))
    for number, on in ((200, "2023-01-03"), (500, "2023-01-10"), (300, "2023-01-20")):
        calls(made, number, day(on))
    return made


def check_fee_by_days(row: Row) -> None:
    """A month's fee in advance, day by day; the last day takes what rounding left."""
    made = subscribed(plan("p", fee("50.00")), day("2023-01-01"))
    made.bill(day("2023-01-01"))
    found = january(income(made, FIRST, LAST))
    said = [
        f"{found[on].recognised.decimal} / {found[on].deferred.decimal}"
        for on in ("2023-01-01", "2023-01-15")
    ]
    assert all(text in row["expected (currency units)"] for text in said)
    last = found[str(LAST)]
    assert (last.recognised.minor, last.deferred.minor, last.unbilled.minor) == (5000, 0, 0)
    assert "Jan 31 absorbs to 50.00 / 0" in row["expected (currency units)"]


def check_usage_by_days(row: Row) -> None:
    """Usage is earned on the days on which it was used, before any document charges it."""
    found = january(income(per_call(), FIRST, LAST))
    days = [found[on] for on in ("2023-01-03", "2023-01-10", "2023-01-20")]
    assert [one.earned.decimal for one in days] == [Decimal(10), Decimal(25), Decimal(15)]
    assert [one.recognised.decimal for one in days] == [Decimal(10), Decimal(35), Decimal(50)]
    assert sum(one.earned.minor for one in found.values()) == found[str(LAST)].unbilled.minor
    first, *rest = zip(days[1:], ("25.00 (35.00)", "15.00 (50.00)"), strict=True)
    for one, text in (first, *rest):
        told = f"{one.earned.decimal} ({one.recognised.decimal})"
        assert told == text
        assert text in row["expected (currency units)"]


def credited(on: str, cents: int) -> Booking:
    """Return what a document books on a day."""
    return Booking(on=date.fromisoformat(on), money=Money(minor=cents, currency=USD))


def check_credit_by_days(row: Row) -> None:
    """A credit on what was done is undone on its own day."""
    done = Period(start=day("2023-01-05"), end=day("2023-01-05") + timedelta(seconds=1))
    booked = (credited("2023-01-05", 100_000), credited("2023-01-20", -30_000))
    earned_days = earned_by_day(booked, done, zone="UTC")
    found = january(Income(booked=booked, earned=earned_days))
    assert found["2023-01-20"].earned.minor == -30_000
    assert found["2023-01-19"].recognised.minor == 100_000
    assert row["expected (currency units)"].endswith("on Jan 20; earlier days untouched")


def check_month_by_days(row: Row) -> None:
    """A year in advance, usage that a threshold charged, a minimum not charged yet, a credit."""
    year = subscribed(plan("y", fee("1200.00"), interval=YEAR), day("2023-01-01"))
    year.basis = replace(year.basis, tax=VAT)
    (annual,) = year.bill(day("2023-01-01"))
    metered = per_call(minimum(10_000))
    (progress,) = metered.look(day("2023-01-21"))
    usage = income(metered, FIRST, LAST)
    back = (credited("2023-01-25", -3_000),)
    moment = Period(start=day("2023-01-20"), end=day("2023-01-20") + timedelta(seconds=1))
    note = Income(booked=back, earned=earned_by_day(back, moment, zone="UTC"))
    last = january(income(year, FIRST, LAST), usage, note)[str(LAST)]
    said = dict(
        re.findall(
            r"(recognised|deferred|unbilled|liability|cash) ([0-9.]+)",
            row["expected (currency units)"],
        )
    )
    assert progress.net.decimal == Decimal(50)
    assert {
        "recognised": last.recognised.decimal,
        "deferred": last.deferred.decimal,
        "unbilled": last.unbilled.decimal,
        "liability": annual.tax.decimal,
        "cash": annual.total.decimal,
    } == {name: Decimal(number) for name, number in said.items()}


RECOGNISED: dict[str, Check] = {
    "RR-002": check_fee_by_days,
    "RR-003": check_usage_by_days,
    "RR-006": check_credit_by_days,
    "RR-007": check_month_by_days,
}
