"""Proration of fees and changes of plans as Lago's public suite observed them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

from tallystick.app.subscriptions import When
from tallystick.catalog import AmountByHand, ContractChange
from tallystick.invoicing import DocumentType, Invoice, fee_rate
from tallystick.kernel import Interval, IntervalUnit, PriceKey
from tests.invoicing.contract import (
    QUARTER,
    YEAR,
    Contract,
    day,
    fee,
    plan,
    seats,
    subscribed,
    to_plan,
    total,
)
from tests.notation import CaseBook, Check, Reason, Row, first_number, numbers
from tests.tally import row_tests

FILE = "lago-proration.md"
WEEK = Interval(count=1, of=IntervalUnit.WEEK)
PLAN_CHANGES = ("10.00", "15.00", "19.00")
TAX = Decimal("1.25")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A contract whose first fee is asked for."""

    start: str
    interval: Interval | None = None
    calendar: bool = True
    amount: str = "1.00"
    trial_days: int = 0
    anchor: str | None = None
    zone: str = "UTC"

    def contract(self) -> Contract:
        """Return the contract, not billed yet."""
        sold = plan("p", fee(self.amount), calendar=self.calendar)
        if self.interval is not None:
            sold = replace(sold, interval=self.interval)
        start = day(self.start, self.zone)
        trial = start + timedelta(days=self.trial_days) if self.trial_days else None
        return subscribed(sold, start, trial_end=trial, anchor=self.anchor, zone=self.zone)


def check_first_fee(row: Row, *, started: Started, after_days: int = 0) -> None:
    """The fees that are due with the contract's beginning, in cents."""
    contract = started.contract()
    through = contract.basis.subscription.start + timedelta(days=after_days)
    issued = contract.bill(through)
    assert Decimal(total(issued)) * 100 == row.number("cents")


STARTED: dict[str, Started] = {
    "PR-001": Started(start="2022-03-01"),
    "PR-002": Started(start="2022-03-01", trial_days=3),
    "PR-003": Started(start="2022-03-01", trial_days=45),
    "PR-004": Started(start="2022-03-15"),
    "PR-005": Started(start="2022-03-15", trial_days=3),
    "PR-006": Started(start="2022-03-15", trial_days=45),
    "PR-007": Started(start="2022-06-20", interval=WEEK),
    "PR-008": Started(start="2022-06-20", interval=WEEK, trial_days=3),
    "PR-009": Started(start="2022-06-20", interval=WEEK, trial_days=10),
    "PR-010": Started(start="2022-06-22", interval=WEEK),
    "PR-011": Started(start="2022-06-22", interval=WEEK, trial_days=3),
    "PR-012": Started(start="2022-03-15", interval=YEAR),
    "PR-013": Started(start="2022-01-01", interval=YEAR, trial_days=35),
    "PR-014": Started(start="2022-01-01", trial_days=15),
    "PR-015": Started(
        start="2022-08-31", amount="30.00", calendar=False, anchor="2022-08-31", trial_days=15
    ),
    "PR-016": Started(
        start="2022-08-31",
        amount="30.00",
        calendar=False,
        anchor="2022-08-31",
        trial_days=15,
        zone="Europe/Paris",
    ),
    "PR-017": Started(start="2022-08-10", amount="50.00"),
}


def documents_of(issued: list[Invoice]) -> tuple[Decimal, Decimal]:
    """Return what invoices charge and what credit notes give back, in cents."""

    def cents(of: DocumentType) -> Decimal:
        found = [one for one in issued if one.document_type is of]
        return Decimal(total(found)) * 100

    return cents(DocumentType.INVOICE), -cents(DocumentType.CREDIT_NOTE)


def check_plan_replaced(row: Row) -> None:
    """The day of a switch is the new plan's."""
    old, new = plan("old", fee("100.00")), plan("new", fee("200.00"))
    contract = subscribed(old, day("2022-01-01"))
    contract.agree(to_plan(day("2022-01-15"), new), plans=[new])
    (invoice,) = contract.bill(day("2022-01-01"))
    expected = [first_number(text) for text in ("45.16", "109.68") if text in row["expected"]]
    assert [line.money.decimal for line in invoice.lines] == expected


def check_three_plans(row: Row, *, calendar: bool, step: int) -> None:
    """Upgrades at once: the new plan's share on an invoice, the old one's on a credit note."""
    plans = [
        plan(name, fee(amount), calendar=calendar)
        for name, amount in zip("abc", PLAN_CHANGES, strict=True)
    ]
    contract = subscribed(plans[0], day("2024-03-05"))
    issued = contract.bill(day("2024-03-05"))
    for index, at in enumerate(("2024-03-12T10:00", "2024-03-12T11:00")[:step], start=1):
        contract.agree(to_plan(day(at), plans[index]), plans=[plans[index]])
        issued = contract.bill(day(at))
    charged, given_back = documents_of(issued)
    expected = numbers(row["expected"])
    assert charged == expected[0]
    if step:
        # Their credit notes hold tax; ours is settled net, the tax on it by the tax of the whole.
        (credited,) = (number for number in expected if abs(number - given_back * TAX) < 1)
        assert settle_cents(given_back * TAX) == credited


def settle_cents(cents: Decimal) -> Decimal:
    """Return a number of cents, settled half away from zero."""
    return cents.quantize(Decimal(1), rounding="ROUND_HALF_UP")


def check_to_yearly(row: Row) -> None:
    """A monthly period ends at the switch, and the year is that of the contract's own anchor."""
    monthly = plan("m", fee("10.00"), calendar=False)
    yearly = plan("y", fee("120.00"), interval=YEAR, calendar=False)
    contract = subscribed(monthly, day("2023-06-29"))
    contract.bill(day("2023-08-29"))
    switch = day("2023-09-28T05:00")
    contract.agree(to_plan(switch, yearly), plans=[yearly])
    issued = contract.bill(switch)
    charged, given_back = documents_of(issued)
    assert (given_back, charged) == (Decimal(32), Decimal(9016))
    assert "credit 32 " in row["expected"]
    assert "= 9016" in row["expected"]
    (line,) = (line for one in issued for line in one.lines if line.money.minor > 0)
    assert (line.key.period.start, line.key.period.end) == (switch, day("2024-06-29"))
    first = [
        one for one in contract.basis.billing_periods(through=switch) if one.span.end == switch
    ]
    assert first[0].span.start == day("2023-08-29")


def check_to_yearly_later(row: Row) -> None:
    """A change that takes effect at a boundary gives nothing back; the first year is a part."""
    monthly = plan("m", fee("129.00"), calendar=False)
    yearly = plan("y", fee("1188.00"), interval=YEAR, calendar=False)
    contract = subscribed(monthly, day("2023-07-19"))
    contract.bill(day("2023-10-19"))
    contract.agree(to_plan(day("2023-11-19"), yearly), plans=[yearly])
    charged, given_back = documents_of(contract.bill(day("2023-11-19")))
    assert given_back == 0
    assert f"= {charged:.0f}," in row["expected"]


def check_quarter_in_arrears(row: Row, *, changed: bool) -> None:
    """The denominator is the whole quarter, also for a part that begins and ends within it."""
    old, new = (
        plan("old", fee("455.00", arrears=True), interval=QUARTER, calendar=not changed),
        plan("new", fee("910.00", arrears=True), interval=QUARTER, calendar=not changed),
    )
    start = "2024-01-15" if changed else "2024-05-20"
    contract = subscribed(old if changed else new, day(start), anchor=start if changed else None)
    if changed:
        contract.agree(to_plan(day("2024-05-20"), new), plans=[new])
    contract.end(day("2024-06-20T12:00"))
    issued = contract.bill(day("2024-06-21"))
    last = [
        line for one in issued for line in one.lines if line.key.period.start == day("2024-05-20")
    ]
    (expected, *_) = (number for number in numbers(row["expected"]) if number > 1000)
    assert sum(line.money.minor for line in last) == expected


def check_upgrade(row: Row) -> None:
    """More or less is decided by the price of a second; when it applies, the caller may say."""
    assert "price per day" in row["expected"]
    at = day("2023-11-10")
    monthly = plan("m", fee("129.00"), calendar=False)
    yearly = plan("y", fee("1188.00"), interval=YEAR, calendar=False)
    rates = [fee_rate(subscribed(one, day("2023-07-19")).basis, at) for one in (yearly, monthly)]
    assert rates[0] < rates[1]
    assert {When.NOW, When.PERIOD_END} <= set(When)


def check_by_hand(row: Row, *, quantity: str, unit_price: str | None = None) -> None:
    """What a person says of a fee stands in place of what is derived, and is exact."""
    at = day("2024-03-01")
    contract = subscribed(plan("p", seats("1.00")), at)
    fact = AmountByHand(
        price=PriceKey("seats"),
        quantity=Decimal(quantity),
        unit_price=None if unit_price is None else Decimal(unit_price),
        reason="agreed",
        by="a person",
    )
    contract.agree(ContractChange(at=at, amounts=(fact,)))
    ((line,),) = (document.lines for document in contract.bill(at))
    assert f"units set to {quantity}" in row["inputs"] or f"units {quantity}" in row["inputs"]
    assert line.money.minor == row.number("expected")


CHECKS: dict[str, Check] = {
    **{case: partial(check_first_fee, started=started) for case, started in STARTED.items()},
    "PR-040": check_plan_replaced,
    "PR-041": partial(check_three_plans, calendar=True, step=0),
    "PR-042": partial(check_three_plans, calendar=True, step=1),
    "PR-043": partial(check_three_plans, calendar=True, step=2),
    "PR-044": partial(check_three_plans, calendar=False, step=0),
    "PR-045": partial(check_three_plans, calendar=False, step=1),
    "PR-046": partial(check_three_plans, calendar=False, step=2),
    "PR-047": check_to_yearly,
    "PR-048": check_to_yearly_later,
    "PR-049": partial(check_quarter_in_arrears, changed=True),
    "PR-050": partial(check_quarter_in_arrears, changed=False),
    "PR-051": check_upgrade,
    "PR-090": partial(check_by_hand, quantity="3"),
    "PR-091": partial(check_by_hand, quantity="3", unit_price="2.00"),
    "PR-092": partial(check_by_hand, quantity="1000", unit_price="0.001"),
}
LEFT_OUT: dict[str, Reason] = {}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
