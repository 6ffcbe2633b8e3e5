"""What a contract says at each instant."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tallystick.catalog import Block, ContractChange
from tallystick.kernel import PlanKey, PriceKey, SubscriptionKey
from tallystick.subscriptions import Segment, blocks_at, change_id, is_usable
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


def test_ids_of_changes_stay_when_changes_learn_to_say_more() -> None:
    """The id of a change that was stored long ago is what it was."""
    change = ContractChange(
        at=START,
        plan=PlanKey("b"),
        version=1,
        anchor=date(2026, 3, 1),
        quantities=((PriceKey("seats"), Decimal(2)),),
        paused=False,
    )
    assert change_id(SubscriptionKey("s"), change) == "change_491ba9d6fd0dda483f98"


def blocked(day_: int, **said: bool | str) -> ContractChange:
    """Return a change that blocks or lifts on a day."""
    block = Block(
        level=str(said.get("level", "contract")),
        billing=_flag(said.get("billing")),
        change=_flag(said.get("change")),
        entitlement=_flag(said.get("entitlement")),
    )
    return ContractChange(at=START + timedelta(days=day_), blocks=(block,))


def _flag(value: bool | str | None) -> bool | None:  # noqa: FBT001 - a flag or nothing
    return value if isinstance(value, bool) else None


def test_each_level_lifts_its_own_block() -> None:
    """What a level leaves out stays; a level that holds nothing back is gone."""
    contract = subscribed(SOLD[0], START)
    contract.agree(
        blocked(1, billing=True, entitlement=True),
        blocked(2, level="account:a", entitlement=True),
        blocked(3, billing=False, entitlement=False),
    )
    held = contract.basis.subscription
    days = [START + timedelta(days=number) for number in range(4)]
    assert [len(blocks_at(held, at)) for at in days] == [0, 1, 2, 1]
    assert [is_usable(held, at) for at in days] == [True, False, False, False]
    assert [segment.terms.paused for segment in contract.basis.segments()] == [
        False,
        True,
        True,
        False,
    ]
