"""
Single events by their names.

An id is looked for with a Bloom filter for each run of rows (see `schema.py`), so that few rows are
read however many there are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tallystick.app.pipeline import Sender
from tallystick.app.tracing import CorrectionStep, EventName, HeldEvent
from tallystick.kernel import WorkspaceId, from_micros, micros
from tallystick.metering import RESERVED_TYPES, Event
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.schema import BACKFILLS, CORRECTIONS, EVENTS, HELD, TRIED

EVENT_COLUMNS = (
    "source, id, type, subject, toUnixTimestamp64Micro(used_at), "
    "toUnixTimestamp64Micro(received_at), sequence, data, position"
)


class ClickHouseEvents:
    """Finds events in the projection; implements three ports of `app`."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def find(self, name: EventName, *, as_of: int, limit: int) -> list[Event]:
        bind, condition = _named(name, as_of)
        statement = (
            f"SELECT {EVENT_COLUMNS} FROM {EVENTS} WHERE {condition} "
            f"ORDER BY position LIMIT {bind.position(limit)}"
        )
        rows = self._clickhouse.read(statement, bind.parameters)
        return [event_from_row(cells, name.workspace) for cells in rows]

    def held(self, name: EventName, *, as_of: int, limit: int) -> list[HeldEvent]:
        bind, condition = _named(name, as_of)
        statement = (
            f"SELECT number, any(name), countIf(fact = 'reverted') > 0 FROM {BACKFILLS} "
            f"WHERE number IN (SELECT backfill FROM {HELD} WHERE {condition}) GROUP BY number "
            "HAVING countIf(fact = 'closed') = 0 OR countIf(fact = 'reverted') > 0 "
            f"ORDER BY number LIMIT {bind.position(limit)}"
        )
        found: list[HeldEvent] = []
        for number, backfill, reverted in self._clickhouse.read(statement, bind.parameters):
            bind, condition = _named(name, as_of)
            bind.parameters |= {"counted": int(number), "left_out": 0}
            rows = self._clickhouse.read(
                f"SELECT {EVENT_COLUMNS} FROM {TRIED} WHERE {condition} "
                f"ORDER BY position LIMIT {bind.position(limit)}",
                bind.parameters,
            )
            found += [
                HeldEvent(
                    event=event_from_row(cells, name.workspace),
                    backfill=backfill,
                    reverted=bool(reverted),
                )
                for cells in rows
            ]
        return found

    def corrections(self, name: EventName, *, as_of: int, limit: int) -> list[CorrectionStep]:
        bind, condition = _named(name, as_of)
        statement = (
            "SELECT source, target, position, amends, actor, reason, "
            f"toUnixTimestamp64Micro(received_at) FROM {CORRECTIONS} WHERE {condition} "
            f"ORDER BY position LIMIT {bind.position(limit)}"
        )
        return [_step(cells) for cells in self._clickhouse.read(statement, bind.parameters)]

    def positions_of(
        self, workspace: WorkspaceId, names: Sequence[tuple[str, str]], *, as_of: int
    ) -> dict[tuple[str, str], int]:
        bind = Bindings(workspace=str(workspace), as_of=as_of)
        ids = bind.texts(sorted({event_id for _, event_id in names}))
        statement = f"SELECT source, id, position FROM {EVENTS} WHERE id IN {ids}"
        rows = self._clickhouse.read(statement, bind.parameters)
        wanted = set(names)
        return {(row[0], row[1]): int(row[2]) for row in rows if (row[0], row[1]) in wanted}

    def senders(
        self, workspace: WorkspaceId, *, as_of: int, since: datetime, limit: int
    ) -> list[Sender]:
        bind = Bindings(workspace=str(workspace), as_of=as_of)
        statement = (
            "SELECT source, count() AS events, toUnixTimestamp64Micro(max(used_at)), "
            f"toUnixTimestamp64Micro(max(received_at)) FROM {EVENTS} "
            f"WHERE used_at >= fromUnixTimestamp64Micro({bind.whole(micros(since))}, 'UTC') "
            f"AND NOT startsWith(type, {bind.text(RESERVED_TYPES)}) "
            f"GROUP BY source ORDER BY events DESC, source LIMIT {bind.position(limit)}"
        )
        return [
            Sender(
                source=source,
                events=int(events),
                newest_used_at=from_micros(used),
                newest_received_at=from_micros(received),
            )
            for source, events, used, received in self._clickhouse.read(statement, bind.parameters)
        ]


def _named(name: EventName, as_of: int) -> tuple[Bindings, str]:
    bind = Bindings(workspace=str(name.workspace), as_of=as_of)
    conditions = [f"id = {bind.text(name.id)}"]
    if name.source is not None:
        conditions.append(f"source = {bind.text(name.source)}")
    return bind, " AND ".join(conditions)


def _step(cells: Sequence[Any]) -> CorrectionStep:
    source, target, position, amends, actor, reason, received = cells
    return CorrectionStep(
        source=source,
        target=int(target),
        position=int(position),
        amends=bool(amends),
        actor=actor,
        reason=reason,
        recorded_at=from_micros(received),
    )


def event_from_row(cells: Sequence[Any], workspace: WorkspaceId) -> Event:
    """Return the event of a row with the columns ``EVENT_COLUMNS``."""
    source, id_, type_, subject, used, received, sequence, data, position = cells
    return Event(
        workspace=str(workspace),
        source=source,
        id=id_,
        type=type_,
        subject=subject,
        used_at=from_micros(used),
        received_at=from_micros(received),
        sequence=sequence,
        data=data,
        position=position,
    )
