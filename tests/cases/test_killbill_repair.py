"""
What is given back when a contract turns out otherwise, as Kill Bill's suite observed it.

A repair is a line on the next invoice there; here it is what a credit note gives back for the same
days.  Where a change cuts a period anew, the parts that stay are lines of their own here, so the
net is compared.

A repair is rounded by itself there, and here what stays is; by whole days that is a cent apart in
two rows (KBR-006, KBR-042): 4.64 and 174.96 are given back.  The rows name days and no times of
day, so they are checked by the second, on contracts that begin within a minute of their first day.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial

from tallystick.catalog import (
    AmountByHand,
    ContractChange,
    ManualKind,
    ManualLine,
    PlanVersion,
    Proration,
)
from tallystick.invoicing import Invoice
from tallystick.kernel import Done, Interval, PriceKey, currency
from tallystick.pricing import Price, UnitPrice
from tests.invoicing.contract import (
    MONTH,
    QUARTER,
    YEAR,
    Contract,
    day,
    fee,
    metered,
    plan,
    subscribed,
    to_plan,
    total,
    used,
)
from tests.invoicing.test_contract_changes import CALLS
from tests.notation import (
    CaseBook,
    Check,
    Otherwise,
    Reason,
    Row,
    first_number,
)
from tests.payments.till import Till
from tests.tally import row_tests

FILE = "killbill-repair.md"
TAX_BY_HAND = ManualLine(
    kind=ManualKind.TAX,
    code="sales",
    description="Sales tax",
    unit_price="1.00",
    start="2012-05-01T00:00:00.000000Z",
    end="2012-05-01T00:00:00.000001Z",
    reason="as the authority worked it out",
    by="anna",
)
_SAID = re.compile(r"(credit (?:use )?|use )?([+-][0-9]+\.[0-9]{2})")


def sold(amount: str, interval: Interval = MONTH, mode: Proration = Proration.DAY) -> PlanVersion:
    """Return a plan at a fee; each plan's fee is a price of its own."""
    name = f"p{amount.replace('.', '-')}-{interval.of}"
    made = plan(name, fee(amount, key=name), interval=interval, calendar=False)
    return replace(made, proration=mode)


def said(row: Row) -> list[Decimal]:
    """Return the lines that a row expects; what becomes of account credit is not one."""
    (cell,) = (text for name, text in row.cells.items() if name.startswith("expected"))
    found = _SAID.findall(cell.replace("\N{MINUS SIGN}", "-").replace("annual item ", "+"))
    return sorted(Decimal(number) for credit, number in found if not credit)


def made(issued: Sequence[Invoice]) -> list[Decimal]:
    """Return the money of each line of documents."""
    return sorted(line.money.decimal for document in issued for line in document.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """
    A contract that was billed, and what was agreed on then.

    Attributes:
        amount: its fee, for each ``interval`` from ``anchor``.
        billed: by when documents were issued.
        at: when the change is looked at.
        to: the fee and interval of the plan from there on; None: the same.
        since: when the change takes effect, if before ``at``.
        anchor_to: of the new plan; None: as before.
        paused: instants of pause and resume, in turn.
        ends: when the contract ends.
        net: compare the sum alone.
        mode: by which fees are prorated.
    """

    start: str
    amount: str
    interval: Interval = MONTH
    anchor: str | None = None
    billed: str | None = None
    at: str
    to: tuple[str, Interval] | None = None
    since: str | None = None
    anchor_to: str | None = None
    paused: tuple[str, ...] = ()
    ends: str | None = None
    net: bool = False
    mode: Proration = Proration.DAY

    def begun(self) -> Contract:
        """Return the contract as it was billed before."""
        contract = subscribed(
            sold(self.amount, self.interval, self.mode),
            day(self.start),
            anchor=self.anchor or self.start,
        )
        contract.bill(day(self.billed or self.start))
        return contract

    def issued(self) -> list[Invoice]:
        """Return what is issued after the change."""
        contract = self.begun()
        if self.to is not None:
            wanted = sold(*self.to, self.mode)
            change = to_plan(day(self.since or self.at), wanted, anchor=self.anchor_to)
            contract.agree(change, plans=[wanted])
        contract.agree(
            *(
                ContractChange(at=day(when), paused=not index % 2)
                for index, when in enumerate(self.paused)
            )
        )
        if self.ends is not None:
            contract.end(day(self.ends))
        return contract.bill(day(self.at))


def check_story(row: Row, *, story: Story) -> None:
    """What is charged and given back at the change, line by line or as a sum."""
    issued = story.issued()
    if story.net:
        assert Decimal(total(issued)) == sum(said(row))
    else:
        assert made(issued) == said(row)


JANUARY = "2014-01-01"
STORIES: dict[str, Story] = {
    "KBR-001": Story(start=JANUARY, amount="12.00", at=JANUARY),
    "KBR-003": Story(
        start=JANUARY, amount="12.00", at="2014-01-20", since=JANUARY, to=("15.00", MONTH)
    ),
    "KBR-004": Story(
        start=JANUARY, amount="12.00", at="2014-01-31", paused=(JANUARY, "2014-01-25"), net=True
    ),
    "KBR-005": Story(start=JANUARY, amount="12.00", at="2014-01-25", ends="2014-01-25"),
    "KBR-006": Story(
        start=f"{JANUARY}T00:01:00",
        anchor=JANUARY,
        amount="12.00",
        at="2014-01-31",
        paused=("2014-01-13", "2014-01-25"),
        net=True,
        mode=Proration.SECOND,
    ),
    "KBR-007": Story(
        start=JANUARY,
        amount="12.00",
        at="2014-01-31",
        paused=("2014-01-07", "2014-01-13", "2014-01-17", "2014-01-25"),
        net=True,
    ),
    "KBR-009": Story(
        start="2014-02-01",
        amount="12.00",
        at="2014-02-23",
        to=("100.00", YEAR),
        anchor_to="2014-02-23",
    ),
    "KBR-011": Story(start="2012-08-01", amount="0.00", at="2012-08-20"),
    "KBR-042": Story(
        start="2012-05-01T00:00:30",
        anchor="2012-04-25",
        amount="249.95",
        at="2012-05-04",
        to=("2399.95", YEAR),
        anchor_to="2012-05-01",
        mode=Proration.SECOND,
    ),
    "KBR-043": Story(start="2012-05-01", amount="599.95", at="2012-05-07", to=("9.95", MONTH)),
    "KBR-046": Story(start="2012-05-01", amount="249.95", at="2012-05-12", to=("2399.95", YEAR)),
    "KBR-047": Story(start="2012-05-01", amount="29.95", at="2012-05-12", to=("69.95", QUARTER)),
    "KBR-048": Story(
        start="2016-07-10",
        amount="249.95",
        at="2016-08-01",
        to=("2399.95", YEAR),
        anchor_to="2016-08-01",
    ),
    "KBR-049": Story(
        start="2015-01-01",
        amount="2399.95",
        interval=YEAR,
        at="2015-03-15",
        to=("5999.95", YEAR),
        anchor_to="2015-03-01",
    ),
    "KBR-050": Story(
        start="2012-05-01", amount="2399.95", interval=YEAR, at="2012-05-01", to=("249.95", MONTH)
    ),
    "KBR-051": Story(
        start="2012-05-12",
        anchor="2012-05-01",
        amount="2399.95",
        interval=YEAR,
        at="2012-05-12",
        paused=("2012-05-12",),
    ),
    "KBR-054": Story(
        start="2013-08-18", amount="2399.95", interval=YEAR, at="2013-09-17", ends="2013-09-17"
    ),
    "KBR-056": Story(start="2017-02-01", amount="0.00", at="2017-02-15", to=("29.95", MONTH)),
    "KBR-057": Story(start="2012-05-01", amount="249.95", at="2012-05-01", to=("279.95", MONTH)),
    "KBR-059": Story(start="2013-06-15", amount="19.95", at="2013-07-01", ends="2013-07-01"),
}


def check_by_the_second(row: Row, *, story: Story, billed: str) -> None:
    """As `check_story`, of a contract that was billed as the row says though it began later."""
    assert total(story.begun().documents) == billed
    assert str(Decimal(billed).normalize()) in row["already billed"]
    check_story(row, story=story)


def check_first(row: Row) -> None:
    """What was not billed yet is billed as it is due."""
    contract = subscribed(sold("12.00"), day(JANUARY))
    (amount,) = made(contract.bill(day(JANUARY)))
    assert amount == Decimal("12.00")
    assert f"{amount:f}" in row["expected new lines"]


def check_other_fee(row: Row) -> None:
    """A plan that is charged in full for a part of the month; the part of the old one is taken."""
    contract = Story(start=JANUARY, amount="12.00", at=JANUARY).begun()
    wanted = plan("other", fee("20.00", key="other"), calendar=False)
    wanted = PlanVersion(
        plan=wanted.plan,
        version=1,
        name=wanted.name,
        currency=wanted.currency,
        interval=wanted.interval,
        alignment=wanted.alignment,
        prices=wanted.prices,
        proration=Proration.NONE,
    )
    contract.agree(to_plan(day("2014-01-25"), wanted), plans=[wanted])
    assert made(contract.bill(day("2014-01-25"))) == said(row)


def check_free_and_paid(row: Row) -> None:
    """A free price beside a paid one: what came to nothing is not given back."""
    start = day("2012-08-01")
    both = plan("both", fee("0.00", key="free"), fee("12.00", key="paid"), calendar=False)
    contract = subscribed(both, start)
    contract.bill(start)
    wanted = sold("24.00")
    contract.agree(to_plan(start, wanted), plans=[wanted])
    assert made(contract.bill(start)) == said(row)


def check_fixed_item(row: Row, *, runs: int) -> None:
    """What is charged once is charged by the first run, and by no other."""
    start = day("2014-01-01")
    contract = subscribed(plan("p", fee("10.00", arrears=True)), start)
    contract.agree(ContractChange(at=start, fees=(fee("50.00", key="setup"),)))
    made_by_run = [made(contract.bill(start)) for _ in range(runs)]
    assert made_by_run[0] == [Decimal(50)]
    nothing = "nothing" if runs > 1 else "the fixed item"
    assert row["expected new lines"] == nothing
    assert runs == 1 or made_by_run[-1] == []


def check_cut_anew(row: Row) -> None:
    """The same days, counted from another anchor, come to the same."""
    contract = subscribed(sold("10.00"), day("2014-05-01"))
    contract.bill(day("2014-05-01"))
    contract.end(day("2014-06-15"))
    contract.bill(day("2014-06-01"))
    anew = ContractChange(at=day("2014-05-01"), anchor=date(2014, 5, 15))
    contract.agree(anew)
    assert row["expected new lines"].startswith("nothing")
    assert Decimal(total(contract.bill(day("2014-06-15")))) == 0


def check_around(row: Row) -> None:
    """What was billed keeps its cut; the days before and after it are counted from the 17th."""
    contract = subscribed(sold("10.00"), day("2014-06-20"))
    assert made(contract.bill(day("2014-06-20"))) == [Decimal("10.00")]
    begun = replace(contract.basis.subscription, start=day("2014-06-17"), anchor=date(2014, 6, 17))
    contract.basis = replace(contract.basis, subscription=begun)
    contract.agree(
        ContractChange(at=day("2014-06-20"), anchor=date(2014, 6, 20)),
        ContractChange(at=day("2014-07-20"), anchor=date(2014, 7, 17)),
    )
    assert charged_for(contract.bill(day("2014-07-20"))) == asked(row)


def check_behind(row: Row) -> None:
    """
    What was billed keeps its cut; the days behind it are counted from the 20th.

    The last amount is the row's own, and no share of 10.00: it is set by hand, as it is there.
    """
    contract = subscribed(sold("10.00"), day("2014-05-17"))
    contract.bill(day("2014-06-17"))
    (price,) = contract.basis.plan.prices
    last = AmountByHand(price=price.key, amount=Decimal("7.00"), reason="as proposed", by="anna")
    contract.agree(
        ContractChange(at=day("2014-07-17"), anchor=date(2014, 7, 20)),
        ContractChange(at=day("2014-07-20"), amounts=(last,)),
    )
    contract.end(day("2014-08-17"))
    assert charged_for(contract.bill(day("2014-07-20"))) == asked(row)


def check_cut_otherwise_from_now(row: Row) -> None:
    """An anchor that is agreed on where what was billed ends makes nothing due before."""
    contract = subscribed(sold("10.00"), day("2014-05-17"), anchor="2014-05-20")
    billed = [money for *_, money in charged_for(contract.bill(day("2014-06-20")))]
    assert billed == [Decimal("1.00"), Decimal("10.00"), Decimal("10.00")]
    contract.agree(ContractChange(at=day("2014-07-20"), anchor=date(2014, 7, 17)))
    assert row["expected new lines"] == "nothing"
    assert contract.bill(day("2014-07-17")) == []
    following = charged_for(contract.bill(day("2014-07-20")))
    assert following == [("07-20", "08-17", Decimal("9.03"))]


def charged_for(issued: Sequence[Invoice]) -> list[tuple[str, str, Decimal]]:
    """Return the days and the money of each line, in order of time."""
    lines = (line for document in issued for line in document.lines)
    return sorted(
        (f"{line.key.period.start:%m-%d}", f"{line.key.period.end:%m-%d}", line.money.decimal)
        for line in lines
    )


def asked(row: Row) -> list[tuple[str, str, Decimal]]:
    """Return the days and the money of each line that a row expects."""
    found = re.findall(r"\[(\S+), (\S+)\) ([0-9.]+)", row["expected new lines"])
    return [(start, end, Decimal(money)) for start, end, money in found]


def check_idempotent(row: Row) -> None:
    """A pause gives its days back once; another run finds nothing."""
    story = Story(
        start=JANUARY,
        amount="100.00",
        interval=YEAR,
        at="2014-03-01",
        paused=("2014-01-14", "2014-02-08"),
    )
    contract = story.begun()
    contract.agree(
        ContractChange(at=day("2014-01-14"), paused=True),
        ContractChange(at=day("2014-02-08"), paused=False),
    )
    assert Decimal(total(contract.bill(day("2014-03-01")))) == Decimal("-6.85")
    assert "6.85" in row["already billed"]
    assert contract.bill(day("2014-03-02")) == []


def check_never_more(row: Row) -> None:
    """A pause that is dated back to the start gives back the rest, and never more than was paid."""
    contract = Story(start="2019-04-27", amount="29.95", at="2019-04-27").begun()
    contract.agree(ContractChange(at=day("2019-05-03"), paused=True))
    assert total(contract.bill(day("2019-05-03"))) == "-23.96"
    contract.basis = Story(start="2019-04-27", amount="29.95", at="2019-04-27").begun().basis
    contract.agree(
        ContractChange(at=day("2019-04-27"), paused=True),
        ContractChange(at=day("2019-05-03"), paused=True),
    )
    assert made(contract.bill(day("2019-05-04"))) == said(row)
    assert Decimal(total(contract.documents)) == 0


def check_twice(row: Row) -> None:
    """The day after a downgrade a third plan: what is given back is of the second alone."""
    story = STORIES["KBR-043"]
    contract = story.begun()
    second, third = sold("9.95"), sold("29.95")
    contract.agree(to_plan(day("2012-05-07"), second), plans=[second])
    contract.bill(day("2012-05-07"))
    contract.agree(to_plan(day("2012-05-08"), third), plans=[third])
    assert made(contract.bill(day("2012-05-08"))) == said(row)


def take_up(till: Till, issued: Sequence[Invoice]) -> None:
    """Let a payer take up documents in their order."""
    for document in issued:
        till.issue(document)


def check_credit_is_used_up(row: Row) -> None:
    """What a repair of a paid month left over pays month after month until it is gone."""
    contract, till = STORIES["KBR-043"].begun(), Till(currency("USD"))
    take_up(till, contract.documents)
    till.pay(till.stands[0])
    for when, amount in (("2012-05-07", "9.95"), ("2012-05-08", "29.95")):
        wanted = sold(amount)
        contract.agree(to_plan(day(when), wanted), plans=[wanted])
        take_up(till, contract.bill(day(when)))
    monthly = first_number(row["expected lines"].removeprefix("each month "))
    _, credit = till.stands
    month, used = 6, 0
    while credit:
        (invoice,) = contract.bill(day(f"{2012 + (month - 1) // 12}-{(month - 1) % 12 + 1:02}-01"))
        assert invoice.total.decimal == monthly
        take_up(till, [invoice])
        due, left = till.stands
        assert due == max(0, invoice.total.minor - credit)
        assert credit - left == min(credit, invoice.total.minor)
        credit, month, used = left, month + 1, used + 1
    assert used > 1


def check_refunded_beside_a_credit(row: Row, *, cancelled_first: bool) -> None:
    """The whole payment goes back; credit notes over all of it leave the balance at nothing."""
    story = STORIES["KBR-054"]
    contract, till = story.begun(), Till(currency("USD"))
    take_up(till, contract.documents)
    (annual,) = contract.documents
    till.pay(annual.total.minor)
    if cancelled_first:
        contract.end(day(story.at))
        take_up(till, contract.bill(day(story.at)))
        assert till.stands == (0, 220269)
    assert isinstance(till.refund(239995), Done)
    till.note("adjustment", annual.id, -19726)
    if not cancelled_first:
        assert till.stands == (220269, 0)
        contract.end(day(story.at))
        take_up(till, contract.bill(day(story.at)))
    assert till.stands == (0, 0)
    assert "account balance 0" in row["expected lines"]


def check_resumed_anew(row: Row) -> None:
    """Resumed with an anchor of its own, the year begins with the month of the resumption."""
    story = STORIES["KBR-051"]
    contract = story.begun()
    contract.agree(ContractChange(at=day("2012-05-12"), paused=True))
    contract.bill(day("2012-05-12"))
    again = ContractChange(at=day("2012-06-04"), paused=False, anchor=date(2012, 6, 1))
    contract.agree(again)
    (line,) = (line for one in contract.bill(day("2012-06-04")) for line in one.lines)
    assert f"{line.money.decimal:f}" in row["expected lines"]
    assert line.key.period.end == day("2013-06-01")


def check_blocked_with_usage(row: Row) -> None:
    """A pause dated back, a new plan and a resumption dated back: fees by parts, and all usage."""

    def with_calls(name: str, unit_price: str) -> PlanVersion:
        calls = Price(
            key=PriceKey("calls"),
            model=UnitPrice(unit_price=Decimal(unit_price)),
            meter=CALLS.key,
            currency="USD",
        )
        return plan(name, fee("20.00", key=name), calls)

    old, new = with_calls("old", "1.00"), with_calls("new", "3.00")
    contract = metered(old, CALLS, start="2012-06-01")
    contract.bill(day("2012-06-01"))
    used(contract, "call", day("2012-06-05"), times=10 + 5 + 8)
    contract.agree(ContractChange(at=day("2012-06-01"), paused=True))
    assert made(contract.bill(day("2012-06-16"))) == said(row)
    used(contract, "call", day("2012-06-20"), times=3 + 4)
    contract.agree(
        ContractChange(at=day("2012-06-01"), paused=False),
        to_plan(day("2012-06-16"), new),
        plans=[new],
    )
    issued = contract.bill(day("2012-07-01"))
    after = row["expected lines"].partition("Unblock: ")[2]
    parts = re.findall(r"\) ([0-9.]+)", after.partition("; credit use")[0])
    usage = re.findall(r"usage ([0-9.]+) and ([0-9.]+)", after)[0]
    assert made(issued) == sorted(map(Decimal, (*parts, *usage)))
    assert f"payment {Decimal(total(issued)) - 20}" in after


def check_tax_by_hand(row: Row) -> None:
    """Twice another plan on the same day: each fee is given back whole, and the tax stays."""
    start = day("2012-05-01")
    first, *others = (sold(amount) for amount in ("29.95", "249.95", "599.95"))
    contract = subscribed(first, start)
    contract.basis = replace(
        contract.basis, subscription=replace(contract.basis.subscription, manual=(TAX_BY_HAND,))
    )
    assert made(contract.bill(start)) == [Decimal("1.00"), Decimal("29.95")]
    before = Decimal("29.95")
    for wanted in others:
        contract.agree(to_plan(start, wanted), plans=[wanted])
        now = Decimal(wanted.plan.split("-", 1)[0][1:] + ".95")
        assert made(contract.bill(start)) == [-before, now]
        before = now
    assert any("tax lines untouched" in cell for cell in row.cells.values())
    assert Decimal(total(contract.documents)) == Decimal("600.95")


CHECKS: dict[str, Check] = {
    **{case: partial(check_story, story=story) for case, story in STORIES.items()},
    "KBR-002": check_first,
    "KBR-006": partial(check_by_the_second, story=STORIES["KBR-006"], billed="12.00"),
    "KBR-042": partial(check_by_the_second, story=STORIES["KBR-042"], billed="199.96"),
    "KBR-008": check_other_fee,
    "KBR-010": check_free_and_paid,
    "KBR-012": partial(check_fixed_item, runs=2),
    "KBR-013": partial(check_fixed_item, runs=1),
    "KBR-014": check_cut_anew,
    "KBR-015": check_around,
    "KBR-016": check_behind,
    "KBR-017": check_cut_otherwise_from_now,
    "KBR-019": check_idempotent,
    "KBR-020": check_never_more,
    "KBR-044": check_twice,
    "KBR-052": check_resumed_anew,
    "KBR-058": check_tax_by_hand,
    "KBR-045": check_credit_is_used_up,
    "KBR-055": partial(check_refunded_beside_a_credit, cancelled_first=True),
    "KBR-055b": partial(check_refunded_beside_a_credit, cancelled_first=False),
    "KBR-060": check_blocked_with_usage,
}


BOUNDARIES = Otherwise(
    sentence="The k-th boundary is the anchor plus k intervals, the day clamped to the month's "
    "last, always from the original anchor."
)
LEFT_OUT: dict[str, Reason] = {
    "KBR-018": BOUNDARIES,
    "KBR-053": BOUNDARIES,
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
