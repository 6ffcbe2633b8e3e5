"""Slices against a list of grants that is added up anew for each question."""

from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tallystick.client.local.slices import USES_MAX, Purse, Slice

ENDS_MAX = 8


@dataclass(slots=True, kw_only=True)
class Naive:
    """Every grant with what was spent of it, in the order in which they were put."""

    grants: list[tuple[str, Decimal, int]] = field(default_factory=list)
    spent: list[tuple[str, Decimal, int]] = field(default_factory=list)

    def left(self, lease: str) -> Decimal:
        granted = sum((g for key, g, _ in self.grants if key == lease), Decimal(0))
        return granted - sum((q for key, q, _ in self.spent if key == lease), Decimal(0))

    def end(self, lease: str) -> int:
        return next(end for key, _, end in self.grants if key == lease)


amounts = st.decimals(min_value=0, max_value=20, places=2).map(abs)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), amounts, st.integers(1, ENDS_MAX)),
        st.tuples(st.just("spend"), amounts, st.integers(0, 5)),
        st.tuples(st.just("take"), st.just(Decimal(0)), st.integers(0, 5)),
    ),
    min_size=5,
    max_size=60,
)


@given(steps)
def test_nothing_is_spent_beyond_a_grant_or_its_end(
    steps: list[tuple[str, Decimal, int]],
) -> None:
    """Each slice pays at most what was granted, before its end; each comes back exactly once."""
    purse, naive, at = Purse(), Naive(), 0
    back: list[str] = []
    for number, (what, amount, time) in enumerate(steps):
        if what == "put":
            lease = f"l{number}"
            naive.grants.append((lease, amount, at + time))
            purse.put(Slice(lease=lease, granted=amount, began_at=at, ends_at=at + time))
            continue
        at += time
        if what == "take":
            back.extend(each.lease for each in purse.take_ended(at))
            continue
        able = [key for key, _, end in naive.grants if at < end and amount <= naive.left(key)]
        paid = purse.spend(amount, at)
        if paid is not None:
            assert paid.lease in able
            assert paid.lease not in back
            naive.spent.append((paid.lease, amount, at))
            assert paid.left == naive.left(paid.lease)
        elif purse.current is not None:
            assert purse.current.lease not in able
    back.extend(each.lease for each in purse.take_all())
    assert sorted(back) == sorted(key for key, _, _ in naive.grants)
    assert all(naive.left(key) >= 0 for key, _, _ in naive.grants)
    assert all(at < naive.end(key) for key, _, at in naive.spent)


def test_a_slice_decides_until_its_end_and_not_at_it() -> None:
    """The last instant before the end pays; the end does not, whatever is left."""
    purse = Purse()
    purse.put(Slice(lease="a", granted=Decimal(10), began_at=0, ends_at=5))
    assert purse.spend(1, 4) is not None
    assert purse.spend(1, 5) is None


def test_what_could_not_be_written_is_there_again() -> None:
    """A use that is undone leaves what was left before."""
    purse = Purse()
    purse.put(Slice(lease="a", granted=Decimal("0.30"), began_at=0, ends_at=9))
    spent = purse.spend(Decimal("0.10"), 1)
    assert spent is not None
    purse.restore(spent, Decimal("0.10"))
    assert purse.spend(Decimal("0.30"), 1) is spent


def test_another_is_wanted_before_the_first_is_used_up() -> None:
    """Below a quarter of the grant or of the time; never while nothing was spent."""
    purse = Purse()
    purse.put(Slice(lease="a", granted=Decimal(100), began_at=0, ends_at=100))
    assert not purse.is_low(99)
    purse.spend(75, 0)
    assert not purse.is_low(75)
    assert purse.is_low(76)
    purse.spend(1, 0)
    assert purse.is_low(0)
    purse.put(Slice(lease="b", granted=Decimal(100), began_at=0, ends_at=100))
    assert not purse.is_low(0)


def test_uses_of_a_slice_are_bounded() -> None:
    """A slice spent in very small parts gives way to the next before its book grows long."""
    purse = Purse()
    purse.put(Slice(lease="a", granted=Decimal(1), began_at=0, ends_at=9))
    assert purse.current is not None
    purse.current.uses = USES_MAX
    assert purse.spend(Decimal("0.000001"), 1) is None
