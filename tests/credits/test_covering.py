"""Covering several needs out of several lots: all that is possible, in burn order."""

from decimal import Decimal
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tallystick.credits import Cover, Need, Scope, Supply, Use, cover, lots_of, supplies_at
from tallystick.kernel import PriceKey, currency
from tests.credits.holding import EUR, day, grant, held

PRICES = ("base", "calls", "disk")


def need(price: str, amount: str | int) -> Need:
    """Return a need of euros for a price."""
    return Need(amount=Decimal(amount), of=EUR, use=Use(price=PriceKey(price)))


def supply(place: int, amount: str | int, *prices: str) -> Supply:
    """Return a lot for some prices, or for any."""
    scope = Scope(prices=tuple(map(PriceKey, prices)))
    (lot,) = lots_of(grant(f"g{place}", 1000, scope=scope), through=day(1), place=place)
    return Supply(lot=lot, free=Decimal(amount))


def shown(covers: tuple[Cover, ...]) -> list[str]:
    """Return need, grant and amount of each cover."""
    return [f"{one.need} {one.lot.grant} {one.amount}" for one in covers]


def test_needs_are_served_in_their_order() -> None:
    """A lot with a choice pays the first need, then the next."""
    covers = cover([need("base", 5), need("calls", 5)], [supply(0, 7)])
    assert shown(covers) == ["0 g0 5.00", "1 g0 2.00"]


def test_an_earlier_lot_makes_room() -> None:
    """A lot for anything goes over to where one that is bound cannot."""
    covers = cover([need("base", 10), need("calls", 10)], [supply(0, 10), supply(1, 10, "base")])
    assert shown(covers) == ["0 g1 10.00", "1 g0 10.00"]


def test_less_than_a_cent_stays() -> None:
    """A lot that holds less than a minor unit is passed over, and nothing of zero is booked."""
    assert cover([need("base", 5)], [supply(0, "0.001")]) == ()
    assert supplies_at(held(grant("g", "0.001")), day(1)) == ()
    assert shown(cover([need("base", "5.005")], [supply(0, 9)])) == ["0 g0 5.00"]


def test_other_currencies_pay_nothing() -> None:
    """A need of dollars takes nothing of a lot of euros."""
    dollars = Need(amount=Decimal(5), of=currency("USD"), use=Use(price=PriceKey("base")))
    assert cover([dollars], [supply(0, 9)]) == ()


SCOPES = st.lists(st.sampled_from(PRICES), unique=True, max_size=2)


@given(
    amounts=st.lists(st.integers(0, 10), min_size=3, max_size=3),
    lots=st.lists(st.tuples(st.integers(1, 10), SCOPES), max_size=5),
)
def test_the_most_is_covered(amounts: list[int], lots: list[tuple[int, list[str]]]) -> None:
    """What the first lots cover together is the most that any way of paying could, for each k."""
    needs = [need(price, amount) for price, amount in zip(PRICES, amounts, strict=True)]
    supplies = [supply(place, free, *prices) for place, (free, prices) in enumerate(lots)]
    covers = cover(needs, supplies)
    for count in range(len(lots) + 1):
        first = {f"g{place}" for place in range(count)}
        covered = sum(one.amount for one in covers if one.lot.grant in first)
        assert covered == most(amounts, lots[:count])
    for place, amount in enumerate(amounts):
        assert sum(one.amount for one in covers if one.need == place) <= amount
    for place, (free, prices) in enumerate(lots):
        mine = [one for one in covers if one.lot.grant == f"g{place}"]
        assert sum(one.amount for one in mine) <= free
        assert all(not prices or PRICES[one.need] in prices for one in mine)


def most(amounts: list[int], lots: list[tuple[int, list[str]]]) -> int:
    """Return the most that can be covered: the least over all sets of needs left to the lots."""
    bounds = []
    for size in range(len(PRICES) + 1):
        for closed in combinations(range(len(PRICES)), size):
            # These needs are paid in full; whatever may serve another need is counted whole.
            others = {PRICES[place] for place in range(len(PRICES)) if place not in closed}
            rest = sum(free for free, prices in lots if others & (set(prices) or set(PRICES)))
            bounds.append(sum(amounts[place] for place in closed) + rest)
    return min(bounds)
