"""The manifest lists the sealed segments of the log without gap or overlap."""

from dataclasses import replace

import pytest

from tallystick.app.segments import Segment
from tallystick.kernel import InvariantBroken
from tests.databases import Database

FIRST = Segment(first_position=1, last_position=10, count=10, digest="sha256:1")
SECOND = Segment(first_position=11, last_position=15, count=5, digest="sha256:2")


def append(database: Database, segment: Segment) -> None:
    """Add a segment."""
    with database.runner() as unit:
        unit.segments.append(segment)
        unit.commit()


def test_segments_follow_each_other(database: Database) -> None:
    """Segments are listed by position; adding one again changes nothing."""
    for segment in (FIRST, SECOND, FIRST):
        append(database, segment)
    with database.runner() as unit:
        assert unit.segments.page(after=0, limit=9) == [FIRST, SECOND]
        assert unit.segments.page(after=1, limit=9) == [SECOND]
        assert unit.segments.last() == SECOND


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SECOND, first_position=12, count=4),
        replace(SECOND, first_position=10, count=6),
        replace(FIRST, digest="sha256:9"),
    ],
)
def test_wrong_segment_is_a_defect(database: Database, wrong: Segment) -> None:
    """A gap, an overlap, and a sealed segment that changed are invariants broken."""
    append(database, FIRST)
    with pytest.raises(InvariantBroken):
        append(database, wrong)
