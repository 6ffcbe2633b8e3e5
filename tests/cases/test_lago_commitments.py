"""Minimums, thresholds, numbers and recognition as Lago's public suite observed them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from tallystick.catalog import Threshold
from tallystick.currency import PublishedRate
from tallystick.invoicing import Invoice
from tallystick.kernel import EXACT, Money, Period, SubjectSpan
from tallystick.ledger import Service, divide_income, month_of
from tallystick.pricing import Price, UnitPrice
from tests.cases.burned import check_wallet
from tests.cases.recognised import RECOGNISED, USD, VAT, minimum
from tests.invoicing.contract import Contract, day, fee, plan, subscribed, to_plan
from tests.invoicing.test_coupons import CALLS, ONE_EACH, calls
from tests.notation import CaseBook, Check, NotBuilt, Otherwise, Reason, Row, first_number, numbers
from tests.tally import row_tests

FILE = "lago-commitments-thresholds.md"


def contract(start: str, *prices: Price) -> Contract:
    """Return a contract over calls at 1.00 with further prices, taxed at 20 %."""
    made = subscribed(plan("p", *prices, ONE_EACH), day(start), meters=[CALLS])
    spans = (SubjectSpan(subject="a", start=None, end=None),)
    made.basis = replace(made.basis, spans=spans, tax=VAT)
    return made


def used(made: Contract, cents: int, at: str) -> None:
    """Let calls come to so many cents."""
    calls(made, 1, day(at))
    number = Decimal(cents).scaleb(-2)
    made.events.append(msgspec.structs.replace(made.events.pop(), data=f'{{"number":{number}}}'))


def line_of(documents: list[Invoice], price: str) -> tuple[int, int]:
    """Return the money of a price in cents, and its tax."""
    (line,) = [line for one in documents for line in one.lines if line.key.price == price]
    return line.money.minor, sum(one.money.minor for one in line.taxes)


def true_up(least: int, cents: int, start: str, end: str = "") -> Check:
    """What is missing to a minimum at the end of a period or contract."""

    def check(row: Row) -> None:
        made = contract(start, minimum(least))
        used(made, cents, f"{start[:7]}-10")
        if end:
            made.end(day(end))
        month = datetime.fromisoformat(start)
        after = f"{month.year}-{month.month + 1:02}-01"
        net, tax = line_of(made.bill(day(end or after)), "minimum")
        expected = 0 if row["true-up"] == "none" else int(numbers(row["true-up"])[0])
        assert net == expected
        if "tax" in row["true-up"]:
            assert tax == numbers(row["true-up"])[-1]

    return check


def check_custom_unit(row: Row) -> None:
    """300 of a unit are missing; at 0.25 they are 75 in money."""
    made = contract("2023-01-01")
    prices = tuple(
        replace(price, currency="UNITS", currency_exponent=2) for price in (minimum(1000), ONE_EACH)
    )
    made.basis = replace(made.basis, plan=replace(made.basis.plan, prices=prices), tax=None)
    made.published = [
        PublishedRate(
            source="own", base="UNITS", quote="USD", day=date(2022, 1, 1), rate=Decimal("0.25")
        )
    ]
    used(made, 700, "2023-01-10")
    units, money = numbers(row["true-up"])
    (line,) = [one for one in made.bill(day("2023-02-01"))[0].lines if one.key.price == "minimum"]
    assert units * Decimal("0.25") == money
    assert line.money.minor == money


def whole_story() -> tuple[list[Invoice], list[Invoice]]:
    """Bill a plan of 50.00 in advance from January 8 until it ends with February 25."""
    made = contract("2023-01-08", fee("50"), minimum(1000))
    first = made.bill(day("2023-01-08"))
    made.bill(day("2023-02-01"))
    used(made, 800, "2023-02-10")
    made.end(day("2023-02-26"))
    return first, made.bill(day("2023-02-26"))


def check_first(row: Row) -> None:
    """24 of 31 days, with tax."""
    first, _ = whole_story()
    assert [one.total.minor for one in first] == numbers(row["true-up"])[:1]


def check_end(row: Row) -> None:
    """Usage and what is missing to the minimum; the unused days are given back."""
    _, last = whole_story()
    said = numbers(row["true-up"])
    invoice, note = last
    assert [invoice.net.minor, invoice.tax.minor, invoice.total.minor] == said[:3]
    assert [-note.net.minor, -note.tax.minor, -note.total.minor] == said[5:8]
    assert invoice.total.minor + note.total.minor == said[8]


def progressive(*amounts: int, recurring: int = 0) -> Contract:
    """Return a contract of calls at 0.0002 and 31.00 in arrears, with thresholds in cents."""
    found = [Threshold(amount=Decimal(cents).scaleb(-2)) for cents in amounts]
    if recurring:
        found.append(Threshold(amount=Decimal(recurring).scaleb(-2), recurring=True))
    each = replace(ONE_EACH, model=UnitPrice(unit_price=Decimal("0.0002")))
    sold = replace(plan("p", fee("31", arrears=True), each), thresholds=tuple(found))
    made = subscribed(sold, day("2023-01-01"), meters=[CALLS])
    spans = (SubjectSpan(subject="a", start=None, end=None),)
    made.basis = replace(made.basis, spans=spans)
    return made


def reached(made: Contract, on: str, units: int) -> int:
    """Make calls on a day, and return in cents what is invoiced on the next; 0 for nothing."""
    calls(made, units, day(on))
    return cents_of(made.look(day(on) + timedelta(days=1)))


def cents_of(documents: list[Invoice]) -> int:
    """Return what documents come to, in cents."""
    return sum(one.total.minor for one in documents)


MILLION = 1_000_000


def check_one_threshold(row: Row) -> None:
    """200.00 is passed once; the month's document takes it off."""
    made = progressive(20000)
    found = {
        "PB-001": reached(made, "2023-01-05", MILLION),
        "PB-002": reached(made, "2023-01-15", MILLION),
        "PB-003": cents_of(made.bill(day("2023-02-01"))),
    }
    assert found[row.id] == (0 if "no new" in row["expected"] else numbers(row["expected"])[-1])


def check_ended(row: Row) -> None:
    """The contract ends with day 18, and owes its fee until then."""
    made = progressive(20000)
    first = reached(made, "2023-01-15", MILLION)
    made.end(day("2023-01-19"))
    last = cents_of(made.bill(day("2023-01-19")))
    assert [first + last, first, last] == numbers(row["expected"].replace("\u2212", " "))


def check_upgraded(row: Row) -> None:
    """The part of the old plan owes its fee for 17 days, and no calls any more."""
    made = progressive(20000)
    first = reached(made, "2023-01-15", MILLION)
    team = replace(plan("team", fee("62", arrears=True), *made.basis.plan.prices[1:]))
    made.agree(to_plan(day("2023-01-18"), team), plans=[team])
    (january,) = made.bill(day("2023-02-01"))
    old = sum(line.money.minor for line in january.lines if line.key.period.start.day == 1)
    assert [first + old, first, old] == numbers(row["expected"].replace("\u2212", " "))


def check_two_thresholds(row: Row) -> None:
    """200.00 and 500.00: two invoices for three million calls, and the fee at the end."""
    made = progressive(20000, 50000)
    found = [reached(made, f"2023-01-{on}", MILLION) for on in (15, 20, 25)]
    assert found[1] == 0
    last = cents_of(made.bill(day("2023-02-01")))
    said = numbers(row["expected"].replace("\u2212", " "))
    assert [found[0], found[2], sum(found) + last, sum(found), last] == said


def check_at_once(row: Row) -> None:
    """Both thresholds in the second month at once: one invoice."""
    made = progressive(20000, 50000)
    made.bill(day("2023-02-01"))
    found = reached(made, "2023-02-10", 3 * MILLION)
    assert [found, cents_of(made.bill(day("2023-03-01")))] == numbers(row["expected"])[-2:]


def check_lifetime(row: Row) -> None:
    """What was passed once is passed for good, whatever later months come to."""
    made = progressive(20000)
    found = []
    for month in (1, 2, 3):
        found.append(reached(made, f"2023-0{month}-10", month * MILLION))
        found.append(cents_of(made.bill(day(f"2023-0{month + 1}-01"))))
    first, end, *later = found
    assert f"({first}, month 1, then {end} at month end)" in row["expected"]
    assert later == [0, 43100, 0, 63100]
    assert "month 2 bills 43100, month 3 bills 63100" in row["expected"]


def check_not_reached(row: Row) -> None:
    """Without usage there is the month's document alone."""
    made = progressive(20000)
    assert made.look(day("2023-01-20")) == []
    assert cents_of(made.bill(day("2023-02-01"))) == numbers(row["expected"])[-1]


def check_recurring(row: Row) -> None:
    """2.00, 5.00 and 7.00 once, then every 10.00; usage of later months counts on."""
    made = progressive(200, 500, 700, recurring=1000)
    steps = (11, 11, 11, 11, 110, 110)
    found = [
        reached(made, f"2023-01-{on:02}", 1000 * step) for on, step in enumerate(steps, start=2)
    ]
    found.append(cents_of(made.bill(day("2023-02-01"))))
    found.append(reached(made, "2023-02-02", 110_000))
    said = 0 if row["expected"] == "none" else int(first_number(row["expected"]))
    assert found[int(row.id[-3:]) - 10] == said


def earned(money: str, start: str, end: str) -> dict[str, Decimal]:
    """Return what of a fee in advance is earned in each month."""
    at = day(start)
    fee_of = Money(minor=int(Decimal(money).scaleb(2)), currency=USD)
    service = Service(period=Period(start=at, end=day(end)), zone="UTC")
    division = divide_income(fee_of, service, at=at, posted=month_of(at), waiting={})
    return {str(month): part.decimal for month, part in division.later.items()}


def check_year(row: Row) -> None:
    """January's 31 of 365 days are earned, the rest waits."""
    january, *rest = earned("1200.00", "2023-01-01", "2024-01-01").values()
    later = Decimal(0)
    for part in rest:
        later = EXACT.add(later, part)
    assert f"= {january};" in row["expected (currency units)"]
    assert row["expected (currency units)"].endswith(f" {later}")


def check_seat(row: Row) -> None:
    """16 of 31 days of a seat."""
    made = contract("2023-01-16", fee("30"))
    assert line_of(made.bill(day("2023-01-16")), "base")[0] == row.number(
        "expected (currency units)"
    ).scaleb(2)


def check_commitment(row: Row) -> None:
    """300.00 used of 500.00: 200.00 in January, 500.00 together."""
    made = contract("2023-01-01", minimum(50000))
    used(made, 30000, "2023-01-10")
    (january,) = made.bill(day("2023-02-01"))
    missing, together = numbers(row["expected (currency units)"])[0], january.net.decimal
    assert line_of([january], "minimum")[0] == missing.scaleb(2)
    assert f"total {together}" in row["expected (currency units)"]


CHECKS: dict[str, Check] = {
    **RECOGNISED,
    "MC-001": true_up(1000, 700, "2023-01-01"),
    "MC-002": true_up(1000, 1000, "2023-01-01"),
    "MC-003": true_up(1000, 200, "2022-08-01", "2022-08-16"),
    "MC-004": check_custom_unit,
    "MC-005": true_up(1000, 800, "2023-02-01", "2023-02-26"),
    "MC-006": true_up(10000, 7000, "2023-02-01", "2023-02-26"),
    "MC-007": check_first,
    "MC-008": check_end,
    **dict.fromkeys(("PB-001", "PB-002", "PB-003"), check_one_threshold),
    "PB-004": check_ended,
    "PB-005": check_upgraded,
    "PB-006": check_two_thresholds,
    "PB-007": check_at_once,
    "PB-008": check_lifetime,
    "PB-009": check_not_reached,
    **dict.fromkeys((f"PB-{n:03}" for n in range(10, 18)), check_recurring),
    "RR-001": check_year,
    "RR-004": check_seat,
    "RR-005": check_commitment,
    "RR-008": check_wallet,
}
SERIES = Otherwise(sentence="series = (legal entity, document type, year of issue in its zone)")
LEFT_OUT: dict[str, Reason] = {
    **dict.fromkeys((f"DU-{n:03}" for n in range(1, 6)), NotBuilt(feature="dunning")),
    **dict.fromkeys((f"NU-{n:03}" for n in range(1, 6)), SERIES),
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
