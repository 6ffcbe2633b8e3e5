"""Every answer from roll-ups equals the answer from events, corrections included."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Period, WorkspaceId
from tallystick.metering import SUBJECT, UsageQuery, UsageRow
from tallystick.storage.clickhouse import ClickHouse, ClickHouseUsage, RollUps, RollUpSizes
from tallystick.storage.clickhouse.rolled import ROLLABLE, reading_of
from tests.clickhouse import UsageStore
from tests.conformance.usage_strategies import Stream, streams
from tests.events import START
from tests.profiles import through_engines

QUESTIONS = 3
SIZES = RollUpSizes(block_events=3, fan=2, bucket_micros=10_000_000, day_buckets=2)
_TENS = st.integers(-4, 4).map(lambda tens: START + timedelta(seconds=10 * tens))


@pytest.fixture(scope="module")
def rollups(clickhouse: ClickHouse, usage_store: UsageStore) -> RollUps:
    """Lend roll-ups of a few positions and seconds, so that small streams have many."""
    assert usage_store is not None  # the tables are there
    return RollUps(clickhouse, SIZES)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Period, ...]:
    """Draw windows that begin and end with buckets, and may overlap."""
    pairs = draw(st.lists(st.tuples(_TENS, _TENS), min_size=1, max_size=3))
    return tuple(
        Period(start=min(pair), end=max(pair) + timedelta(seconds=10 * (pair[0] == pair[1])))
        for pair in pairs
    )


def asked(stream: Stream, chosen: tuple[Period, ...]) -> Iterator[UsageQuery]:
    """Yield the stream's questions that roll-ups can answer, with aligned windows."""
    for query in stream.queries:
        if query.meter.aggregation in ROLLABLE and set(query.group_by) <= {SUBJECT}:
            yield replace(query, windows=chosen, evidence=False, zones=())


def folds(rows: list[UsageRow]) -> list[object]:
    """Return rows as they compare."""
    return [(row.window, row.group, row.fold) for row in rows]


@through_engines
@given(stream=streams(), chosen=windows(), data=st.data())
def test_rollups_answer_as_events_do(
    stream: Stream,
    chosen: tuple[Period, ...],
    data: st.DataObject,
    usage_store: UsageStore,
    rollups: RollUps,
) -> None:
    """As of any position, for every subject, window and group, whatever is rolled up so far."""
    events = usage_store.put(stream.events)
    workspace = events[0].workspace if events else "nowhere"
    reader = ClickHouseUsage(usage_store.clickhouse, rollups=rollups)
    for question in islice(asked(stream, chosen), QUESTIONS):
        known = events[data.draw(st.integers(0, len(events) - 1))].position if events else 0
        query = replace(question, workspace=WorkspaceId(workspace), through=known)
        plain = folds(usage_store.reader.usage(query))
        assert folds(reader.usage(query)) == plain
        rollups.roll_up(query.workspace, query.meter, through=reader.covered_position())
        assert folds(reader.usage(query)) == plain
        latest = replace(query, through=events[-1].position if events else 0)
        assert folds(reader.usage(latest)) == folds(usage_store.reader.usage(latest))
        assert reader.leaders(latest, count=2) == usage_store.reader.leaders(latest, count=2)
        assert reading_of(query.meter)
