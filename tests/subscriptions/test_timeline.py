"""What a contract says at each instant."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tallystick.catalog import ContractChange
from tallystick.kernel import PriceKey
from tallystick.subscriptions import Segment
from tests.invoicing.contract import day, fee, plan, seats, subscribed, to_plan

START = day("2026-03-01")
SOLD = [plan(name, fee(amount), seats("4.00")) for name, amount in (("a", "10.00"), ("b", "20.00"))]
INSTANTS = st.integers(-3, 12).map(lambda days: START + timedelta(days=days))
CHANGES = st.one_of(
    st.builds(to_plan, INSTANTS, st.sampled_from(SOLD)),
    st.builds(ContractChange, at=INSTANTS, paused=st.booleans()),
    st.builds(
        ContractChange,
        at=INSTANTS,
        quantities=st.integers(0, 2).map(lambda n: ((PriceKey("seats"), Decimal(n)),)),
    ),
)


def segments(*changes: ContractChange) -> tuple[Segment, ...]:
    """Return the segments of a contract that begins with the first plan and ends after ten days."""
    contract = subscribed(SOLD[0], START, trial_end=START + timedelta(days=4))
    contract.agree(*sorted(changes, key=lambda change: change.at), plans=SOLD[1:])
    contract.end(START + timedelta(days=10))
    return contract.basis.segments()


@given(st.lists(CHANGES, max_size=8))
def test_segments_tile_the_contract(changes: list[ContractChange]) -> None:
    """Segments follow each other without gap from start to end, and neighbours differ."""
    found = segments(*changes)
    edges = [(one.start, one.end) for one in found]
    assert edges[0][0] == START
    assert edges[-1][1] == START + timedelta(days=10)
    for one, other in pairwise(found):
        assert one.start < other.start == one.end
        assert one.terms != other.terms


def test_the_later_of_two_changes_at_one_instant_holds() -> None:
    """There and back at one instant leaves no trace but the end of the trial."""
    at = START + timedelta(days=6)
    assert segments(to_plan(at, SOLD[1]), to_plan(at, SOLD[0])) == segments()


def test_a_change_before_the_start_holds_from_the_start() -> None:
    """A change that is dated before the contract begins is in force when it begins."""
    found = segments(to_plan(START - timedelta(days=2), SOLD[1]))
    assert {one.terms.plan.plan for one in found} == {"b"}
