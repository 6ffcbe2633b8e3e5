"""
The events that count, read from the projection as the log would give them.

A reconciliation has just proved the two equal, and reads here what a document rests on: the events
of one account instead of the whole log.
"""

from collections.abc import Iterator

from tallystick.kernel import WorkspaceId
from tallystick.metering import Event
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.events import EVENT_COLUMNS, event_from_row
from tallystick.storage.clickhouse.schema import EVENTS, EXTENT


class StandingEvents:
    """Reads standing events of the projection; implements the port of invoicing's log."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def durable_position(self) -> int:
        return int(self._clickhouse.read(EXTENT, {})[0][0])

    def read(
        self,
        *,
        workspace: str,
        types: frozenset[str],
        subjects: frozenset[str] | None,
        through: int,
    ) -> Iterator[Event]:
        """
        Yield the events that count as of a position, in log order.

        Raises:
            EngineUnavailable: more events than one question may return.
        """
        bind = Bindings(workspace=workspace, as_of=through)
        inside = f"type IN {bind.texts(sorted(types))}"
        if subjects is not None:
            inside += f" AND subject IN {bind.texts(sorted(subjects))}"
        statement = f"SELECT {EVENT_COLUMNS} FROM {EVENTS} WHERE {inside} ORDER BY position"
        rows = self._clickhouse.read(statement, bind.parameters)
        yield from (event_from_row(cells, WorkspaceId(workspace)) for cells in rows)
