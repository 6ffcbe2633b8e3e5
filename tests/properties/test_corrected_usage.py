"""Any interleaving of deliveries, repeats, amendments and voids counts what a list would count."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallystick.app.corrections import (
    AmendEvents,
    EventName,
    Replacement,
    VoidEvents,
    correct_events,
)
from tallystick.app.workspaces import Workspace, WorkspaceKind
from tallystick.kernel import Done, Period, WorkspaceId
from tallystick.metering import (
    Aggregation,
    Meter,
    Peak,
    PeakPer,
    UsageQuery,
    UsageRow,
    measure_usage,
)
from tallystick.storage.clickhouse import ClickHouseUsage, RollUps, RollUpSizes
from tallystick.storage.clickhouse.rolled import ROLLABLE
from tests.clickhouse import UsageStore
from tests.corrected_log import CorrectedLog
from tests.databases import Database
from tests.events import FOLDED, meter
from tests.profiles import through_engines
from tests.properties.naive_corrections import QUANTITIES, List, Listed

DAY = datetime(2026, 6, 14, tzinfo=UTC)
WINDOWS = ((3600, 5400), (5400, 10800))
EVENT = st.tuples(
    st.sampled_from(["s", "r"]),
    st.sampled_from("abcd"),
    st.sampled_from(["vm-1", "vm-2"]),
    st.sampled_from([0, 3599, 3600, 4000, 5399, 5400, 7199, 7200, 9000, 10799, 10800]),
    st.sampled_from(["", "1", "2"]),
    st.integers(0, 4),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.lists(EVENT, min_size=1, max_size=6)),
        st.tuples(st.just("amend"), st.lists(EVENT, min_size=1, max_size=2)),
        st.tuples(st.just("void"), st.lists(EVENT, min_size=1, max_size=2)),
    ),
    min_size=2,
    max_size=8,
)


@dataclass(frozen=True, slots=True)
class World:
    """A log whose every example works in a workspace of its own."""

    log: CorrectedLog
    database: Database
    numbers: Iterator[int]

    def new_workspace(self) -> WorkspaceId:
        """Make a workspace of one example."""
        name = WorkspaceId(f"p{next(self.numbers)}")
        with self.database.unit(name) as uow:
            kind = WorkspaceKind.TEST
            uow.workspaces.add(Workspace(id=name, kind=kind, name=name, created_at=DAY))
            uow.commit()
        return name


@pytest.fixture
def world(usage_store: UsageStore, database: Database, tmp_path: Path) -> World:
    """Lend a log with PostgreSQL beside it; all examples of the test share it."""
    return World(CorrectedLog(usage_store, tmp_path), database, count(1))


def _cloud_event(event: Listed) -> dict[str, Any]:
    source, name, subject, second, sequence, value = event
    return {
        "specversion": "1.0",
        "source": source,
        "id": name,
        "type": "t",
        "subject": subject,
        "time": _at(second).isoformat(),
        "sequence": sequence,
        "data": {"v": value},
    }


def _at(second: int) -> datetime:
    return DAY + timedelta(seconds=second)


def _take(
    world: World, workspace: WorkspaceId, naive: List, kind: str, events: list[Listed]
) -> int:
    """Take a step with the product and with the list; return the position it led to."""
    if kind == "send":
        for event in events:
            naive.send(event)
        world.log.send(workspace, *map(_cloud_event, events))
        return world.log.durable_position()
    once = list({event[:2]: event for event in events}.values())
    command: VoidEvents | AmendEvents
    if kind == "void":
        named = tuple(EventName(source=event[0], id=event[1]) for event in once)
        command = VoidEvents(events=named, reason="wrong")
    else:
        texts = [msgspec.json.encode(_cloud_event(event)).decode() for event in once]
        replacements = tuple(Replacement(event=text) for text in texts)
        command = AmendEvents(events=replacements, reason="wrong")
    for event in once:
        if kind == "void":
            naive.void(event[:2])
        else:
            naive.amend(event)
    outcome = correct_events(
        command,
        caller=world.log.caller(workspace),
        uow=world.database.unit(workspace),
        sources=world.log.sources,
    )
    assert isinstance(outcome, Done), outcome
    return world.log.durable_position()


def _meter(aggregation: Aggregation) -> Meter:
    median, hourly = aggregation is Aggregation.PERCENTILE, aggregation is Aggregation.PEAK
    return meter(
        aggregation,
        percentile=Decimal(50) if median else None,
        peak=Peak(per=PeakPer.HOUR) if hourly else None,
    )


def _query(workspace: WorkspaceId, aggregation: Aggregation, through: int) -> UsageQuery:
    return UsageQuery(
        workspace=workspace,
        meter=_meter(aggregation),
        windows=tuple(Period(start=_at(start), end=_at(end)) for start, end in WINDOWS),
        through=through,
        evidence=True,
    )


def _quantities(rows: list[UsageRow]) -> list[Fraction]:
    return [Fraction(row.fold.numerator) / Fraction(row.fold.denominator or 1) for row in rows]


@settings(through_engines, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, data=st.data())
def test_corrected_usage_is_what_a_list_would_count(
    steps: list[tuple[str, list[Listed]]], data: st.DataObject, world: World
) -> None:
    """Folds and ClickHouse count it, for every aggregation, now and as of any position before."""
    workspace, naive = world.new_workspace(), List()
    known: list[tuple[int, list[Listed]]] = []
    for kind, events in steps:
        position = _take(world, workspace, naive, kind, events)
        known.append((position, naive.events()))
    for position, listed in (known[-1], data.draw(st.sampled_from(known))):
        standing = world.log.standing(workspace, through=position)
        for aggregation in FOLDED:
            query = _query(workspace, aggregation, position)
            expected = [QUANTITIES[aggregation.value](listed, window) for window in WINDOWS]
            rows = world.log.store.reader.usage(query)
            assert _quantities(measure_usage(query, standing)) == expected, aggregation
            assert rows == measure_usage(query, standing), aggregation
            if position == known[-1][0] and aggregation in ROLLABLE:
                assert _rolled(world, query) == _quantities(rows), aggregation


def _rolled(world: World, query: UsageQuery) -> list[Fraction]:
    """Return what roll-ups of two positions each give."""
    engine = world.log.store.clickhouse
    rollups = RollUps(engine, RollUpSizes(block_events=2, fan=2))
    rollups.roll_up(query.workspace, query.meter, through=world.log.durable_position())
    plain = replace(query, evidence=False)
    return _quantities(ClickHouseUsage(engine, rollups=rollups).usage(plain))


def test_the_list_knows_every_aggregation() -> None:
    """Who adds an aggregation says here in plain words what a list would count."""
    assert set(QUANTITIES) == {aggregation.value for aggregation in FOLDED}
