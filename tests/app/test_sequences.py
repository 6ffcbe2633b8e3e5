"""Numbers of senders, against a model that only keeps a set of numbers."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.sources import (
    PartitionState,
    SenderNumbers,
    Span,
    believed,
    heard,
    looked_at,
)
from tallystick.app.sources.sequences import HOLES_MAX, TOO_MANY

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SETTLE = 10
LOOKS = st.lists(st.sets(st.integers(0, 40), min_size=1, max_size=8), min_size=1, max_size=8)


def look(
    state: PartitionState | None, numbers: set[int], *, seconds: int = 0, settle: int = SETTLE
) -> PartitionState:
    """Return the state after a look that found these numbers, so long after noon."""
    found = SenderNumbers(
        sender="shop",
        spans=tuple(Span(first=number, end=number + 1) for number in sorted(numbers)),
        events=len(numbers),
        unnumbered=0,
        newest_at=NOON,
    )
    return heard(state, found, now=NOON + timedelta(seconds=seconds), settle_seconds=settle)


def missing(state: PartitionState) -> list[int]:
    """Return each number that is missing as shown."""
    return [number for hole in believed(state).open for number in range(hole.first, hole.end)]


@given(looks=LOOKS)
def test_missing_is_what_lies_between_the_lowest_and_the_highest(looks: list[set[int]]) -> None:
    """In whatever order numbers come, missing is what nobody saw between lowest and highest."""
    state: PartitionState | None = None
    seen: set[int] = set()
    for each in looks:
        state = look(state, each, settle=0)
        seen |= each
    assert state is not None
    settled = looked_at(state, now=NOON, settle_seconds=0)
    assert missing(settled) == sorted(set(range(min(seen), max(seen))) - seen)
    assert settled.messages == sum(map(len, looks))


def test_a_number_that_is_only_late_was_never_missing() -> None:
    """A hole is believed when it has stood for the time to settle, and not counted before."""
    state = look(None, {1, 2, 5})
    early = looked_at(state, now=NOON + timedelta(seconds=SETTLE - 1), settle_seconds=SETTLE)
    assert (missing(early), early.holes_found) == ([], 0)
    overtaken = look(state, {3, 4}, seconds=SETTLE - 1)
    late = looked_at(overtaken, now=NOON + timedelta(seconds=SETTLE), settle_seconds=SETTLE)
    assert (missing(late), late.holes_found) == ([], 0)
    alone = looked_at(state, now=NOON + timedelta(seconds=SETTLE), settle_seconds=SETTLE)
    assert (missing(alone), alone.holes_found) == ([3, 4], 1)
    closed = look(alone, {3, 4}, seconds=SETTLE + 1)
    assert (missing(closed), closed.holes_found) == ([], 1)


def test_very_many_holes_are_bounded_and_none_is_left_out() -> None:
    """Beyond the bound the last hole shown takes in all others, and that is said."""
    numbers = {2 * number for number in range(HOLES_MAX + 50)}
    state = looked_at(look(None, numbers, settle=0), now=NOON, settle_seconds=0)
    assert len(state.open) == HOLES_MAX
    assert state.problem == TOO_MANY
    assert set(missing(state)) >= set(range(max(numbers))) - numbers
