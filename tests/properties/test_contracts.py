"""Contracts that change at random: billed as time goes on, at the end, and by a model of days."""

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.catalog import ContractChange
from tallystick.kernel import PriceKey
from tests.invoicing.contract import Contract, fee, plan, seats, subscribed
from tests.profiles import fewer_examples

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 7, 1, tzinfo=UTC)
MINUTES = int((END - START) / timedelta(minutes=1))
FEES = {"a": ("10.00", "1.50"), "b": ("99.99", "1.50"), "c": ("0.07", "3.33")}
PLANS = {name: plan(name, fee(base), seats(seat)) for name, (base, seat) in FEES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What is agreed on, from which minute on, and before which billing it is known."""

    minute: int
    known: int
    plan: str | None = None
    seats: int | None = None
    paused: bool | None = None

    @property
    def at(self) -> datetime:
        """Return the instant."""
        return START + timedelta(minutes=self.minute)

    def change(self) -> ContractChange:
        """Return the change as the product has it."""
        return ContractChange(
            at=self.at,
            plan=None if self.plan is None else PLANS[self.plan].plan,
            version=None if self.plan is None else 1,
            quantities=() if self.seats is None else ((PriceKey("seats"), Decimal(self.seats)),),
            paused=self.paused,
        )


minutes = st.one_of(
    st.integers(0, MINUTES - 1), st.integers(0, MINUTES // 1440 - 1).map(lambda day: day * 1440)
)
kinds = st.one_of(
    st.fixed_dictionaries({"plan": st.sampled_from(sorted(PLANS))}),
    st.fixed_dictionaries({"seats": st.integers(0, 5)}),
    st.fixed_dictionaries({"paused": st.booleans()}),
)
agreements = st.lists(
    st.builds(
        lambda minute, known, kind: Agreed(minute=minute, known=known, **kind),
        minutes,
        st.integers(0, 3),
        kinds,
    ),
    max_size=6,
).map(lambda found: sorted(found, key=lambda one: one.minute))
billings = st.lists(minutes, min_size=3, max_size=3).map(sorted)


def by_key(contract: Contract) -> dict[tuple[str, datetime], int]:
    """Return what all documents together charge for each price from an instant on, in cents."""
    found: Counter[tuple[str, datetime]] = Counter()
    for document in contract.documents:
        for line in document.lines:
            found[line.key.price, line.key.period.start] += line.money.minor
    return {key: minor for key, minor in found.items() if minor}


def billed_along(agreed: list[Agreed], through: list[int]) -> Contract:
    """Bill at some instants, with what is known then, and at the end with all."""
    contract = subscribed(PLANS["a"], START)
    for index, minute in enumerate([*through, MINUTES]):
        known = [one for one in agreed if one.known <= index or index == len(through)]
        contract.basis = subscribed(PLANS["a"], START).basis
        contract.agree(*(one.change() for one in known), plans=list(PLANS.values()))
        contract.bill(START + timedelta(minutes=minute))
    return contract


@fewer_examples
@given(agreements, billings)
def test_billing_along_the_way_comes_to_what_billing_at_the_end_does(
    agreed: list[Agreed], through: list[int]
) -> None:
    """Whatever is agreed on and whenever it is known, each price comes to the same in the end."""
    at_once = billed_along(agreed, [])
    assert by_key(billed_along(agreed, through)) == by_key(at_once)


@fewer_examples
@given(agreements)
def test_fees_are_those_of_the_days(agreed: list[Agreed]) -> None:
    """Each part of a month with one price and quantity is charged by the days that end in it."""
    charged = by_key(billed_along(agreed, []))
    expected: dict[tuple[str, datetime], int] = {}
    for price in ("base", "seats"):
        for month in range(1, 8):
            expected |= days_of(agreed, price, datetime(2026, month, 1, tzinfo=UTC))
    assert charged == {key: minor for key, minor in expected.items() if minor}


def days_of(agreed: list[Agreed], price: str, month: datetime) -> dict[tuple[str, datetime], int]:
    """Return the fees of a month, part by part, counted day by day."""
    days = monthrange(month.year, month.month)[1]
    end = month + timedelta(days=days)
    cuts = sorted({month, *(one.at for one in agreed if month < one.at < end)})
    parts: list[tuple[datetime, datetime, tuple[Decimal, int] | None]] = []
    for start, until in zip(cuts, [*cuts[1:], end], strict=True):
        terms = in_force(agreed, price, start)
        if parts and parts[-1][2] == terms:
            parts[-1] = (parts[-1][0], until, terms)
        else:
            parts.append((start, until, terms))
    found = {}
    for start, until, terms in parts:
        if terms is None:
            continue
        midnights = [month + timedelta(days=number) for number in range(1, days + 1)]
        counted = sum(start < midnight <= until for midnight in midnights)
        exact = Fraction(terms[0]) * terms[1] * counted / days * 100
        decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
        found[price, start] = int(decimal.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return found


def in_force(agreed: list[Agreed], price: str, at: datetime) -> tuple[Decimal, int] | None:
    """Return amount and quantity at an instant, None in a pause."""
    name, number, paused = "a", 1, False
    for one in agreed:
        if one.at <= at:
            name = one.plan or name
            number = number if one.seats is None else one.seats
            paused = paused if one.paused is None else one.paused
    base, seat = FEES[name]
    if paused:
        return None
    return (Decimal(base), 1) if price == "base" else (Decimal(seat), number)
