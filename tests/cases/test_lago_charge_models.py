"""Charge models as Lago's public suite observed them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from tallystick.kernel import Amount, PriceKey, currency, settle
from tallystick.pricing import Charge, Detail, LevelStep, average_level, rate
from tests.cases.level_stories import Story
from tests.cases.priced import Tiers, amount, price, tiers
from tests.invoicing.contract import day
from tests.notation import CaseBook, Check, Row, first_number, numbers
from tests.tally import row_tests

FILE = "lago-charge-models.md"
CENTS = Decimal(100)
USAGE = "current usage (c)"

A: Tiers = (("10", "10", "2"), ("20", "5", "3"), (None, "5", "3"))
ADJACENT: Tiers = (("0.1", "10", "0"), ("1", "5", "0"), (None, "2", "0"))
INTEGER_STYLE: Tiers = (("10", "10", "0"), (None, "5", "0"))
T1: Tiers = (("5", "10", "100"), (None, "5", "50"))
T2: Tiers = (("5", "10", "100"), ("15", "5", "50"), (None, "2", "0"))
SECOND_PAID: Tiers = (("5", "0", "0"), (None, "12", "0"))


def graduated(rows: Tiers, quantity: Decimal, *, flat_at_zero: bool = False) -> Charge:
    """Rate a quantity in graduated tiers given as (bound, unit price, flat)."""
    model = {"model": "graduated", "tiers": tiers(rows), "flat_at_zero": flat_at_zero}
    return rate(price(model), quantity)


def check_unit_price(row: Row) -> None:
    """A unit price is exact below the cent: quantity and price stand in the row's inputs."""
    unit_price, units = numbers(row["inputs"])[:2]
    charge = rate(price({"model": "unit", "unit_price": unit_price}), units)
    assert charge.amount.value == row.number("expected")


def check_price_groups(row: Row) -> None:
    """Each price group is rated on its own."""
    aws, gcp, unit_price = numbers(row["inputs"])
    document = {"model": "unit", "unit_price": unit_price, "group_by": ["cloud"]}
    grouped = price(document)
    charges = [rate(grouped, quantity).amount.value for quantity in (aws, gcp)]
    assert charges == numbers(row["expected"])


def check_custom_unit(row: Row) -> None:
    """A price in a custom unit settles in it, and converts from the exact charge."""
    document = {"model": "unit", "unit_price": "1", "currency": "PRU", "currency_exponent": 2}
    charge = rate(price(document), Decimal(300))
    in_usd = Amount(value=charge.amount.times(Decimal("0.5")).value, currency=currency("USD"))
    assert [settle(charge.amount).minor, settle(in_usd).minor] == numbers(row["expected"])


def check_graduated(tiers: Tiers, *, flat_at_zero: bool = False) -> Check:
    """The row's units in these tiers cost what it expects, behind its equals sign if it has one."""

    def check(row: Row) -> None:
        charge = graduated(tiers, row.number("units"), flat_at_zero=flat_at_zero)
        expected = row["expected"]
        _, _, total = expected.partition("=")
        assert charge.amount.value == first_number(total or expected)

    return check


def check_mean(row: Row) -> None:
    """The mean unit price of tiers A agrees to the digits shown."""
    check_graduated(A)(row)
    total, mean = numbers(row["expected"])
    assert str(total / row.number("units")).startswith(str(mean))


def check_second_tier(tiers: Tiers) -> Check:
    """The second tier holds the units, and costs the amount, that the row's text says."""

    def check(row: Row) -> None:
        step = graduated(tiers, row.number("units")).steps[1]
        _, _, text = row["expected"].partition("tier holds")
        held = numbers(text)
        assert [step.quantity, step.amount][: len(held)] == held

    return check


def check_fractional(row: Row) -> None:
    """A fraction is spread over three tiers without a gap."""
    check_graduated(ADJACENT)(row)
    check_second_tier(ADJACENT)(row)


def check_whole(tiers: Tiers, quantity: int, column: str, *, cents: bool = False) -> Check:
    """Where nothing is prorated the graduated model itself answers, flat fee at zero included."""

    def check(row: Row) -> None:
        charge = graduated(tiers, Decimal(quantity), flat_at_zero=True)
        assert charge.amount.value == row.number(column) / (CENTS if cents else 1)

    return check


def level_steps(row: Row) -> tuple[LevelStep, ...]:
    """Return the changes of a row: each full value, with the share that its prorated value is."""
    full, prorated = (
        numbers(row[name].replace("\N{MINUS SIGN}", "-"))
        for name in ("full values", "prorated values")
    )
    return tuple(
        LevelStep(quantity=whole, share=Fraction(part) / Fraction(whole))
        for whole, part in zip(full, prorated, strict=True)
    )


def check_walk(tiers_: Tiers) -> Check:
    """Changes of a level, walked through the tiers one by one, come to the row's amount."""

    def check(row: Row) -> None:
        changes = level_steps(row)
        walked = price({"model": "graduated", "prorated": True, "tiers": tiers(tiers_)})
        charge = rate(walked, average_level(changes), detail=Detail(changes=changes))
        assert settle(charge.amount).decimal == row.number("expected")

    return check


SEPTEMBER = [
    ("2023-09-10", 2),
    ("2023-09-16", 5),
    ("2023-09-20", -6),
    ("2023-09-25", 10),
    ("2023-09-26", 4),
    ("2023-09-30", 60),
    ("2023-10-17", 20),
]
SECOND_AT_10: Tiers = (("5", "0", "0"), (None, "10", "0"))
AUTUMN = [("2023-10-05", 4), ("2023-10-05", 3), ("2023-11-05", -1)]
SIXTH_SEAT = ("2023-12-07T10:00", 1)
THIRD_PAID: Tiers = (("2", "0", "0"), (None, "150", "0"))
FOUR_MORE = [("2026-05-09", 1)] * 4


def in_september(day: str) -> Story:
    """Return the story of the file's second table up to a day."""
    changes = [(at, change) for at, change in SEPTEMBER if at <= day]
    return Story(tiers=T2, start="2023-09-01", changes=changes, at=day)


def of_december(*changes: tuple[str, int], end: str | None = None) -> Story:
    """Return a contract whose level was 6 at the beginning of December."""
    all_ = [*AUTUMN, *changes]
    return Story(tiers=SECOND_AT_10, start="2023-10-01", changes=all_, at="2023-12-07", end=end)


def below_zero(*changes: tuple[str, int]) -> Story:
    """Return a contract by anniversary whose level was taken below 0."""
    return Story(
        tiers=THIRD_PAID, start="2026-04-08T12:00", changes=changes, at="2026-05-09", calendar=False
    )


TWELVE = Story(
    tiers=SECOND_PAID,
    start="2024-01-01",
    changes=[("2023-12-01", 10), ("2024-01-06", 2)],
    at="2024-01-06",
)
STORIES = {
    "CM-141": in_september("2023-09-10"),
    "CM-142": in_september("2023-09-16"),
    "CM-143": in_september("2023-09-20"),
    "CM-144": in_september("2023-09-25"),
    "CM-145": in_september("2023-09-26"),
    "CM-146": in_september("2023-09-30"),
    "CM-147": in_september("2023-10-05"),
    "CM-148": in_september("2023-10-17"),
    "CM-151": TWELVE,
    "CM-152": of_december(),
    "CM-153": of_december(SIXTH_SEAT),
    "CM-154": of_december(SIXTH_SEAT, end="2023-12-07T15:00"),
}


def check_story(row: Row) -> None:
    """What the level comes to for the period, as it stands on that day."""
    cell = row.cells.get(USAGE) or row["expected"]
    assert STORIES[row.id].cents() == first_number(cell)


def check_below_zero(row: Row) -> None:
    """A level below 0 costs nothing, and what is added later begins from there."""
    story = below_zero(*[("2026-05-07T23:01", -1)] * 3, *FOUR_MORE)
    units, cents = numbers(row["expected"])
    assert [story.units(), story.cents()] == [units, cents]
    first_period = numbers(row["story"].partition("invoice ")[2])[0]
    assert story.cents_of(day("2026-05-07")) == first_period


def check_late(row: Row) -> None:
    """A change that is reported late still moves the level that is carried."""
    late = ("2026-04-13", 1)
    story = below_zero(*[("2026-04-09", -1)] * 3, *FOUR_MORE, late)
    assert story.units() == row.number("expected")


RATE_2_99 = {"percent": "2.99"}
BOUNDS = {"transaction_minimum": "1.75", "transaction_maximum": "12"}


def percentage(settings: Mapping[str, object], amounts: Iterable[str | int]) -> Decimal:
    """Rate transactions by a percentage."""
    document = {"model": "percentage", **settings}
    return amount(document, {"transactions": [str(each) for each in amounts]})


def check_free(row: Row) -> None:
    """Four transactions at 1.3 % and 2 each, free until the first limit is used up."""
    cumulated = [50, 150, 400, int(row.number("units"))]
    amounts = [later - earlier for earlier, later in pairwise([0, *cumulated])]
    limits = {"free_transactions": row["free events"], "free_amount": row["free amount"]}
    settings: dict[str, object] = {"percent": "1.3", "fixed": "2"}
    settings |= {name: text for name, text in limits.items() if text != "none"}
    used = amounts if cumulated[-1] else []
    assert percentage(settings, used) == numbers(row["expected"])[-1]


def check_percentage(settings: Mapping[str, object], *amounts: str | int) -> Check:
    """Transactions of these amounts come to the last number of what is expected."""

    def check(row: Row) -> None:
        assert percentage(settings, amounts) == numbers(row["expected"])[-1]

    return check


def check_plain_percentage(row: Row) -> None:
    """Without a fixed part the sum is enough."""
    document = {"model": "percentage", "percent": "2.9"}
    assert amount(document, {"quantity": row["units"]}) == row.number("expected")


def check_running(settings: Mapping[str, object]) -> Check:
    """The usage after each transaction, in cents before tax."""

    def check(row: Row) -> None:
        amounts = row["events (amount)"].split(",")
        after = [percentage(settings, amounts[: n + 1]) * CENTS for n in range(len(amounts))]
        assert after == numbers(
            row["usage after each event (c)"].partition("(")[0].replace(",", " ")
        )

    return check


CHECKS: dict[str, Check] = {
    "CM-001": check_unit_price,
    "CM-002": check_unit_price,
    "CM-003": check_price_groups,
    "CM-004": check_custom_unit,
    "CM-005": check_unit_price,
    "CM-020": check_graduated(A, flat_at_zero=True),
    "CM-021": check_graduated(A),
    "CM-022": check_graduated(A),
    "CM-023": check_graduated(A),
    "CM-024": check_mean,
    "CM-025": check_mean,
    "CM-026": check_graduated(ADJACENT),
    "CM-027": check_graduated(ADJACENT),
    "CM-028": check_fractional,
    "CM-029": check_second_tier(A),
    "CM-030": check_second_tier(ADJACENT),
    "CM-031": check_graduated(INTEGER_STYLE),
    **dict.fromkeys((f"CM-{number:03}" for number in range(60, 67)), check_free),
    "CM-067": check_percentage({"percent": "0", "fixed": "2"}, 50, 100, 250, 400),
    "CM-068": check_plain_percentage,
    "CM-070": check_percentage(RATE_2_99, 10, 80, 10_000),
    "CM-071": check_percentage(RATE_2_99 | BOUNDS, 10, 80, 10_000),
    "CM-072": check_percentage(RATE_2_99 | BOUNDS | {"fixed": "2"}, 10, 80, 10_000),
    "CM-073": check_percentage(RATE_2_99 | BOUNDS | {"free_transactions": "2"}, 10, 80, 10_000),
    "CM-074": check_percentage(RATE_2_99 | BOUNDS | {"free_amount": "30"}, 10, 80, 10_000),
    "CM-075": check_percentage(
        RATE_2_99 | BOUNDS | {"free_transactions": "3", "free_amount": "10000"}, 10, 80, 10_000
    ),
    "CM-076": check_percentage(BOUNDS | {"percent": "1", "fixed": "1"}, 100),
    "CM-077": check_percentage(
        {"percent": "1.2", "fixed": "0.10", "free_transactions": "3", "free_amount": "500"},
        10,
        10,
        10,
        50,
    ),
    "CM-080": check_running({"percent": "1", "fixed": "5", "free_transactions": "3"}),
    "CM-081": check_running({"percent": "1", "fixed": "5", "free_amount": "15"}),
    "CM-082": check_running(
        {"percent": "1", "fixed": "5", "free_transactions": "3", "free_amount": "15"}
    ),
    "CM-083": check_running(
        {"percent": "1", "fixed": "5", "free_transactions": "3", "free_amount": "15"}
    ),
    **{f"CM-{number}": check_walk(T1) for number in (*range(120, 127), 128)},
    "CM-129": check_walk(T2),
    "CM-127": check_whole(T1, 0, "expected"),
    "CM-130": check_whole(T2, 75, "expected"),
    "CM-140": check_whole(T2, 0, USAGE, cents=True),
    "CM-150": check_whole(SECOND_PAID, 10, "expected", cents=True),
    **dict.fromkeys(STORIES, check_story),
    "CM-155": check_below_zero,
    "CM-156": check_late,
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out={})
test_every_row_is_accounted_for, test_row = row_tests(BOOK)


def test_the_key_of_a_tested_price_is_its_own() -> None:
    """What is rated carries the key of its price into the charge."""
    assert graduated(A, Decimal(1)).price == PriceKey("tested")
