"""Models that price more than one number, and what surrounds a model."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tallystick.kernel import Done, PriceKey, Refused
from tallystick.pricing import (
    CommittedPrice,
    Discount,
    DiscountTier,
    FormulaPrice,
    GraduatedPrice,
    InvalidPrice,
    MatrixCell,
    MatrixPrice,
    Model,
    Need,
    PackagePrice,
    PercentagePrice,
    Price,
    QuantityRounding,
    StairstepPrice,
    Tier,
    TimeBand,
    TimeOfUsePrice,
    UnitPrice,
    VolumePrice,
    plain_usage,
    price_for_share,
    price_from_document,
    price_within,
    rate,
    rate_document,
    roll_over,
    usage_from_document,
)

ONE = UnitPrice(unit_price=Decimal(1))


def price(model: Model = ONE, **around: Any) -> Price:  # noqa: ANN401 - fields of a price
    """Return a price with what surrounds it."""
    return Price(key=PriceKey("tested"), model=model, currency="USD", **around)


def document(**fields: object) -> dict[str, object]:
    """Return the document of a price."""
    return {"key": "tested", "currency": "USD", **fields}


def amount(fields: Mapping[str, object], usage: Mapping[str, object]) -> Decimal:
    """Rate a usage by a document, both as files say them."""
    outcome = rate_document(fields, usage_from_document(usage))
    assert isinstance(outcome, Done), outcome
    return outcome.value.amount.value


@pytest.mark.parametrize("around", [{}, {"discounts": [{"amount": "1"}]}, {"minimum": "0"}])
def test_parts_that_come_to_less_than_nothing_cost_nothing(around: dict[str, object]) -> None:
    """More returned at the peak than used at night pays nothing out, whatever surrounds it."""
    peak = {"name": "peak", "unit_price": "0.30", "begin": "08:00", "end": "20:00"}
    bands = document(model="time_of_use", bands=[peak], otherwise="0.20", **around)
    used = {"parts": {"otherwise": "6", "peak": "-5"}}
    assert amount(bands, used) == 0
    outcome = rate_document(bands, usage_from_document(used))
    assert isinstance(outcome, Done)
    assert "below zero, priced as 0" in {step.label for step in outcome.value.steps}


STAIRS = [{"up_to": "10", "flat": "100"}, {"up_to": "50", "flat": "400"}, {"flat": "900"}]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("0", 0), ("0.5", 100), ("10", 100), ("10.000001", 400), ("50", 400), ("51", 900)],
)
def test_a_stairstep_costs_the_fee_of_the_step_reached(quantity: str, expected: int) -> None:
    """One fee for everything, and its bound belongs to it; at zero only when told."""
    fields = document(model="stairstep", tiers=STAIRS)
    assert amount(fields, {"quantity": quantity}) == expected
    at_zero = expected or 100
    assert amount(fields | {"flat_at_zero": True}, {"quantity": quantity}) == at_zero


@pytest.mark.parametrize(
    ("start", "quantity", "expected"),
    [
        ("8", "0", 0),
        ("8", "2", 0),
        ("8", "5", 300),
        ("8", "60", 800),
        ("11", "39", 0),
        ("0", "5", 100),
    ],
)
def test_a_stairstep_that_goes_on_costs_what_is_above_the_step_before(
    start: str, quantity: str, expected: int
) -> None:
    """The fee of the step on which the usage before stood is paid."""
    fields = document(model="stairstep", tiers=STAIRS)
    assert amount(fields, {"quantity": quantity, "start": start}) == expected


def test_a_stairstep_that_goes_down_gives_nothing_back() -> None:
    """A further step that costs less than the one before it costs nothing more."""
    fields = document(model="stairstep", tiers=[{"up_to": "10", "flat": "100"}, {"flat": "40"}])
    assert amount(fields, {"quantity": "5", "start": "8"}) == 0


CARDS = document(model="percentage", percent="1.3", fixed="2")


@pytest.mark.parametrize(
    ("limits", "amounts", "expected"),
    [
        ({}, ["50", "100"], "5.95"),
        ({"free_transactions": "1"}, ["50", "100"], "3.3"),
        ({"free_amount": "50"}, ["50", "100"], "3.3"),
        ({"free_amount": "60"}, ["50", "100"], "3.17"),
        ({"free_amount": "60", "free_transactions": "1"}, ["50", "100"], "3.3"),
        ({"free_amount": "1000", "free_transactions": "1"}, ["50", "0", "100"], "5.3"),
        ({"transaction_minimum": "3"}, ["50", "100"], "6.3"),
        ({"transaction_maximum": "3"}, ["50", "100"], "5.65"),
        ({"transaction_maximum": "3", "free_transactions": "9"}, ["50", "100"], "0"),
        ({"free_transactions": "0"}, ["-50", "100"], "3.3"),
        ({"free_transactions": "0"}, [], "0"),
    ],
)
def test_a_percentage_knows_each_transaction(
    limits: dict[str, object], amounts: list[str], expected: str
) -> None:
    """Free until the first limit is used up; bounds on each that pays; refunds pay nothing."""
    assert amount(CARDS | limits, {"transactions": amounts}) == Decimal(expected)


def test_sum_and_count_suffice_for_a_plain_percentage() -> None:
    """Without limits each amount and the sum with the count come to the same."""
    each = amount(CARDS, {"transactions": ["10", "20", "30"]})
    assert amount(CARDS, {"quantity": "60", "count": 3}) == each == Decimal("6.78")


@pytest.mark.parametrize(
    ("fields", "usage"),
    [
        (CARDS, {"quantity": "60"}),
        (CARDS | {"free_amount": "1"}, {"quantity": "60", "count": 3}),
        (
            document(
                model="time_of_use", otherwise="1", bands=[{"name": "night", "unit_price": "1"}]
            ),
            {"quantity": "60"},
        ),
        (
            document(
                model="time_of_use", otherwise="1", bands=[{"name": "night", "unit_price": "1"}]
            ),
            {"parts": {"day": "60"}},
        ),
        (
            document(model="dynamic", series=[{"at": "2026-01-01T00:00:00Z", "unit_price": "1"}]),
            {"parts": {"before the series": "60"}},
        ),
        (document(model="formula", formula="1 / (quantity - 60)"), {"quantity": "60"}),
    ],
)
def test_what_a_model_needs_is_never_taken_for_nothing(
    fields: dict[str, object], usage: dict[str, object]
) -> None:
    """A missing number, an unknown part and a division by zero are errors, not zero."""
    outcome = rate_document(fields, usage_from_document(usage))
    assert isinstance(outcome, Refused)
    assert [problem.code for problem in outcome.problems] == ["unrateable"]


CELLS = MatrixPrice(
    cells=(
        MatrixCell(where=(("region", "eu"),), unit_price=Decimal(2)),
        MatrixCell(where=(("size", "large"),), unit_price=Decimal(4)),
        MatrixCell(where=(("region", "eu"), ("size", "large")), unit_price=Decimal(3)),
    ),
    default_price=Decimal(1),
)


@pytest.mark.parametrize(
    ("region", "size", "expected"),
    [("eu", "large", 3), ("eu", "small", 2), ("us", "large", 4), ("us", "small", 1), ("", "", 1)],
)
def test_the_narrowest_cell_of_a_matrix_decides(region: str, size: str, expected: int) -> None:
    """More dimensions before fewer; what no cell names has the default."""
    matrix = document(
        model="matrix",
        group_by=["region", "size"],
        default_price="1",
        cells=[
            {"where": dict(cell.where), "unit_price": str(cell.unit_price)} for cell in CELLS.cells
        ],
    )
    usage = {"quantity": "1", "group": {"region": region, "size": size}}
    assert amount(matrix, usage) == expected


def test_of_cells_as_narrow_the_first_decides() -> None:
    """The order in the document breaks a tie, whichever dimension comes first."""
    matrix = document(
        model="matrix",
        group_by=["a", "b"],
        default_price="1",
        cells=[
            {"where": {"a": "other"}, "unit_price": "9"},
            {"where": {"b": "x"}, "unit_price": "2"},
            {"where": {"a": "x"}, "unit_price": "3"},
        ],
    )
    assert amount(matrix, {"quantity": "1", "group": {"a": "x", "b": "x"}}) == 2


@pytest.mark.parametrize(
    ("quantity", "expected"), [("0", "5"), ("60", "5"), ("100", "5"), ("100.5", "5.04")]
)
def test_a_commitment_is_paid_whether_used_or_not(quantity: str, expected: str) -> None:
    """Up to the commitment its price, above it another."""
    fields = document(model="committed", commitment="100", unit_price="0.05", overage_price="0.08")
    assert amount(fields, {"quantity": quantity}) == Decimal(expected)


@pytest.mark.parametrize(
    ("formula", "quantity", "expected"),
    [
        ("quantity / 3", "1", "0.333333333333333333"),
        ("quantity - 10", "4", "0"),
        ('if dimension.region == "eu" then 2 * quantity else quantity', "4", "8"),
        ("ceil(quantity)", "4.000000000000000001", "5"),
    ],
)
def test_a_formula_sees_quantity_and_dimensions(formula: str, quantity: str, expected: str) -> None:
    """Exact, to 18 places where it does not end, and never below zero."""
    fields = document(model="formula", formula=formula, group_by=["region"])
    usage = {"quantity": quantity, "group": {"region": "eu"}}
    assert amount(fields, usage) == Decimal(expected)


TIERS = [{"up_to": "10", "unit_price": "2", "flat": "5"}, {"unit_price": "1", "flat": "7"}]


@pytest.mark.parametrize(
    ("model", "start", "quantity", "expected"),
    [
        ("graduated", "0", "12", 34),
        ("graduated", "4", "6", 12),
        ("graduated", "4", "8", 21),
        ("graduated", "10", "2", 9),
        ("graduated", "11", "2", 2),
        ("graduated", "10", "0", 0),
        ("volume", "4", "6", 17),
        ("volume", "9", "2", 9),
    ],
)
def test_tiers_go_on_where_the_usage_before_ended(
    model: str, start: str, quantity: str, expected: int
) -> None:
    """Graduated parts add up to the whole, with fees once; volume takes the tier now reached."""
    fields = document(model=model, tiers=TIERS)
    assert amount(fields, {"start": start, "quantity": quantity}) == expected


def test_a_package_started_before_is_paid() -> None:
    """After 900 of packages of 1,000 another 200 start one, not two."""
    fields = document(model="package", package_size="1000", package_price="3")
    assert amount(fields, {"start": "900", "quantity": "200"}) == 3
    assert amount(fields, {"start": "900", "quantity": "100"}) == 0


def test_a_tier_may_be_sold_in_packages() -> None:
    """Each tier counts its own started packages."""
    tiers = [
        {"up_to": "1000", "unit_price": "1", "package_size": "100"},
        {"unit_price": "1", "package_size": "1000"},
    ]
    fields = document(model="graduated", tiers=tiers)
    assert amount(fields, {"quantity": "5325"}) == 15
    assert amount(fields | {"model": "volume"}, {"quantity": "5325"}) == 6


@pytest.mark.parametrize(
    ("mode", "step", "quantity", "priced"),
    [
        ("up", "60", "61", "120"),
        ("up", "60", "60", "60"),
        ("up", "60", "0", "0"),
        ("down", "100", "250", "200"),
        ("nearest", "1", "2.5", "3"),
        ("nearest", "1", "2.4", "2"),
        ("nearest", "0.3", "0.45", "0.6"),
    ],
)
def test_a_quantity_is_rounded_before_it_is_priced(
    mode: str, step: str, quantity: str, priced: str
) -> None:
    """Up, down or nearest, half a step up; what was measured stays on the charge."""
    rounding = QuantityRounding(step=Decimal(step), mode=mode)
    charge = rate(price(rounding=rounding), Decimal(quantity))
    assert charge.amount.value == Decimal(priced)
    assert charge.quantity == Decimal(quantity)


def test_what_was_used_at_all_counts_at_least_so_much() -> None:
    """Three minutes cost an hour, nothing costs nothing; the allowance comes after."""
    hourly = price(minimum_quantity=Decimal(60), allowance=Decimal(10))
    found = [rate(hourly, Decimal(each)).amount.value for each in (0, 3, 60, 61)]
    assert found == [0, 50, 50, 51]


def test_discounts_are_taken_units_first_then_amounts_then_percentages() -> None:
    """Whatever their order in the document: 20 - 2 units, - 8.00, - 10 %, and 9.00 remain."""
    discounts = (
        Discount(percent=Decimal(10)),
        Discount(amount=Decimal(8)),
        Discount(usage=Decimal(2)),
    )
    charge = rate(price(discounts=discounts), Decimal(20))
    assert [step.amount for step in charge.steps] == [0, 18, -8, -1]
    assert charge.amount.value == 9


def test_an_amount_off_never_makes_a_charge_negative() -> None:
    """A discount gives back at most what there is."""
    assert rate(price(discounts=(Discount(amount=Decimal(8)),)), Decimal(3)).amount.value == 0


@pytest.mark.parametrize(
    ("total", "expected"), [("500", "500"), ("1000", "1000"), ("3000", "2900"), ("6000", "5700")]
)
def test_percentages_by_amount_are_graduated(total: str, expected: str) -> None:
    """Each part has its own percentage, so that more never costs less."""
    tiers = (
        DiscountTier(up_to=Decimal(1000), percent=Decimal(0)),
        DiscountTier(up_to=Decimal(5000), percent=Decimal(5)),
        DiscountTier(percent=Decimal(10)),
    )
    charge = rate(price(discounts=(Discount(tiers=tiers),)), Decimal(total))
    assert charge.amount.value == Decimal(expected)


@pytest.mark.parametrize(("quantity", "expected"), [("0", 10), ("9", 10), ("15", 15), ("25", 20)])
def test_minimum_and_maximum_come_last(quantity: str, expected: int) -> None:
    """They bound what discounts left; a minimum is due without usage too."""
    bounded = price(minimum=Decimal(10), maximum=Decimal(20))
    assert rate(bounded, Decimal(quantity)).amount.value == expected
    halved = price(minimum=Decimal(10), discounts=(Discount(percent=Decimal(100)),))
    assert rate(halved, Decimal(quantity)).amount.value == 10


def test_a_minimum_is_not_due_before_the_end_of_its_period() -> None:
    """What is billed in between bears none; the maximum holds at any time."""
    bounded = price_within(price(minimum=Decimal(10), maximum=Decimal(20)))
    assert [rate(bounded, Decimal(each)).amount.value for each in (3, 25)] == [3, 20]


def test_a_part_of_a_period_includes_and_bounds_its_share() -> None:
    """Half a period: half the allowance, discounts of units and amounts, commitment and bounds."""
    whole = price(
        CommittedPrice(commitment=Decimal(40), unit_price=Decimal(1), overage_price=Decimal(2)),
        allowance=Decimal(10),
        discounts=(Discount(usage=Decimal(4)), Discount(amount=Decimal(6))),
        minimum=Decimal(8),
        maximum=Decimal(100),
    )
    half = price_for_share(whole, Fraction(1, 2))
    assert isinstance(half.model, CommittedPrice)
    assert [half.model.commitment, half.allowance, half.minimum, half.maximum] == [20, 5, 4, 50]
    assert [discount.usage or discount.amount for discount in half.discounts] == [2, 3]
    cards = price_for_share(
        price(PercentagePrice(percent=Decimal(1), free_amount=Decimal(9))), Fraction(1, 3)
    )
    assert isinstance(cards.model, PercentagePrice)
    assert [cards.model.free_amount, cards.model.free_transactions] == [3, None]


@pytest.mark.parametrize(
    ("carried", "used", "cap", "left"),
    [
        ("0", "600", None, "400"),
        ("400", "600", None, "800"),
        ("0", "1200", None, "0"),
        ("1500", "0", "2000", "2000"),
    ],
)
def test_what_is_left_of_an_allowance_rolls_over(
    carried: str, used: str, cap: str | None, left: str
) -> None:
    """What came over is used first, and no more than the cap goes on."""
    found = roll_over(
        Decimal(1000),
        carried=Decimal(carried),
        used=Decimal(used),
        cap=None if cap is None else Decimal(cap),
    )
    assert found == Decimal(left)


def tier(up_to: str | None, unit_price: str, **more: Decimal) -> Tier:
    """Return a tier."""
    bound = None if up_to is None else Decimal(up_to)
    return Tier(up_to=bound, unit_price=Decimal(unit_price), **more)


BAND = TimeBand(name="peak", unit_price=Decimal(1))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: StairstepPrice(tiers=(tier(None, "1"),)), "tiers[0].unit_price"),
        (
            lambda: VolumePrice(tiers=(tier(None, "1", package_size=Decimal(0)),)),
            "tiers[0].package_size",
        ),
        (
            lambda: GraduatedPrice(tiers=(tier(None, "1", package_size=Decimal(-1)),)),
            "tiers[0].package_size",
        ),
        (lambda: PercentagePrice(percent=Decimal(-1)), "percent"),
        (
            lambda: PercentagePrice(
                percent=Decimal(1), transaction_minimum=Decimal(2), transaction_maximum=Decimal(1)
            ),
            "transaction_maximum",
        ),
        (lambda: MatrixPrice(cells=(), default_price=Decimal(1)), "cells"),
        (
            lambda: MatrixPrice(cells=(CELLS.cells[0],) * 2, default_price=Decimal(1)),
            "cells[1].where",
        ),
        (lambda: TimeOfUsePrice(bands=(BAND, BAND), otherwise=Decimal(1)), "bands[1].name"),
        (
            lambda: TimeOfUsePrice(
                bands=(TimeBand(name="x", unit_price=Decimal(1), begin="24:00"),),
                otherwise=Decimal(1),
            ),
            "bands[0].begin",
        ),
        (
            lambda: TimeOfUsePrice(
                bands=(TimeBand(name="x", unit_price=Decimal(1), days=("friday",)),),
                otherwise=Decimal(1),
            ),
            "bands[0].days",
        ),
        (lambda: FormulaPrice(formula="quantty * 2"), "formula"),
        (lambda: FormulaPrice(formula="quantity >"), "formula"),
        (lambda: QuantityRounding(mode="upp"), "mode"),
        (Discount, "name"),
        (lambda: Discount(percent=Decimal(101)), "percent"),
        (
            lambda: Discount(tiers=(DiscountTier(up_to=Decimal(1), percent=Decimal(1)),)),
            "tiers[0].up_to",
        ),
        (lambda: price(minimum=Decimal(2), maximum=Decimal(1)), "maximum"),
        (lambda: price(CELLS), "group_by"),
        (lambda: price(FormulaPrice(formula="length(dimension.a)")), "group_by"),
        (
            lambda: price(
                TimeOfUsePrice(bands=(BAND,), otherwise=Decimal(1)), rounding=QuantityRounding()
            ),
            "rounding",
        ),
        (lambda: price(PercentagePrice(percent=Decimal(1)), allowance=Decimal(1)), "allowance"),
    ],
)
def test_what_exists_can_be_rated(make: Callable[[], object], field: str) -> None:
    """Each fault is found when it is built, and names its field."""
    with pytest.raises(InvalidPrice) as caught:
        make()
    assert field in [problem.field for problem in caught.value.problems]


def test_problems_inside_a_list_name_their_place() -> None:
    """A wrong number, a wrong field and a broken rule deep in a document are found by path."""
    outcome = price_from_document(
        document(
            model="matrix",
            group_by=["region"],
            default_price="1",
            cells=[{"where": {"region": 1}, "unit_price": "x", "prise": "1"}],
            discounts=[{"percent": "200"}],
            rounding={"step": "0"},
        )
    )
    assert isinstance(outcome, Refused)
    assert {problem.field for problem in outcome.problems} == {
        "cells[0].where",
        "cells[0].unit_price",
        "cells[0].prise",
        "discounts[0].percent",
        "rounding.step",
    }


def test_a_usage_is_read_with_its_faults() -> None:
    """A sum that is not the sum of its parts, and fields that nobody knows, are refused."""
    outcome = usage_from_document({"quantity": "4", "transactions": ["1", "2"], "grup": {}})
    assert isinstance(outcome, Refused)
    assert [problem.code for problem in outcome.problems] == ["different_sum", "unknown_field"]
    assert isinstance(plain_usage("many"), Refused)


def test_each_model_says_what_it_needs() -> None:
    """Most need the quantity alone."""
    needs = [
        price(model).need
        for model in (
            ONE,
            PackagePrice(package_size=Decimal(1), package_price=Decimal(1)),
            PercentagePrice(percent=Decimal(1)),
            PercentagePrice(percent=Decimal(1), fixed=Decimal(1)),
            PercentagePrice(percent=Decimal(1), transaction_maximum=Decimal(1)),
            TimeOfUsePrice(bands=(BAND,), otherwise=Decimal(1)),
        )
    ]
    assert needs == [
        Need.NOTHING,
        Need.NOTHING,
        Need.NOTHING,
        Need.COUNT,
        Need.TRANSACTIONS,
        Need.PARTS,
    ]
