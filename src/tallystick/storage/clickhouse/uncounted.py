"""Events that count nothing, grouped where they lie."""

from collections.abc import Sequence
from typing import Any

from tallystick.accounts import Unowned
from tallystick.app.uncounted import SAMPLES_MAX, EventGroup, Owned, Uncounted, UncountedQuery
from tallystick.kernel import from_micros, micros
from tallystick.metering import RESERVED_TYPES, Event, Meter, match_event
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.events import EVENT_COLUMNS, event_from_row
from tallystick.storage.clickhouse.folding import is_compilable
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.schema import EVENTS
from tallystick.storage.clickhouse.windows import FOREVER

FOLDED_MAX = 200_000
"""Events read for a meter that the engine cannot compute: the newest by their usage."""

_VOLUME = (
    "count() AS events, min(at), max(at), max(received), "
    f"groupArraySorted({SAMPLES_MAX})((position, source, id))"
)
_ORDER = "ORDER BY events DESC, type, subject"


class ClickHouseUncounted:
    """Reads what counts nothing; implements ``UncountedReader``."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def unattributed(self, query: UncountedQuery, owned: Owned) -> list[EventGroup]:
        bind = Bindings(workspace=str(query.workspace), as_of=query.as_of)
        metered = bind.texts(owned.metered_types)
        statement = (
            f"SELECT type, subject, '' AS text, reason, {_VOLUME} FROM ("
            f"SELECT position, source, id, type, subject, at, received, {_reason(owned, bind)} "
            f"AS reason FROM ({_looked_at(query, bind)}) AS event {_lives(owned, bind)}) "
            f"WHERE notEmpty(reason) OR type NOT IN {metered} "
            f"GROUP BY type, subject, reason {_ORDER}, reason LIMIT {bind.position(query.limit)}"
        )
        rows = self._clickhouse.read(statement, bind.parameters)
        return [_group(cells) for cells in rows]

    def unmeterable(self, query: UncountedQuery, meter: Meter) -> list[EventGroup]:
        if not is_compilable(meter):
            return self._folded(query, meter)
        bind = Bindings(workspace=str(query.workspace), as_of=query.as_of)
        matched = matched_events(meter, _conditions(query, bind), bind)
        type_ = bind.text(meter.event_type)
        statement = (
            f"SELECT {type_} AS type, subject, any(text), '-', {_VOLUME} FROM ({matched}) "
            f"WHERE NOT readable GROUP BY subject {_ORDER} LIMIT {bind.position(query.limit)}"
        )
        rows = self._clickhouse.read(statement, bind.parameters)
        return [_group(cells) for cells in rows]

    def _folded(self, query: UncountedQuery, meter: Meter) -> list[EventGroup]:
        """Return the groups of a meter whose expression the engine cannot compute exactly."""
        bind = Bindings(workspace=str(query.workspace), as_of=query.as_of)
        conditions = [f"type = {bind.text(meter.event_type)}", *_conditions(query, bind)]
        statement = (
            f"SELECT {EVENT_COLUMNS} FROM {EVENTS} WHERE {' AND '.join(conditions)} "
            f"ORDER BY used_at DESC LIMIT {bind.position(FOLDED_MAX)}"
        )
        rows = self._clickhouse.read(statement, bind.parameters)
        unread: dict[str, list[Event]] = {}
        for cells in rows:
            event = event_from_row(cells, query.workspace)
            match = match_event(event, meter)
            if match.matches and not match.meterable:
                unread.setdefault(event.subject, []).append(event)
        groups = [_group_of(events, meter) for events in unread.values()]
        return sorted(groups, key=lambda each: (-each.events, each.subject))[: query.limit]


def _group_of(events: Sequence[Event], meter: Meter) -> EventGroup:
    ordered = sorted(events, key=lambda event: event.position)
    return EventGroup(
        reason=None,
        type=meter.event_type,
        subject=ordered[0].subject,
        text=match_event(ordered[0], meter).text,
        events=len(ordered),
        first_used_at=min(event.used_at for event in ordered),
        last_used_at=max(event.used_at for event in ordered),
        last_received_at=max(event.received_at for event in ordered),
        samples=tuple((event.source, event.id) for event in ordered[:SAMPLES_MAX]),
    )


def _looked_at(query: UncountedQuery, bind: Bindings) -> str:
    conditions = [f"NOT startsWith(type, {bind.text(RESERVED_TYPES)})", *_conditions(query, bind)]
    if query.type is not None:
        conditions.append(f"type = {bind.text(query.type)}")
    return (
        "SELECT position, source, id, type, subject, toUnixTimestamp64Micro(used_at) AS at, "
        f"toUnixTimestamp64Micro(received_at) AS received FROM {EVENTS} "
        f"WHERE {' AND '.join(conditions)}"
    )


def _conditions(query: UncountedQuery, bind: Bindings) -> list[str]:
    conditions = []
    for instant, operator in ((query.start, ">="), (query.end, "<")):
        if instant is not None:
            placeholder = bind.whole(micros(instant))
            conditions.append(f"used_at {operator} fromUnixTimestamp64Micro({placeholder}, 'UTC')")
    if query.subject is not None:
        conditions.append(f"subject = {bind.text(query.subject)}")
    return conditions


def _reason(owned: Owned, bind: Bindings) -> str:
    return (
        f"multiIf(empty(subject), '{Unowned.NO_SUBJECT}', "
        f"subject NOT IN {bind.texts(owned.subjects)}, '{Unowned.UNKNOWN_SUBJECT}', "
        f"is_bounded AND at < life_start, '{Unowned.NOT_STARTED}', "
        f"is_bounded AND at >= life_end, '{Unowned.ENDED}', '')"
    )


def _lives(owned: Owned, bind: Bindings) -> str:
    """Return the join with the resources whose life has a start or an end."""
    names = bind.texts([one.key for one in owned.bounded])
    starts = bind.wholes(
        [-FOREVER if one.started_at is None else micros(one.started_at) for one in owned.bounded]
    )
    ends = bind.wholes(
        [FOREVER if one.ended_at is None else micros(one.ended_at) for one in owned.bounded]
    )
    return (
        "LEFT JOIN (SELECT life.1 AS life_subject, life.2 AS life_start, life.3 AS life_end, "
        "toUInt8(1) AS is_bounded FROM (SELECT arrayJoin("
        f"arrayZip({names}, {starts}, {ends})) AS life)) AS lives ON subject = life_subject"
    )


def _group(cells: Sequence[Any]) -> EventGroup:
    type_, subject, text, reason, events, first, last, received, samples = cells
    return EventGroup(
        reason=_reason_of(reason),
        type=type_,
        subject=subject,
        text=text,
        events=int(events),
        first_used_at=from_micros(first),
        last_used_at=from_micros(last),
        last_received_at=from_micros(received),
        samples=tuple((source, event_id) for _, source, event_id in samples),
    )


def _reason_of(text: str) -> Unowned | Uncounted | None:
    """Return the reason that SQL gives: none is looked for where a meter was asked."""
    if text == "-":
        return None
    return Unowned(text) if text else Uncounted.NO_METER
