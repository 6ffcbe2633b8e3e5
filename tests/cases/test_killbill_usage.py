"""Usage in blocks, tiers and capacities as Kill Bill's public suite observed it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate

import msgspec

from tallystick.catalog import Proration
from tallystick.invoicing import (
    Basis,
    Claim,
    Invoice,
    Purpose,
    as_billed,
    basis_document,
    document_of,
    verify_document,
)
from tallystick.kernel import Amount, Done, PriceKey, Refused, currency, digest, instant, settle
from tallystick.retention import RetentionRule, horizons_of
from tests.cases.gated import submit
from tests.cases.priced import amount, price
from tests.ingest.batches import event as sent
from tests.invoicing.contract import day, fee, metered, plan, used
from tests.invoicing.test_contract_changes import CALLS
from tests.invoicing.world import (
    BASIS,
    FEBRUARY,
    JANUARY,
    MARCH,
    PLAN,
    Asked,
    call,
    drafted,
    issue,
    the_invoice,
)
from tests.notation import CaseBook, Check, Otherwise, Reason, Row, numbers
from tests.tally import row_tests

FILE = "killbill-usage.md"

Blocks = Sequence[tuple[str, int, str]]
FOO: Blocks = (("1", 10, "1"), ("1", 50, "10"), ("1", 75, "100"))
BAR: Blocks = (("1", 100, "2"), ("1", 500, "20"), ("1", 750, "200"))
BULLETS: Blocks = (("100", 10, "2.95"), ("1000", 100, "5.95"))
LETTERS: Blocks = (("1", 1, "0.067"),)
HUNDREDS: Blocks = (("100", 10, "1"),)


def in_blocks(blocks: Blocks) -> dict[str, object]:
    """
    Return a graduated price from (size of a block, blocks in the tier, price of a block).

    Their tiers are as wide as they say, and follow each other; ours are bounded. The last is open.
    """
    bounds = list(accumulate(Decimal(size) * many for size, many, _ in blocks))
    last = len(blocks) - 1
    return {
        "model": "graduated",
        "tiers": [
            {"unit_price": price, "package_size": size}
            | ({} if index == last else {"up_to": str(bound)})
            for index, ((size, _, price), bound) in enumerate(zip(blocks, bounds, strict=True))
        ],
    }


def cost(blocks: Blocks, quantity: Decimal | int) -> Decimal:
    """Return what a quantity costs in blocks."""
    return amount(in_blocks(blocks), {"quantity": str(quantity)})


def settled(value: Decimal) -> Decimal:
    """Return an amount in whole cents, as a line has it."""
    return settle(Amount(value=value, currency=currency("USD"))).decimal


def check_blocks(blocks: Blocks, *, quantity: str = "") -> Check:
    """The row's quantity, or this one where its words hide it, comes to its last number."""

    def check(row: Row) -> None:
        used = Decimal(quantity) if quantity else row.number("quantity")
        total = numbers(row["expected"].partition("(")[0])[-1]
        assert settled(cost(blocks, used)) == total

    return check


def check_units(*used: tuple[Blocks, int]) -> Check:
    """Units of different kinds are rated on their own and add up."""

    def check(row: Row) -> None:
        total = sum((cost(blocks, quantity) for blocks, quantity in used), Decimal(0))
        assert total == numbers(row["expected"])[-1]

    return check


def check_zero(row: Row) -> None:
    """Without usage a line of nothing is there to be shown."""
    assert row["expected"].startswith("a zero-amount line")
    assert cost(BULLETS, 0) == 0


def check_more(before: Sequence[tuple[Blocks, int]], now: Sequence[tuple[Blocks, int]]) -> Check:
    """What is billed is the whole now less what was billed before, both settled."""

    def check(row: Row) -> None:
        billed = sum((settled(cost(blocks, used)) for blocks, used in before), Decimal(0))
        whole = sum((settled(cost(blocks, used)) for blocks, used in now), Decimal(0))
        expected = row["expected extra"]
        extra = expected.rpartition("extra")[2]
        assert whole - billed == (0 if expected.startswith("nothing") else numbers(extra)[0])

    return check


def check_capacity(fees: Sequence[str], now: str) -> Check:
    """A capacity costs the fee of the step reached; more of it, the difference."""

    def check(row: Row) -> None:
        tiers: list[dict[str, str]] = [
            {"up_to": str(100 * (index + 1)), "flat": fee} for index, fee in enumerate(fees)
        ]
        del tiers[-1]["up_to"]
        reached = amount({"model": "stairstep", "tiers": tiers}, {"quantity": now})
        assert reached - row.number("already billed") == numbers(row["expected extra"])[-1]

    return check


def contract(usage: dict[str, object], advance: str = "0") -> Basis:
    """Return the world's contract with a fee in advance and a price of calls."""
    prices = (
        price({"key": "fee", "model": "flat", "amount": advance, "cadence": "advance"}),
        price({"key": "calls", "meter": "calls", **usage}),
    )
    return replace(BASIS, plan=replace(PLAN, prices=prices))


def check_advance_and_arrears(row: Row) -> None:
    """The opening document bears the fee; the next one the fee for its month and the usage."""
    opening, fee, usage = map(Decimal, re.findall(r"\d+\.\d\d", row["expected"]))
    basis = contract({"model": "unit", "unit_price": "1.00"}, advance="20.00")
    calls = [call(n, "2026-01-20T00:00:00Z") for n in range(1, 11)]
    first = the_invoice(drafted([], Asked(basis=basis, purpose=Purpose.OPENING)))
    billed = as_billed([issue(first, "1")])
    second = the_invoice(drafted(calls, Asked(basis=basis, billed=billed)))
    assert first.total.decimal == opening
    assert sorted(line.money.decimal for line in second.lines) == [usage, fee]


def check_cancelled_at_once(row: Row) -> None:
    """
    The fee is given back in full, and what was used is billed.

    By the second, as the row says "immediately": two minutes of a month are no cent.  By whole days
    the day of a cancellation is billed, and 0.97 of the fee would stay.
    """
    start = day("2026-03-01")
    bullets = price({"key": "bullets", "meter": "calls", **in_blocks(BULLETS)})
    sold = replace(plan("guns", fee("29.95"), bullets), proration=Proration.SECOND)
    guns = metered(sold, CALLS)
    (opening,) = guns.bill(start)
    assert opening.total.decimal == Decimal("29.95")
    used(guns, "call", start, times=99)
    end = start + timedelta(minutes=2)
    guns.end(end)
    charged = {line.key.price: line.money for one in guns.bill(end) for line in one.lines}
    assert charged[bullets.key].decimal == numbers(row["expected"])[-1]
    assert row["expected"].startswith("recurring repaired fully")
    assert charged[PriceKey("base")].decimal == Decimal("-29.95")


def check_late(row: Row) -> None:
    """Usage of January that arrives when February is billed too stands on March's document."""
    basis = contract(in_blocks(BULLETS))
    documents: list[Invoice] = []
    for month in (JANUARY, FEBRUARY):
        asked = Asked(basis=basis, period=month, billed=as_billed(documents))
        documents.append(issue(the_invoice(drafted([], asked)), str(len(documents) + 1)))
    late = [call(101 + n, "2026-01-20T00:00:00Z") for n in range(199)]
    asked = Asked(basis=basis, period=MARCH, billed=as_billed(documents), position=300)
    found = the_invoice(drafted(late, asked)).lines
    extra = [line.money.decimal for line in found if line.key.period == JANUARY]
    assert extra == [numbers(row["expected extra"])[-1]]


def check_gap_below(row: Row) -> None:
    """A document that charges a tier above one that is not full is not what its usage comes to."""
    assert row["expected extra"].startswith("refuse")
    basis = contract(in_blocks((("1", 10, "1.00"), ("1", 100, "0.50"))))
    calls = [call(n, "2026-01-20T00:00:00Z") for n in range(1, 13)]
    invoice = issue(the_invoice(drafted(calls, Asked(basis=basis))), "1")
    assert isinstance(verify_document(claimed(invoice, basis), calls), Done)
    (line,) = (one for one in invoice.lines if one.charge is not None and one.quantity == 12)
    assert line.charge is not None
    lower, upper = line.charge.steps
    moved = tuple(
        msgspec.structs.replace(step, quantity=quantity, amount=amount)
        for step, quantity, amount in (
            (lower, Decimal(9), Decimal("9.00")),
            (upper, Decimal(3), Decimal("1.50")),
        )
    )
    charge = msgspec.structs.replace(line.charge, steps=moved)
    forged = replace(line, charge=charge)
    lines = tuple(forged if one is line else one for one in invoice.lines)
    outcome = verify_document(claimed(replace(invoice, lines=lines), basis), calls)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "different_charge"


def claimed(invoice: Invoice, basis: Basis) -> Claim:
    """Return an issued document as a verification is given it."""
    return Claim(
        invoice=invoice,
        digest=digest(document_of(invoice)),
        basis=basis,
        basis_digest=digest(basis_document(basis)),
    )


def look_back(at: str) -> Check:
    """How far late usage reaches back is the retention rule's: 61 days at most, from use on."""

    def check(row: Row) -> None:
        first, *_ = re.findall(r"2014-\d\d-\d\d", row["expected"])
        rule = RetentionRule(event_type="*", days=61, set_at=instant("2014-01-01T00:00:00Z"))
        target = instant(f"{at}T00:00:00Z")
        horizon = horizons_of([rule], at=target).of("bullets")
        contract_start = instant("2014-03-15T00:00:00Z")
        assert f"{max(horizon, contract_start):%Y-%m-%d}" == first

    return check


def check_sent_twice(row: Row) -> None:
    """What is sent again under its id is a repeat, and counts once."""
    once = sent("1")
    reports, events = submit([[once], [once]])
    assert [(one.accepted, one.duplicate) for one in reports] == [(1, 0), (0, 1)], row[
        "expected extra"
    ]
    assert len(events) == 1


CHECKS: dict[str, Check] = {
    "KBU-001": check_blocks((("1", 10, "1.5"), ("1", 100, "1.0"), ("1", 1000, "0.5"))),
    "KBU-002": check_blocks((("100", 10, "1"), ("1000", 100, "1"))),
    "KBU-003": check_blocks((("100", 10, "1"), ("1000", 1, "1"))),
    "KBU-004": check_units(((("1000", 10000, "0.5"),), 1000), ((("512", 512000, "0.3"),), 30720)),
    "KBU-005": check_units((FOO, 5), (BAR, 99)),
    "KBU-006": check_units((FOO, 5), (BAR, 101)),
    "KBU-007": check_units((FOO, 75), (BAR, 101)),
    **dict.fromkeys(("KBU-009", "KBU-010", "KBU-011", "KBU-012"), check_blocks(BULLETS)),
    "KBU-008": check_blocks(BULLETS),
    "KBU-013": check_zero,
    "KBU-014": check_blocks((("100", 10, "2"),)),
    "KBU-015": check_blocks(LETTERS),
    "KBU-037": check_more(((FOO, 50), (BAR, 80)), ((FOO, 70), (BAR, 200))),
    "KBU-038": check_more(((HUNDREDS, 100),), ((HUNDREDS, 401),)),
    "KBU-039": check_more(((HUNDREDS, 100),), ((HUNDREDS, 199),)),
    "KBU-040": check_more(((LETTERS, 55),), ((LETTERS, 55),)),
    "KBU-041": check_capacity(("10", "50", "100"), "260"),
    "KBU-042": check_capacity(("10",), "1"),
    "KBU-044": check_gap_below,
    "KBU-045": check_sent_twice,
    "KBU-046": check_late,
    "KBU-062": look_back("2014-04-15"),
    "KBU-063": look_back("2014-08-15"),
    "KBU-064": check_advance_and_arrears,
    "KBU-065": check_cancelled_at_once,
}
LATE = Otherwise(
    sentence=(
        "Late or corrected usage after issue: a credit note for less, an adjustment line on the "
        "next invoice for more"
    )
)
LEFT_OUT: dict[str, Reason] = {
    "KBU-043": LATE,
    "KBU-047": Otherwise(sentence="Past: accepted up to the retention horizon"),
    "KBU-066": Otherwise(
        sentence="An event whose account, resource or meter is not known yet is stored as"
    ),
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
