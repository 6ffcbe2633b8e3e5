"""Rating as OpenMeter's public suite and documents observed it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from tallystick.invoicing.line import credit_of
from tallystick.kernel import Amount, Period, Refused, currency, instant, settle
from tallystick.metering import exact_sum
from tallystick.pricing import (
    is_due_in,
    never_falls,
    price_from_document,
    price_within,
    rate,
)
from tests.cases.priced import Tiers, amount, charge, price, tiers
from tests.invoicing.contract import day, metered, plan, used
from tests.invoicing.crediting import bill, give, grant, left
from tests.invoicing.test_contract_changes import CALLS
from tests.notation import CaseBook, Check, Reason, Row, first_number, numbers
from tests.tally import row_tests

FILE = "openmeter-rating.md"

GRADUATED_A: Tiers = (("5", "0", "100"), ("10", "0", "50"), ("15", "5", "0"), (None, "1", "0"))
VOLUME: Tiers = (("5", "0", "100"), ("10", "0", "150"), ("15", "10", "0"), (None, "5", "0"))
OPEN_TIER: Tiers = ((None, "5", "0"),)

JANUARY = Period(start=instant("2026-01-01T00:00:00Z"), end=instant("2026-02-01T00:00:00Z"))
FIRST_CUT, SECOND_CUT = instant("2026-01-11T00:00:00Z"), instant("2026-01-21T00:00:00Z")
SEGMENTS = {
    "S": JANUARY,
    "M": Period(start=FIRST_CUT, end=SECOND_CUT),
    "L": Period(start=SECOND_CUT, end=JANUARY.end),
}


def tiered(model: str, rows: Tiers, *, flat_at_zero: bool = False) -> dict[str, object]:
    """Return the document of a price with tiers given as (bound, unit price, flat)."""
    return {"model": model, "tiers": tiers(rows), "flat_at_zero": flat_at_zero}


def bounds(text: str) -> dict[str, str]:
    """Return the minimum or maximum that a cell says: ``min 100``, ``max 170``, or neither."""
    names = {"min": "minimum", "max": "maximum"}
    word, _, number = text.partition(" ")
    return {names[word]: number} if number and word in names else {}


def expected_total(text: str) -> Decimal:
    """Return what a cell expects: what follows its equals sign, its number, or nothing at all."""
    _, _, total = text.partition("=")
    nothing = text.startswith(("nothing", "no line", "one zero line", "no charge"))
    return Decimal(0) if nothing else first_number(total or text)


def numbers_after_arrow(text: str) -> Decimal:
    """Return what a cell expects: what follows its last arrow or equals sign, or nothing."""
    return expected_total(text.rpartition("→")[2].strip())


def added(text: str) -> Decimal:
    """Return the total of a cell: `100 + 50`, `150 less 25 = 125`, `nothing`."""
    if "=" in text or "+" not in text:
        return expected_total(text)
    return exact_sum(numbers(text))


def check_flat(row: Row) -> None:
    """A flat fee falls due once: in the segment with the period's start, or with its end."""
    cadence = "advance" if "in advance" in row["price"] else "arrears"
    fee = price({"model": "flat", "amount": row.number("price"), "cadence": cadence})
    due = is_due_in(fee, JANUARY, segment=SEGMENTS[row["position"]])
    total = rate(fee, Decimal(1)).amount.value if due else Decimal(0)
    assert total == expected_total(row["expected"])


def part_of(document: Mapping[str, object], row: Row) -> Decimal:
    """Return what a part of a period costs: the whole so far minus what was billed before."""
    before, line, prior = (Decimal(part) for part in row["pre / line / prior"].split("/"))
    whole = price(document)
    if row["pos"] == "M":
        whole = price_within(whole)
    now = rate(whole, before + line).amount
    return (settle(now) - settle(replace(now, value=prior))).decimal


def check_graduated(row: Row) -> None:
    """What a later part costs is the whole so far minus what came before."""
    document = tiered("graduated", GRADUATED_A) | bounds(row["extra"])
    before, line, prior = (Decimal(part) for part in row["pre / line / prior"].split("/"))
    own = amount(document, {"quantity": before + line})
    billed = prior or amount(document, {"quantity": before})
    assert own - billed == numbers_after_arrow(row["expected"])


def check_graduated_minimum(*, at_zero: bool) -> Check:
    """A minimum lifts what the whole period comes to, less what was billed before."""

    def check(row: Row) -> None:
        around = bounds(row["extra"])
        document = tiered("graduated", GRADUATED_A, flat_at_zero=at_zero) | around
        assert part_of(document, row) == row.number("expected")

    return check


def check_no_minimum_in_the_middle(row: Row) -> None:
    """Before the period's end no minimum is due."""
    document = tiered("graduated", GRADUATED_A) | bounds(row["extra"])
    assert row["expected"].startswith("no min-spend")
    assert rate(price_within(price(document)), Decimal(0)).amount.value == 0
    assert amount(document, {"quantity": "0"}) == 1000


def check_dynamic(row: Row) -> None:
    """Metered money times 1.33333; bounds on the whole period, minimum only at its end."""
    document = {"model": "dynamic", "factor": "1.33333", **bounds(row["extra"])}
    assert part_of(document, row) == numbers_after_arrow(row["expected"])


def check_maximum(row: Row) -> None:
    """What a line of 1,000 gives back because the period has reached its maximum."""
    spent, cap = row.number("B"), row["C"]
    document = {"model": "unit", "unit_price": "1", "maximum": cap}
    line = amount(document, {"quantity": spent + 1000}) - amount(document, {"quantity": spent})
    discount = Amount(value=1000 - line, currency=currency("USD"))
    assert settle(discount).decimal == row.number("discount")


def check_volume(rows: Tiers = VOLUME, *, flat_at_zero: bool = False) -> Check:
    """The tier in which the quantity lies prices all of it, between minimum and maximum."""

    def check(row: Row) -> None:
        around = bounds(row["extra"])
        document = tiered("volume", rows, flat_at_zero=flat_at_zero) | around
        total = amount(document, {"quantity": row["quantity"].partition(",")[0]})
        assert total == added(row["total"])

    return check


def check_volume_waits(row: Row) -> None:
    """Where more may cost less nothing is billed before the end, as with a fee in arrears."""
    waiting = price(tiered("volume", VOLUME))
    assert not never_falls(waiting)
    assert never_falls(price(tiered("graduated", GRADUATED_A)))
    due = is_due_in(waiting, JANUARY, segment=SEGMENTS[row["pos"]])
    total = rate(waiting, row.number("quantity")).amount.value if due else Decimal(0)
    assert total == added(row["total"])


def check_minimum_exceeded(row: Row) -> None:
    """Usage above the minimum leaves no step for it."""
    assert row["expected"] == "no min line"
    steps = charge(
        {"model": "unit", "unit_price": "1", "minimum": "100"}, {"quantity": "100.01"}
    ).steps
    assert [step.label for step in steps] == ["units"]


def check_minimum_after_discount(row: Row) -> None:
    """A minimum applies after a discount of everything."""
    document = {
        "model": "unit",
        "unit_price": "1",
        "minimum": "100",
        "discounts": [{"percent": "100"}],
    }
    assert amount(document, {"quantity": "50"}) == numbers(row["expected"])[-1]


def check_zero_quantity(row: Row) -> None:
    """A quantity of zero costs nothing and still shows its step."""
    shown = charge(tiered("graduated", GRADUATED_A), {"quantity": "0"})
    assert shown.amount.value == expected_total(row["expected"])
    assert [step.quantity for step in shown.steps] == [0]


def check_rejected_tiers(row: Row) -> None:
    """Tiers out of order and a bounded last tier are refused, each with its field."""
    assert row["expected"].startswith("rejected")
    wrong = [{"up_to": "10", "unit_price": "1"}, {"up_to": "5", "unit_price": "1"}]
    outcome = price_from_document(
        {"key": "tested", "currency": "USD", "model": "graduated", "tiers": wrong}
    )
    assert isinstance(outcome, Refused)
    assert [(problem.code, problem.field) for problem in outcome.problems] == [
        ("last_tier_bounded", "tiers[1].up_to"),
        ("tiers_not_ascending", "tiers[1].up_to"),
    ]


def rows(*parts: int | range) -> tuple[str, ...]:
    """Return row ids from numbers and ranges."""
    expanded = [range(part, part + 1) if isinstance(part, int) else part for part in parts]
    return tuple(f"R{number:02}" for part in expanded for number in part)


def check_credited(row: Row) -> None:
    """Credit covers what a graduated line comes to, grant by grant, and no more than that."""
    quantity, *least = numbers(row["quantity"])
    amounts = [first_number(part) for part in row["credits"].split("+")]
    document = tiered("graduated", (("5", "0", "100"), ("10", "0", "50"), (None, "1", "0")))
    document |= {"minimum": str(least[0])} if least else {}
    of_calls = price({"key": "calls", "meter": "calls"} | document)
    contract = metered(plan("p", of_calls), CALLS, start="2026-01-01")
    # One more than it comes to, where the row says that there is more.
    more = int("more than" in row["credits"])
    give(contract, *(grant(str(one + more), key=f"c{at}") for at, one in enumerate(amounts, 1)))
    used(contract, "call", day("2026-01-10"), times=int(quantity))
    ((line,),) = (made.lines for made in bill(contract, day("2026-02-01")))
    if more:
        assert (line.money.minor, left(contract, "2026-02-01")) == (0, f"{more}.00")
        return
    assert line.money.decimal == numbers(row["expected"])[-1]
    assert left(contract, "2026-02-01") == "0.00"
    assert [one.amount for one in credit_of(line.charge)] == amounts


CHECKS: dict[str, Check] = {
    **dict.fromkeys(rows(range(79, 85)), check_credited),
    **dict.fromkeys(rows(range(1, 6)), check_flat),
    **dict.fromkeys(rows(range(14, 19)), check_maximum),
    **dict.fromkeys(rows(range(29, 34)), check_dynamic),
    **dict.fromkeys(rows(range(34, 38), 41), check_graduated),
    "R38": check_graduated_minimum(at_zero=True),
    "R39": check_graduated_minimum(at_zero=False),
    "R40": check_no_minimum_in_the_middle,
    "R50": check_volume_waits,
    **dict.fromkeys(rows(range(52, 59), range(60, 65)), check_volume()),
    **dict.fromkeys(rows(51, 59), check_volume(flat_at_zero=True)),
    "R65": check_volume(OPEN_TIER),
    "R94": check_minimum_exceeded,
    "R95": check_minimum_after_discount,
    "R96": check_zero_quantity,
    "R97": check_rejected_tiers,
}
LEFT_OUT: dict[str, Reason] = {}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
