"""ClickHouse counts what the definition says stands, as of each position, however loaded."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from itertools import pairwise
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import EngineUnavailable, WorkspaceId
from tallystick.metering import (
    CLOSED,
    OPENED,
    REVERTED,
    Event,
    UsageQuery,
    UsageRow,
    held_type,
    measure_usage,
    needed_events,
    standing_events,
)
from tallystick.storage.clickhouse import (
    ClickHouse,
    ClickHouseUsage,
    EventProjection,
    RollUps,
    RollUpSizes,
)
from tallystick.storage.clickhouse.rolled import reading_of
from tallystick.storage.clickhouse.schema import INSERT_TARGET
from tests.clickhouse import UsageStore, of_workspace, table_of
from tests.conformance.usage_strategies import Stream, streams
from tests.corrections import amend, fact, void
from tests.events import event, meter, window
from tests.profiles import through_engines

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["event", "event", "void", "amend", "held", CLOSED, REVERTED]),
        st.integers(0, 24),
        st.integers(0, 24),
    ),
    min_size=1,
    max_size=25,
)


def _rows(events: list[Event], steps: list[tuple[str, int, int]], first: int) -> list[Event]:
    """Return rows of the log from steps: one set is open from the first; targets were sent."""
    rows = [fact(OPENED, "set", position=first)]
    sent: list[tuple[Event, int]] = []
    waiting = list(events)
    for kind, one, other in steps:
        position = first + len(rows)
        content = events[other % len(events)]
        if kind in {CLOSED, REVERTED}:
            rows.append(fact(kind, "set", position=position, number=first))
        elif kind in {"event", "held"} and waiting:
            row = msgspec.structs.replace(waiting.pop(0), position=position)
            sent.append((row, first if kind == "held" else 0))
            held = held_type(first, row.type) if kind == "held" else row.type
            rows.append(msgspec.structs.replace(row, type=held))
        elif sent:
            target, backfill = sent[one % min(len(sent), 3)]
            rows.append(
                void(target, position=position, backfill=backfill)
                if kind == "void"
                else amend(target, content, position=position, backfill=backfill)
            )
    return rows


@through_engines
@given(stream=streams(), steps=_STEPS, blocks=st.sets(st.integers(1, 24), max_size=4))
def test_what_stands_is_what_counts(
    stream: Stream, steps: list[tuple[str, int, int]], blocks: set[int], usage_store: UsageStore
) -> None:
    """Whatever was corrected in whatever order, folds and ClickHouse agree as of each position."""
    first = usage_store.projection.max_position() + 1
    workspace = f"c{first}"
    rows = [
        msgspec.structs.replace(row, workspace=workspace)
        for row in _rows(stream.events, steps, first)
    ]
    cuts = [0, *sorted(cut for cut in blocks if cut < len(rows)), len(rows)]
    for start, end in pairwise(cuts):
        usage_store.projection.insert(table_of(rows[start:end]))
    for query in stream.queries:
        for through in (rows[-1].position, rows[len(rows) // 2].position):
            asked = replace(of_workspace(query, rows), through=through)
            standing = standing_events(rows, through=through)
            assert usage_store.reader.usage(asked) == measure_usage(asked, standing)
            listed = usage_store.reader.events(asked, after_position=0, limit=100)
            assert listed == needed_events(asked, standing)
            if reading_of(asked.meter):
                plain = replace(asked, evidence=False)
                assert _rolled(usage_store, plain) == measure_usage(plain, standing)


def _rolled(store: UsageStore, query: UsageQuery) -> list[UsageRow]:
    """Return the answer of roll-ups, cut so that any window fits them."""
    sizes = RollUpSizes(block_events=2, fan=2, bucket_micros=1)
    rollups = RollUps(store.clickhouse, sizes)
    rollups.roll_up(query.workspace, query.meter, through=store.projection.max_position())
    return ClickHouseUsage(store.clickhouse, rollups=rollups).usage(query)


def test_rolled_up_events_can_be_corrected(usage_store: UsageStore) -> None:
    """Voided after it was rolled up, or held back until a close, an event counts as it stands."""
    first = usage_store.projection.max_position() + 1
    steps = [("event", 0, 0), ("event", 0, 0), ("held", 0, 0), ("event", 0, 0), ("void", 0, 0)]
    steps += [(CLOSED, 0, 0), ("event", 0, 0), (REVERTED, 0, 0), ("event", 0, 0)]
    rows = [
        msgspec.structs.replace(row, workspace=f"c{first}")
        for row in _rows([event(n, f'{{"v":{n + 1}}}') for n in range(6)], steps, first)
    ]
    query = UsageQuery(
        workspace=WorkspaceId(f"c{first}"), meter=meter("sum"), windows=(window(0, 9),)
    )
    for start, end in ((0, 5), (5, len(rows))):
        usage_store.projection.insert(table_of(rows[start:end]))
        for through in (row.position for row in rows[:end]):
            asked = replace(query, through=through)
            standing = standing_events(rows, through=through)
            assert _rolled(usage_store, asked) == measure_usage(asked, standing)


class _BreaksOff(ClickHouse):
    """Sessions of a process that ends before it writes events."""

    def write(self, table: str, rows: pa.Table, settings: Mapping[str, Any]) -> None:
        """Write what corrects, and nothing else."""
        if table == INSERT_TARGET:
            raise EngineUnavailable("gone")
        super().write(table, rows, settings)


def test_a_block_broken_off_between_its_tables_is_mended(usage_store: UsageStore) -> None:
    """What corrects is there, its events are not: the same rows, cut anew, count once."""
    store, first = usage_store, usage_store.projection.max_position() + 1
    steps = [("event", 0, 0), ("amend", 0, 1), ("amend", 0, 2), ("void", 0, 0), ("amend", 0, 1)]
    events = [event(n, f'{{"v":{n}}}') for n in range(3)]
    rows = [
        msgspec.structs.replace(row, workspace=f"c{first}") for row in _rows(events, steps, first)
    ]
    store.projection.insert(table_of(rows[:2]))
    broken = copy(store.clickhouse)
    broken.__class__ = _BreaksOff
    with pytest.raises(EngineUnavailable):
        EventProjection(broken).insert(table_of(rows[2:]))
    mended = EventProjection(store.clickhouse)
    mended.insert(table_of(rows[2:4]))
    mended.insert(table_of(rows[4:]))
    store.projection, store.reader = mended, type(store.reader)(store.clickhouse, mended.corrected)
    for through in (row.position for row in rows):
        query = UsageQuery(
            workspace=WorkspaceId(f"c{first}"),
            meter=meter("sum"),
            windows=(window(0, 9),),
            through=through,
            evidence=True,
        )
        assert store.reader.usage(query) == measure_usage(
            query, standing_events(rows, through=through)
        )
