"""
ClickHouse for tests: one engine a session, a workspace of its own for each use.

chDB allows one directory per process, hence one engine for all tests. Where
TALLYSTICK_TEST_CLICKHOUSE_URL names a server with an empty database, that one is used.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from tallystick.kernel import WorkspaceId
from tallystick.metering import Event, UsageQuery, UsageRow
from tallystick.storage.clickhouse import (
    PROJECTION_SCHEMA,
    ClickHouse,
    ClickHouseUsage,
    EngineLimits,
    EventProjection,
)

_LIMITS = EngineLimits(memory_bytes=2 << 30, query_memory_bytes=1 << 30, threads=2, readers=2)


class UsageStore:
    """The projection under test: put events in, ask questions of them."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self.clickhouse = clickhouse
        self.projection = EventProjection(clickhouse)
        self.reader = ClickHouseUsage(clickhouse, self.projection.corrected)
        self._workspaces = count(1)

    def put(self, events: Iterable[Event]) -> list[Event]:
        """Store events in a new workspace, in the given order; return them as stored."""
        workspace = f"w{next(self._workspaces)}"
        first = self.projection.max_position() + 1
        stored = [
            msgspec.structs.replace(event, workspace=workspace, position=first + index)
            for index, event in enumerate(events)
        ]
        self.projection.insert(table_of(stored))
        return stored

    def put_again(self, stored: list[Event]) -> int:
        """Insert stored events once more; return how many rows were new."""
        return self.projection.insert(table_of(stored))

    def usage(self, query: UsageQuery, stored: list[Event]) -> list[UsageRow]:
        """Return the rows that ClickHouse gives for stored events."""
        return self.reader.usage(of_workspace(query, stored))


def of_workspace(query: UsageQuery, stored: list[Event]) -> UsageQuery:
    """Return the query, asked of the workspace in which events were stored."""
    return replace(query, workspace=WorkspaceId(stored[0].workspace if stored else "nowhere"))


def table_of(events: list[Event]) -> pa.Table:
    """Return events as the columns of the projection."""
    rows = [msgspec.structs.asdict(event) for event in events]
    return pa.Table.from_pylist(rows, schema=PROJECTION_SCHEMA)


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """Lend the session's engine."""
    directory: Path = tmp_path_factory.mktemp("clickhouse")
    url = os.environ.get("TALLYSTICK_TEST_CLICKHOUSE_URL", f"chdb://{directory}")
    engine = ClickHouse(url, _LIMITS)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def usage_store(clickhouse: ClickHouse) -> UsageStore:
    """Lend the session's projection."""
    return UsageStore(clickhouse)
