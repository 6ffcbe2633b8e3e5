"""
Questions that the engine cannot compute exactly, answered by the folds over the events themselves.

That is needed for few expressions: those in which a step may take more than 256 bits, such as a
product of three fields. The events are read as a whole, so how many is bounded.
"""

from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from tallystick.expressions import Expression
from tallystick.kernel import Misuse, micros
from tallystick.metering import (
    RULES,
    Event,
    Meter,
    UsageQuery,
    UsageRow,
    belonging_of,
    measure_usage,
    needed_events,
)
from tallystick.storage.clickhouse.bindings import Bindings, bindings_of
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.expressions import TooWide
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.parts import event_of

EVENTS_MAX = 1_000_000

_COLUMNS = (
    "position, source, id, subject, sequence, data, toUnixTimestamp64Micro(received_at), "
    "toUnixTimestamp64Micro(used_at)"
)


@lru_cache(maxsize=4096)
def is_compilable(meter: Meter) -> bool:
    """Say whether the engine can compute what a meter reads, exactly."""
    if not meter.conditions and not isinstance(meter.value, Expression):
        return True
    try:
        matched_events(meter, [], Bindings())
    except TooWide:
        return False
    return True


def greatest_groups(rows: list[UsageRow], count: int) -> list[tuple[str, ...]]:
    """Return the groups of the greatest quantities, equal ones by their texts."""
    found = [row for row in rows if row.fold.quantity or row.fold.events]
    found.sort(key=lambda row: (-Fraction(row.fold.quantity), row.group))
    return [row.group for row in found[:count]]


class FoldedUsage:
    """Answers questions for a meter that is not compilable."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def usage(self, query: UsageQuery) -> list[UsageRow]:
        rows = measure_usage(query, self._events(query))
        return rows if query.rows_max is None else rows[: query.rows_max + 1]

    def events(self, query: UsageQuery, *, after_position: int, limit: int) -> list[Event]:
        needed = needed_events(query, self._events(query))
        return [event for event in needed if event.position > after_position][:limit]

    def _events(self, query: UsageQuery) -> list[Event]:
        """
        Return every event that may matter.

        Raises:
            Misuse: more than a million; ask for less time, or round within the expression.
        """
        bind = bindings_of(query)
        windows = query.windows
        conditions = [
            f"type = {bind.text(query.meter.event_type)}",
            f"used_at < {_at(bind, max(one.end for one in windows))}",
        ]
        if not RULES[query.meter.aggregation].carries:
            conditions.append(f"used_at >= {_at(bind, min(one.start for one in windows))}")
        belonging = belonging_of(query.spans, others=query.others)
        if not belonging.others:
            conditions.append(f"subject IN {bind.texts(sorted(belonging.stretches))}")
        statement = (
            f"SELECT {_COLUMNS} FROM {bind.events} WHERE {' AND '.join(conditions)} "
            f"LIMIT {bind.position(EVENTS_MAX + 1)}"
        )
        found = [
            event_of(cells, workspace=query.workspace, event_type=query.meter.event_type)
            for cells in self._clickhouse.read(statement, bind.parameters)
        ]
        if len(found) > EVENTS_MAX:
            raise Misuse(
                f"meter {query.meter.key} is computed event by event, and more than {EVENTS_MAX} "
                "are asked for; ask for less time, or round within its expression"
            )
        return found


def _at(bind: Bindings, at: datetime) -> str:
    return f"fromUnixTimestamp64Micro({bind.whole(micros(at))}, 'UTC')"
