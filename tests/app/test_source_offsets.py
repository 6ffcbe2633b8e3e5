"""How far a partition was read, against a model that only keeps sets of offsets."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.sources import PartitionState, Span, covered, explained, lost

OFFSETS = st.integers(0, 60)
SPANS = st.tuples(OFFSETS, OFFSETS).map(sorted).filter(lambda ends: ends[0] < ends[1])
KINDS = {"read": covered, "lost": lost, "explained": explained}
STEPS = st.lists(st.tuples(st.sampled_from(sorted(KINDS)), SPANS), max_size=12)


def offsets(spans: tuple[Span, ...]) -> list[int]:
    """Return each offset of spans, as often as it stands there."""
    return [offset for span in spans for offset in range(span.first, span.end)]


@given(start=OFFSETS, steps=STEPS)
def test_open_and_lost_are_what_nobody_read(start: int, steps: list[tuple[str, list[int]]]) -> None:
    """After any reports, open and lost is what was passed over, never read, and not explained."""
    state = PartitionState(partition="p", next_offset=start)
    next_offset, gone, told = start, set[int](), set[int]()
    read = set(range(start))
    for kind, (first, end) in steps:
        span = Span(first=first, end=end)
        state = KINDS[kind](state, span)
        if kind == "read":
            read |= set(range(first, end))
        elif kind == "lost":
            gone |= set(range(first, end)) - read - told
        else:
            told |= set(range(first, min(end, next_offset))) - read
        told -= read
        gone -= read | told
        next_offset = max(next_offset, end if kind != "explained" else 0)
    assert state.next_offset == next_offset
    assert offsets(state.lost) == sorted(gone)
    assert offsets(state.open) == sorted(set(range(next_offset)) - read - gone - told)
    assert offsets(state.explained) == sorted(told)
    settled = read | gone | told
    assert all(state.is_read(offset) == (offset in settled) for offset in range(next_offset))


def test_what_lies_before_the_first_report_is_not_missing() -> None:
    """A partition that is begun at offset 500 has no hole below it."""
    state = covered(PartitionState(partition="p"), Span(first=500, end=510), is_first=True)
    assert (state.next_offset, state.open, state.holes_found) == (510, (), 0)
