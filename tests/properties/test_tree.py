"""What accounts bear of tiers that they fill together, beside the naive model."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import MeterKey, PriceKey, settle
from tallystick.pricing import (
    Detail,
    GraduatedPrice,
    Model,
    PackagePrice,
    Price,
    StairstepPrice,
    Tier,
    Together,
    VolumePrice,
    rate,
)
from tests.naive import facts as naive
from tests.naive.prices import cents, price_of, shared_out

MODELS = {"graduated": GraduatedPrice, "volume": VolumePrice, "stairstep": StairstepPrice}
ZERO = Fraction(0)
amounts = st.integers(0, 500).map(lambda number: Decimal(number).scaleb(-3))


@st.composite
def rates(draw: st.DrawFn) -> tuple[Model, naive.Rate]:
    """Draw a price of two tiers or of packages, as the program and as the naive model have it."""
    kind = draw(st.sampled_from([*MODELS, "package"]))
    bound, first, above, flat = (
        draw(st.integers(1, 30)),
        draw(amounts),
        draw(amounts),
        draw(amounts),
    )
    if kind == "package":
        told = naive.Rate(
            key="p",
            of="usage",
            model=kind,
            size=Fraction(bound),
            tiers=(naive.Tier(up_to=None, unit=Fraction(first)),),
        )
        return PackagePrice(package_size=Decimal(bound), package_price=first), told
    units = (Decimal(0), Decimal(0)) if kind == "stairstep" else (first, above)
    tiers = (
        Tier(up_to=Decimal(bound), unit_price=units[0], flat=first),
        Tier(up_to=None, unit_price=units[1], flat=flat),
    )
    same = tuple(
        naive.Tier(
            up_to=None if one.up_to is None else Fraction(one.up_to),
            unit=Fraction(one.unit_price),
            flat=Fraction(one.flat),
        )
        for one in tiers
    )
    return MODELS[kind](tiers=tiers), naive.Rate(key="p", of="usage", model=kind, tiers=same)


@given(rates(), st.lists(st.integers(0, 40), min_size=1, max_size=5).filter(any))
def test_shares_are_those_of_the_whole_to_the_cent(
    rated: tuple[Model, naive.Rate], used: list[int]
) -> None:
    """All that was used is priced once, and its cents are handed out by quantity."""
    model, told = rated
    price = Price(
        key=PriceKey("p"), model=model, meter=MeterKey("m"), currency="EUR", tiers_over="tree"
    )
    borne = []
    for at, quantity in enumerate(used):
        others = Together(
            before=tuple(map(Decimal, used[:at])), after=tuple(map(Decimal, used[at + 1 :]))
        )
        charge = rate(price, Decimal(quantity), detail=Detail(together=others))
        assert charge.amount.value == sum(step.amount for step in charge.steps)
        borne.append(settle(charge.amount).minor)
    whole = cents(price_of(told, ZERO, Fraction(sum(used))))
    assert borne == shared_out(whole, used)
