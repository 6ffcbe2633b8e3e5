"""Rating as OpenMeter's public suite and documents observed it."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from tallystick.kernel import Done, Period, Refused, instant
from tallystick.pricing import Price, is_due_in, price_from_document, rate
from tests.notation import CaseBook, Check, NotBuilt, Otherwise, Reason, Row, first_number
from tests.tally import CaseNotes

FILE = "openmeter-rating.md"

Tiers = Sequence[tuple[str | None, str, str]]
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


def price(document: dict[str, object]) -> Price:
    """Read a price the way a catalog does."""
    outcome = price_from_document({"key": "tested", "currency": "USD"} | document)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def tiered(model: str, tiers: Tiers, *, flat_at_zero: bool = False) -> Price:
    """Return a price with tiers given as (bound, unit price, flat)."""
    names = ("up_to", "unit_price", "flat")
    documents = [dict(zip(names, tier, strict=True)) for tier in tiers]
    frame = {"model": model, "meter": "units", "unit": "count"}
    return price(frame | {"tiers": documents, "flat_at_zero": flat_at_zero})


def expected_total(text: str) -> Decimal:
    """Return what a cell expects: what follows its equals sign, its number, or nothing at all."""
    _, _, total = text.partition("=")
    nothing = text.startswith(("nothing", "no line", "one zero line", "no charge"))
    return Decimal(0) if nothing else first_number(total or text)


def check_flat(row: Row) -> None:
    """A flat fee falls due once: in the segment with the period's start, or with its end."""
    cadence = "advance" if "in advance" in row["price"] else "arrears"
    fee = price({"model": "flat", "amount": row.number("price"), "cadence": cadence})
    due = is_due_in(fee, JANUARY, segment=SEGMENTS[row["position"]])
    total = rate(fee, Decimal(1)).amount.value if due else Decimal(0)
    assert total == expected_total(row["expected"])


def check_graduated(row: Row) -> None:
    """What a later part costs is the whole so far minus what came before."""
    before, line, _ = (Decimal(part) for part in row["pre / line / prior"].split("/"))
    applied = tiered("graduated", GRADUATED_A)
    whole, prior = rate(applied, before + line), rate(applied, before)
    assert (whole.amount - prior.amount).value == expected_total(row["expected"])


def check_volume(tiers: Tiers = VOLUME, *, flat_at_zero: bool = False) -> Check:
    """The tier in which the quantity lies prices all of it."""

    def check(row: Row) -> None:
        applied = tiered("volume", tiers, flat_at_zero=flat_at_zero)
        total = rate(applied, row.number("quantity")).amount.value
        assert total == expected_total(row["total"])

    return check


def check_zero_quantity(row: Row) -> None:
    """A quantity of zero costs nothing and still shows its step."""
    charge = rate(tiered("graduated", GRADUATED_A), Decimal(0))
    assert charge.amount.value == expected_total(row["expected"])
    assert [step.quantity for step in charge.steps] == [0]


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


CHECKS: dict[str, Check] = {
    **dict.fromkeys(rows(range(1, 6)), check_flat),
    **dict.fromkeys(rows(range(34, 38)), check_graduated),
    **dict.fromkeys(rows(range(52, 59)), check_volume()),
    "R51": check_volume(flat_at_zero=True),
    "R65": check_volume(OPEN_TIER),
    "R96": check_zero_quantity,
    "R97": check_rejected_tiers,
}
LEFT_OUT: dict[str, Reason] = {
    **dict.fromkeys(rows(range(14, 19), 41, 63, 64), NotBuilt(feature="maximum spend")),
    **dict.fromkeys(rows(range(29, 34)), NotBuilt(feature="the dynamic model")),
    **dict.fromkeys(rows(38, 39, 40, 59, 60, 61, 62, 94), NotBuilt(feature="minimum spend")),
    **dict.fromkeys(rows(range(79, 85)), NotBuilt(feature="credits on an invoice")),
    "R50": NotBuilt(feature="billing one period in several parts"),
    "R95": Otherwise(
        sentence=(
            "per line usage discounts, amount discounts, percentage discounts; then minimum and "
            "maximum per declared scope"
        )
    ),
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)


def test_every_row_is_accounted_for(case_notes: CaseNotes) -> None:
    """Each row of the file is checked, or left out for a reason that holds."""
    assert BOOK.problems() == []
    case_notes.left_out(FILE, BOOK.left_out)


@pytest.mark.parametrize("case", CHECKS)
def test_row(case: str, case_notes: CaseNotes) -> None:
    """The row's figures come out of the product's own rating."""
    BOOK.check(case)
    case_notes.passed(FILE, case)
