"""Properties of prices that look at more than a quantity, against naive models kept here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import EXACT, Period, PriceKey, time_zone
from tallystick.pricing import (
    Detail,
    Discount,
    DiscountTier,
    GraduatedPrice,
    PackagePrice,
    PercentagePrice,
    Price,
    TimeBand,
    TimeOfUsePrice,
    UnitPrice,
    pieces_of,
    rate,
)
from tests.strategies import decimals, graduated_prices, instants, quantities, unit_prices, zones

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SMALL = decimals("0", "50")


def price(model: object, **around: object) -> Price:
    """Return a price of a model."""
    frame = Price(key=PriceKey("it"), model=UnitPrice(unit_price=Decimal(0)), currency="EUR")
    return replace(frame, model=model, **around)  # type: ignore[arg-type] # fields by name


def exact(values: Sequence[Decimal]) -> Decimal:
    """Add without rounding."""
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, value)
    return total


@given(graduated_prices(), quantities(), quantities(), st.none() | decimals("0.5", "10"))
def test_parts_of_a_usage_add_up_to_the_whole(
    model: GraduatedPrice, first: Decimal, second: Decimal, size: Decimal | None
) -> None:
    """What is priced now, on top of what was, is the whole less what was; fees come once."""
    tiers = tuple(replace(tier, package_size=size) for tier in model.tiers)
    model = replace(model, tiers=tiers, flat_at_zero=False)
    whole = rate(price(model), EXACT.add(first, second)).amount.value
    before = rate(price(model), first).amount.value
    now = rate(price(model), second, detail=Detail(start=first)).amount.value
    assert EXACT.add(before, now) == whole


@given(decimals("0.001", "100"), unit_prices(), quantities(), quantities())
def test_packages_of_parts_are_the_packages_of_the_whole(
    size: Decimal, cost: Decimal, first: Decimal, second: Decimal
) -> None:
    """A package that was started before is not paid twice."""
    model = price(PackagePrice(package_size=size, package_price=cost))
    parts = [rate(model, first), rate(model, second, detail=Detail(start=first))]
    whole = rate(model, EXACT.add(first, second))
    assert exact([part.amount.value for part in parts]) == whole.amount.value


@st.composite
def percentages(draw: st.DrawFn) -> PercentagePrice:
    """Percentages with every limit there or not."""
    low = draw(st.none() | decimals("0", "5"))
    high = draw(st.none() | decimals("5", "20"))
    return PercentagePrice(
        percent=draw(decimals("0", "20")),
        fixed=draw(decimals("0", "3")),
        free_transactions=draw(st.none() | st.integers(0, 4).map(Decimal)),
        free_amount=draw(st.none() | SMALL),
        transaction_minimum=low,
        transaction_maximum=high,
    )


def naive_percentage(model: PercentagePrice, amounts: Sequence[Decimal]) -> Decimal:
    """Price each transaction by itself, in words of the rule."""
    total = free_so_far = Decimal(0)
    for place, given_amount in enumerate(amounts):
        limits = []
        if model.free_transactions is not None:
            limits.append(place < model.free_transactions)
        if model.free_amount is not None:
            limits.append(free_so_far < model.free_amount)
        is_free = bool(limits) and all(limits)
        free = given_amount if is_free else Decimal(0)
        if is_free and model.free_amount is not None:
            free = min(free, EXACT.subtract(model.free_amount, free_so_far))
        free_so_far = EXACT.add(free_so_far, free)
        rest = EXACT.subtract(given_amount, free)
        if is_free and not rest:
            continue
        cost = EXACT.add(
            EXACT.divide(EXACT.multiply(rest, model.percent), Decimal(100)), model.fixed
        )
        if model.transaction_minimum is not None:
            cost = max(cost, model.transaction_minimum)
        if model.transaction_maximum is not None:
            cost = min(cost, model.transaction_maximum)
        total = EXACT.add(total, cost)
    return total


@given(percentages(), st.lists(st.one_of(st.just(Decimal(0)), SMALL), max_size=8))
def test_a_percentage_is_the_sum_of_its_transactions(
    model: PercentagePrice, amounts: list[Decimal]
) -> None:
    """The steps together are what a loop over the transactions says, exactly."""
    detail = Detail(transactions=tuple(amounts), count=len(amounts))
    charge = rate(price(model), exact(amounts), detail=detail)
    assert charge.amount.value == naive_percentage(model, amounts)
    assert charge.amount.value == exact([step.amount for step in charge.steps])


@st.composite
def bands(draw: st.DrawFn) -> TimeOfUsePrice:
    """One to three bands, over midnight or not, on some days or all."""
    clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30]))
    found = []
    for number in range(draw(st.integers(1, 3))):
        begin, end = draw(clocks), draw(clocks)
        days = draw(st.sets(st.sampled_from(DAYS)).map(sorted))
        found.append(
            TimeBand(
                name=f"b{number}",
                unit_price=Decimal(1),
                begin=begin,
                end="24:00" if end == begin else end,
                days=tuple(days),
            )
        )
    return TimeOfUsePrice(bands=tuple(found), otherwise=Decimal(1))


def naive_band(model: TimeOfUsePrice, at: datetime, zone: str) -> str:
    """Read the clock on the wall, and look for the first band that holds it."""
    local = at.astimezone(time_zone(zone))
    clock = f"{local:%H:%M}"
    today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
    for band in model.bands:
        days = band.days or DAYS
        if band.begin < band.end:
            inside = band.begin <= clock < band.end and today in days
        else:
            inside = (clock >= band.begin and today in days) or (
                clock < band.end and yesterday in days
            )
        if inside:
            return band.name
    return "otherwise"


@given(bands(), instants(), st.integers(1, 9 * 24 * 60), zones(), st.data())
def test_pieces_tile_a_period_and_follow_the_clock(
    model: TimeOfUsePrice, start: datetime, minutes: int, zone: str, data: st.DataObject
) -> None:
    """No gap, no overlap, and every instant lies in the piece of the band that its clock says."""
    period = Period(start=start, end=start + timedelta(minutes=minutes))
    pieces = pieces_of(model, period, zone=zone)
    assert pieces[0][0].start == period.start
    assert pieces[-1][0].end == period.end
    for (one, name), (other, next_name) in pairwise(pieces):
        assert one.end == other.start
        assert name != next_name
    length = (period.end - period.start) // timedelta(microseconds=1)
    at = period.start + timedelta(microseconds=data.draw(st.integers(0, length - 1)))
    (found,) = [name for piece, name in pieces if piece.contains(at)]
    assert found == naive_band(model, at, zone)


@given(quantities(), quantities(), st.lists(decimals("0", "100"), min_size=2, max_size=2))
def test_a_discount_by_amount_never_makes_more_cost_less(
    one: Decimal, other: Decimal, percents: list[Decimal]
) -> None:
    """Graduated percentages: the total never falls as the amount grows, and is never negative."""
    tiers = (
        DiscountTier(up_to=Decimal(10), percent=percents[0]),
        DiscountTier(percent=percents[1]),
    )
    model = price(UnitPrice(unit_price=Decimal(1)), discounts=(Discount(tiers=tiers),))
    less, more = (rate(model, each).amount.value for each in sorted((one, other)))
    assert 0 <= less <= more
