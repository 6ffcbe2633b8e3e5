"""
Where reading stands in one partition: which offset is expected, and what is to be read at all.

First the holes that are still open, then everything from the next offset on. A message at a later
offset than expected is either behind a hole that the broker has (it is read again once to be sure),
or behind the end of what is to be read here, and then reading goes on elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from tallystick.integrations.sources import ReadSpan


class Step(Enum):
    """What to do about an offset that arrived."""

    TAKE = auto()
    SEEK = auto()
    IGNORE = auto()


@dataclass(slots=True, kw_only=True)
class Track:
    """
    The offsets of one partition, in the order in which they are to be read.

    Attributes:
        holes: open holes, ascending; the first is being read while there is one.
        next_offset: where reading goes on behind the last hole.
        checks_holes: a missing offset is read again before it is believed.
        expected: the offset that must come next.

    Example:
        >>> track = Track(holes=[ReadSpan(first=3, end=5)], next_offset=9)
        >>> track.expected, track.arrive(3), track.arrive(4), track.expected
        (3, <Step.TAKE: 1>, <Step.TAKE: 1>, 9)
        >>> track.read_spans()
        (ReadSpan(first=3, end=5),)
    """

    holes: list[ReadSpan]
    next_offset: int
    checks_holes: bool = True
    expected: int = 0
    needs_seek: bool = False
    _begun: int = 0
    _checked: int = -1
    _read: list[ReadSpan] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._go_on()

    def arrive(self, offset: int) -> Step:
        """
        Take note of a message at an offset, or of the partition's end there.

        SEEK: go to `expected`; what arrives before that is of no use.
        """
        if offset < self.expected:
            return Step.IGNORE
        if offset > self.expected and self.checks_holes and self._checked != self.expected:
            self._checked = self.expected
            return Step.SEEK
        if self.holes and offset >= self.holes[0].end:
            self._end_hole()
            return Step.SEEK
        self.expected = offset + 1
        if self.holes and self.expected >= self.holes[0].end:
            self._end_hole()
        return Step.TAKE

    def end(self, offset: int) -> Step:
        """Take note that the partition ends: there is no message at this offset or behind it."""
        if self.holes and offset >= self.expected:
            self._end_hole()
            return Step.SEEK
        return Step.IGNORE

    def read_spans(self) -> tuple[ReadSpan, ...]:
        """Return what was read since this was asked last."""
        spans = [*self._read]
        if self._begun < self.expected:
            spans.append(ReadSpan(first=self._begun, end=self.expected))
        self._read.clear()
        self._begun = self.expected
        return tuple(spans)

    @property
    def position(self) -> int:
        """The offset below which everything but open holes was read."""
        return self.next_offset if self.holes else max(self.expected, self.next_offset)

    def _end_hole(self) -> None:
        hole = self.holes.pop(0)
        if self._begun < hole.end:
            self._read.append(ReadSpan(first=self._begun, end=hole.end))
        self._go_on()
        self.needs_seek = True

    def _go_on(self) -> None:
        self.expected = self._begun = self.holes[0].first if self.holes else self.next_offset


def track_of(
    known_next: int, open_holes: Iterable[ReadSpan], *, low: int, checks_holes: bool
) -> tuple[Track, tuple[ReadSpan, ...]]:
    """
    Return how to go on in a partition, and what the broker no longer holds of it.

    Args:
        known_next: the next offset as the server knows it.
        open_holes: holes that the server knows.
        low: the first offset that the broker holds.
        checks_holes: as for `Track`.

    Example:
        >>> track, lost = track_of(9, [ReadSpan(first=3, end=5)], low=4, checks_holes=True)
        >>> track.holes, lost
        ([ReadSpan(first=4, end=5)], (ReadSpan(first=3, end=4),))
    """
    wanted = sorted(open_holes)
    lost = [ReadSpan(first=hole.first, end=min(hole.end, low)) for hole in wanted]
    left = [ReadSpan(first=max(hole.first, low), end=hole.end) for hole in wanted]
    if known_next < low:
        lost.append(ReadSpan(first=known_next, end=low))
    track = Track(
        holes=[hole for hole in left if hole.first < hole.end],
        next_offset=max(known_next, low),
        checks_holes=checks_holes,
    )
    return track, tuple(span for span in lost if span.first < span.end)
