"""What is read of a partition, against a broker that is a set of offsets."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.integrations.kafka import Track
from tallystick.integrations.sources import ReadSpan

END = 40


def read_all(track: Track, held: set[int]) -> list[int]:
    """Poll a broker that holds these offsets until its end; return the offsets taken, in order."""
    taken: list[int] = []
    position = track.expected
    while True:
        offset = min((each for each in held if each >= position), default=None)
        step = track.end(END) if offset is None else track.arrive(offset)
        if step.name == "TAKE" and offset is not None:
            taken.append(offset)
            position = offset + 1
        if step.name == "SEEK" or track.needs_seek:
            track.needs_seek, position = False, track.expected
        elif offset is None:
            return taken


@given(
    held=st.sets(st.integers(0, END - 1)),
    cuts=st.lists(st.integers(0, END), min_size=1, max_size=5, unique=True).map(sorted),
    checks_holes=st.booleans(),
)
def test_holes_and_the_rest_are_read_once(
    *, held: set[int], cuts: list[int], checks_holes: bool
) -> None:  # fmt: skip
    """Each offset of an open hole, and each from the next one on, is taken once, others never."""
    next_offset = cuts[-1]
    pairs = zip(cuts[:-1:2], cuts[1:-1:2], strict=False)
    holes = [ReadSpan(first=first, end=end) for first, end in pairs]
    track = Track(holes=list(holes), next_offset=next_offset, checks_holes=checks_holes)
    taken = read_all(track, held)
    missing = {offset for hole in holes for offset in range(hole.first, hole.end)}
    assert taken == sorted(held & (missing | set(range(next_offset, END))))
    told = [offset for span in track.read_spans() for offset in range(span.first, span.end)]
    behind = max([*(each + 1 for each in held), next_offset])
    assert sorted(told) == sorted(missing | set(range(next_offset, behind)))
