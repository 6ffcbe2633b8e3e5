"""Money is made only from a projection that agrees with the manifest of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tallystick.app.segments import ManifestAgreement, Segment, record_segments
from tallystick.kernel import InvariantBroken
from tests.events import event

if TYPE_CHECKING:
    from tests.clickhouse import UsageStore
    from tests.databases import Database


def segment(first: int, last: int) -> Segment:
    """Return a segment of these positions."""
    return Segment(
        first_position=first, last_position=last, count=last - first + 1, digest=f"sha256:{last}"
    )


def test_segments_are_recorded_once_and_in_order(database: Database) -> None:
    """What is known already is left alone; the rest follows it."""
    assert record_segments([segment(1, 4)], units=database.runner) == 1
    sealed = [segment(1, 4), segment(5, 9)]
    assert record_segments(sealed, units=database.runner) == 1
    assert record_segments(sealed, units=database.runner) == 0


def test_a_gap_between_segments_is_refused(database: Database) -> None:
    """A manifest with a hole would vouch for events that nobody saw."""
    record_segments([segment(1, 4)], units=database.runner)
    with pytest.raises(InvariantBroken):
        record_segments([segment(1, 4), segment(6, 9)], units=database.runner)


def test_a_projection_that_lacks_events_is_named(
    database: Database, usage_store: UsageStore
) -> None:
    """Positions that the manifest tells of and the projection lacks stop a billing run."""
    usage_store.put([event(1), event(2)])
    held = usage_store.projection.max_position()
    agreement = ManifestAgreement(usage_store.projection, units=database.runner)
    assert agreement.problem(held) is None
    record_segments([segment(1, held + 3)], units=database.runner)
    fresh = ManifestAgreement(usage_store.projection, units=database.runner)
    problem = fresh.problem(held + 3)
    assert problem is not None
    assert problem.code == "projection_incomplete"
    assert f"holds {held} events at positions 1 to {held + 3}" in problem.message
