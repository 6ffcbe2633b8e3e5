"""Rates of cloud providers, as their guides work them out."""

from collections.abc import Mapping
from decimal import Decimal

from tallystick.kernel import EXACT, Money, currency, split
from tallystick.metering import exact_sum
from tests.cases.priced import Tiers, amount, tiers
from tests.notation import CaseBook, Check, Row, numbers
from tests.tally import row_tests

FILE = "finops-rating.md"

GB: Tiers = (("1000", "0.10", "0"), ("50000", "0.08", "0"), (None, "0.06", "0"))
TB: Tiers = (("10240", "0.17", "0"), (None, "0.13", "0"))
FREE_FIRST: Tiers = (("10240", "0", "0"), (None, "0.0085", "0"))
MEMBERS = (30_000, 35_000, 30_000)


def graduated(rows: Tiers, quantity: int) -> Decimal:
    """Rate a quantity in graduated tiers."""
    return amount({"model": "graduated", "tiers": tiers(rows)}, {"quantity": str(quantity)})


def check_each(rows: Tiers, *quantities: int, model: str = "graduated") -> Check:
    """These quantities come to the row's amounts, in order."""

    def check(row: Row) -> None:
        document = {"model": model, "tiers": tiers(rows)}
        found = [amount(document, {"quantity": str(quantity)}) for quantity in quantities]
        assert found == [numbers(part)[-1] for part in _amounts(row)]

    return check


def _amounts(row: Row) -> list[str]:
    expected = row["expected"].replace(" ", "")
    return [part for piece in expected.split(";") for part in piece.split("/")]


def check_alone(row: Row) -> None:
    """Each member rated on its own; the parts and their sum."""
    *parts, total = numbers(row["expected"].replace("/", " "))
    alone = [graduated(GB, quantity) for quantity in MEMBERS]
    assert alone == parts
    assert exact_sum(alone) == total


def check_shared(row: Row) -> None:
    """The pooled charge is shared by usage, to the cent, by largest remainder."""
    pooled = Money(minor=672_000, currency=currency("USD"))
    shares = split(pooled, [Decimal(each) for each in MEMBERS])
    assert [share.decimal for share in shares] == numbers(row["expected"].replace("/", " "))[:3]


def check_pooled_and_alone(row: Row) -> None:
    """Twelve terabytes together, then eight and four alone."""
    alone = graduated(TB, 8 * 1024) + graduated(TB, 4 * 1024)
    assert [graduated(TB, 12 * 1024), alone] == numbers(row["expected"])


def check_blocks(row: Row) -> None:
    """Whole blocks, then each request."""
    used = {"quantity": "25001"}
    blocks = {"model": "package", "package_size": "10000", "package_price": "0.05"}
    single = {"model": "unit", "unit_price": "0.000005"}
    assert [amount(blocks, used), amount(single, used)] == numbers(row["expected"])


def check_priced(document: Mapping[str, object], usage: Mapping[str, object]) -> Check:
    """The usage comes to the row's amount, to the digits that it shows."""

    def check(row: Row) -> None:
        expected = row.number("expected")
        assert EXACT.quantize(amount(document, usage), expected) == expected

    return check


def check_two_regions(row: Row) -> None:
    """A month of 730 hours in two regions, and the difference."""
    usage = [{"quantity": "730", "group": {"region": region}} for region in ("us", "eu")]
    cells = [
        {"where": {"region": region}, "unit_price": price}
        for region, price in (("us", "26.676"), ("eu", "32.012"))
    ]
    matrix = {
        "model": "matrix",
        "group_by": ["region"],
        "cells": cells,
        "default_price": "0",
    }
    first, second = (amount(matrix, one) for one in usage)
    assert [first, second, second - first] == numbers(row["expected"])


def series(*rates: tuple[str, str]) -> dict[str, object]:
    """Return a price of dated rates."""
    return {
        "model": "dynamic",
        "series": [{"at": f"2026-04-{at}:00Z", "unit_price": rate} for at, rate in rates],
    }


def used(*quantities: tuple[str, str]) -> dict[str, object]:
    """Return what was used under each rate."""
    return {"parts": {f"2026-04-{at}:00.000000Z": quantity for at, quantity in quantities}}


BY_SIZE = """
quantity * 0.001 * (
    if quantity >= 200 then 0.95 else if quantity < 50 then 1
    else if dimension.project == "ours" then 0.97 else 0.98
)
"""


def check_rates_by_size(row: Row) -> None:
    """A rate takes effect from its size on, one at a time; one project has a rate of its own."""
    document = {"model": "formula", "formula": BY_SIZE, "group_by": ["project"]}
    found = [
        amount(document, {"quantity": size, "group": {"project": project}})
        for size, projects in (
            ("20", ["any"]),
            ("50", ["any", "ours"]),
            ("80", ["any", "ours"]),
            ("250", ["any"]),
        )
        for project in projects
    ]
    assert found == numbers(row["expected"])


# Of the prices of a group that fit, the dearest; every rate that fits multiplies it.
ONE_GROUP = """
quantity
    * max(
        if dimension.flavor == "large" then 0.10 else 0,
        if dimension.image == "w" then 0.25 else 0
    )
    * (if dimension.flavor == "large" then 1.2 else 1)
    * (if dimension.image == "w" then 0.5 else 1)
"""
TWO_GROUPS = f'({ONE_GROUP}) + quantity * (if dimension.network == "public" then 0.05 else 0)'


def check_rates_that_multiply(formula: str) -> Check:
    """Prices and rates by several dimensions: the dearest price, all rates; groups add up."""

    def check(row: Row) -> None:
        dimensions = {"flavor": "large", "image": "w", "network": "public"}
        document = {"model": "formula", "formula": formula, "group_by": sorted(dimensions)}
        found = amount(document, {"quantity": "2", "group": dimensions})
        assert found == row.number("expected")

    return check


CHECKS: dict[str, Check] = {
    "R1": check_each(GB, 95_000),
    "R2": check_alone,
    "R3": check_shared,
    "R4": check_pooled_and_alone,
    "R5": check_each(GB, 0, 1_000, 50_000, 500_000),
    "R6": check_each(GB, 1_000, 1_001, 50_000, 50_001, 95_000, model="volume"),
    "R7": check_rates_by_size,
    "R8": check_rates_that_multiply(ONE_GROUP),
    "R9": check_rates_that_multiply(TWO_GROUPS),
    "R10": check_each(FREE_FIRST, 10_240, 10_241, 15_360),
    "R11": check_blocks,
    "R12": check_priced(
        {"model": "unit", "unit_price": "0.0116", "allowance": "750"}, {"quantity": "1488"}
    ),
    "R13": check_priced(
        series(("01T00:00", "0.10"), ("16T00:00", "0.12")),
        used(("01T00:00", "360"), ("16T00:00", "360")),
    ),
    "R14": check_priced(
        series(("01T00:00", "0.031"), ("01T01:00", "0.045"), ("01T02:00", "0.029")),
        used(
            ("01T00:00", "1"),
            ("01T01:00", "1"),
            ("01T02:00", "0.333333333333333333"),
        ),
    ),
    "R15": check_two_regions,
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out={})
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
