"""Prices of levels: each change for the rest of the period, each run for its least duration."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import EXACT, Done, PriceKey
from tallystick.pricing import (
    Detail,
    Discount,
    EachRun,
    FlatPrice,
    GraduatedPrice,
    InvalidPrice,
    LevelStep,
    PercentagePrice,
    Price,
    QuantityRounding,
    Run,
    Tier,
    UnitPrice,
    Unrateable,
    average_level,
    rate,
    usage_from_document,
)
from tests.strategies import graduated_prices

TIERS = (
    Tier(up_to=Decimal(5), unit_price=Decimal(10), flat=Decimal(100)),
    Tier(up_to=None, unit_price=Decimal(5), flat=Decimal(50)),
)
WALKED = GraduatedPrice(tiers=TIERS, prorated=True)
ONE = UnitPrice(unit_price=Decimal(1))
MINUTE = EachRun(minimum_seconds=Decimal(60))


def price(model: object, **around: object) -> Price:
    """Return a price of a model."""
    return Price(key=PriceKey("it"), model=model, currency="EUR", **around)  # type: ignore[arg-type] # fields by name


def steps(*changes: tuple[int, str]) -> tuple[LevelStep, ...]:
    """Return changes with their shares."""
    return tuple(
        LevelStep(quantity=Decimal(change), share=Fraction(share)) for change, share in changes
    )


def walked(changes: Sequence[LevelStep], *, before: int = 0) -> Decimal:
    """Return what changes cost behind the highest level that was reached before."""
    detail = Detail(changes=tuple(changes), start=Decimal(before))
    return rate(price(WALKED), average_level(changes), detail=detail).amount.value


def test_each_tier_says_how_full_it_was() -> None:
    """The steps are the tiers, each with its mean level and its fee."""
    changes = steps((4, "1"), (3, "1/2"), (-4, "1/4"))
    charge = rate(price(WALKED), average_level(changes), detail=Detail(changes=changes))
    assert [(step.quantity, step.flat, step.amount) for step in charge.steps] == [
        (Decimal(4), Decimal(100), Decimal(140)),
        (Decimal("0.5"), Decimal(50), Decimal("52.5")),
    ]
    assert charge.quantity == Decimal("4.5")


def test_fees_that_are_paid_are_not_due_again() -> None:
    """Behind a part of the period that reached a tier its fee is paid; a new one's is due."""
    assert walked(steps((4, "1/2"))) == 120
    assert walked(steps((4, "1/2")), before=3) == 20
    assert walked(steps((7, "1/2")), before=3) == 25 + 5 + 50
    assert walked(steps((7, "1/2")), before=9) == 25 + 5


def test_half_a_cent_is_half_a_cent() -> None:
    """A share that does not end leaves no trace in an amount that does."""
    changes = steps((1, "1/3"))
    model = GraduatedPrice(tiers=(Tier(up_to=None, unit_price=Decimal("0.375")),), prorated=True)
    charge = rate(price(model), average_level(changes), detail=Detail(changes=changes))
    assert charge.amount.value == Decimal("0.125")


def test_a_level_below_zero_on_average_costs_nothing() -> None:
    """A price never pays out, whatever was reached."""
    assert walked(steps((5, "1/2"), (-50, "1/4"))) == 0


def test_changes_are_needed() -> None:
    """A level without its changes has no price."""
    with pytest.raises(Unrateable):
        rate(price(WALKED), Decimal(1))
    with pytest.raises(Unrateable):
        rate(price(ONE, each_run=MINUTE), Decimal(1))


@given(
    graduated_prices(),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 25)), min_size=1, max_size=8),
)
def test_a_walk_is_the_mean_of_its_days(model: GraduatedPrice, days: list[tuple[int, int]]) -> None:
    """Of 30 days, each at its level costs a thirtieth of what a month at it costs, without fees."""
    tiers = tuple(Tier(up_to=one.up_to, unit_price=one.unit_price) for one in model.tiers)
    levels = dict(sorted(days))
    changes, before = [], 0
    for day, level in levels.items():
        change = LevelStep(quantity=Decimal(level - before), share=Fraction(30 - day, 30))
        changes.append(change)
        before = level
    naive = Fraction(0)
    for one in range(30):
        begun = [held for day, held in levels.items() if day <= one] or [0]
        month = rate(price(GraduatedPrice(tiers=tiers)), Decimal(begun[-1])).amount.value
        naive += Fraction(month) / 30
    detail = Detail(changes=tuple(changes))
    charge = rate(
        price(GraduatedPrice(tiers=tiers, prorated=True)), average_level(changes), detail=detail
    )
    assert abs(Fraction(charge.amount.value) - naive) < Fraction(1, 10**50)


def runs(*seconds: str, begins: bool = True, ends: bool = True) -> tuple[Run, ...]:
    """Return runs of a level of one."""
    return tuple(
        Run(seconds=Decimal(each), per_second=Fraction(1), begins=begins, ends=ends)
        for each in seconds
    )


def carried(seconds: str, *, before: str) -> Run:
    """Return a run of a level of one that began so long before the period."""
    return Run(
        seconds=Decimal(seconds), per_second=Fraction(1), begins=False, before=Decimal(before)
    )


def rounded(each: EachRun, found: tuple[Run, ...]) -> Decimal:
    """Return what runs of one unit a second cost at 1 for each."""
    total = sum((run.seconds for run in found), Decimal(0))
    return rate(price(ONE, each_run=each), total, detail=Detail(runs=found)).amount.value


HOURS = EachRun(step_seconds=Decimal(3600))
BOTH = EachRun(minimum_seconds=Decimal(60), step_seconds=Decimal(50))


@pytest.mark.parametrize(
    ("each", "found", "seconds"),
    [
        (MINUTE, runs("30", "40"), 120),
        (MINUTE, runs("60", "61"), 121),
        (MINUTE, runs("30", begins=False), 30),
        (MINUTE, runs("30", ends=False), 30),
        (HOURS, runs("1", "3600", "3601"), 3 * 3600 + 3600),
        (HOURS, runs("10", begins=False), 3600),
        (HOURS, runs("10", ends=False), 10),
        (BOTH, runs("30"), 100),
        (MINUTE, (carried("15", before="30"),), 30),
        (MINUTE, (carried("15", before="45"),), 15),
        (MINUTE, (carried("0", before="30"),), 30),
        (HOURS, (carried("600", before="1800"),), 1800),
        (HOURS, (carried("600", before="3000"),), 600),
        (BOTH, (carried("15", before="30"),), 70),
        (BOTH, (), 0),
    ],
)
def test_runs_count_for_their_least_duration(
    each: EachRun, found: tuple[Run, ...], seconds: int
) -> None:
    """A run is rounded where it ends, by all that it lasted, as far as that is known."""
    assert rounded(each, found) == seconds


def test_what_is_added_counts_at_the_last_level() -> None:
    """A machine of four cores that is billed 30 seconds more is billed 120 core-seconds more."""
    found = (Run(seconds=Decimal(30), per_second=Fraction(4)),)
    charge = rate(price(ONE, each_run=MINUTE), Decimal(120), detail=Detail(runs=found))
    assert charge.amount.value == 240
    assert charge.steps[0].label == "runs raised to at least 60 seconds: 1"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (EachRun, "minimum_seconds"),
        (lambda: EachRun(step_seconds=Decimal(-1)), "step_seconds"),
        (lambda: price(WALKED, each_run=MINUTE), "each_run"),
        (lambda: price(WALKED, rounding=QuantityRounding()), "rounding"),
        (lambda: price(WALKED, allowance=Decimal(1)), "allowance"),
        (lambda: price(WALKED, discounts=(Discount(usage=Decimal(1)),)), "discounts"),
        (
            lambda: price(PercentagePrice(percent=Decimal(1), fixed=Decimal(1)), each_run=MINUTE),
            "each_run",
        ),
        (lambda: price(FlatPrice(amount=Decimal(1)), each_run=MINUTE), "each_run"),
    ],
)
def test_what_does_not_go_together_is_refused(make: Callable[[], object], field: str) -> None:
    """Each fault is found when the price is built, and names its field."""
    with pytest.raises(InvalidPrice) as caught:
        make()
    assert field in [problem.field for problem in caught.value.problems]


def test_changes_and_runs_are_read_from_a_document() -> None:
    """The quantity is what they come to."""
    outcome = usage_from_document({"changes": [{"quantity": "5", "share": "21/30"}]})
    assert isinstance(outcome, Done)
    assert outcome.value.quantity == EXACT.create_decimal("3.5")
    ran = usage_from_document({"runs": [{"seconds": "45"}, {"seconds": "10", "ends": False}]})
    assert isinstance(ran, Done)
    assert ran.value.quantity == 55
    assert [run.ends for run in ran.value.detail.runs] == [True, False]
