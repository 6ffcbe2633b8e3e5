"""Events that bear pseudonyms, and those that hold at a personal path what was sent."""

from collections.abc import Sequence

from tallystick.app.personal import EventSpan, UseGroup
from tallystick.kernel import WorkspaceId, from_micros
from tallystick.personal import PREFIX
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.schema import EVENTS

ASKED_AT_ONCE = 10_000
_LAST = 2**63 - 1


class ClickHousePersonal:
    """Implements ``PersonalEvents``: what counts, as far as the projection covers it."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def bearing(
        self,
        workspace: WorkspaceId,
        group: UseGroup,
        *,
        subjects: Sequence[str] | None,
        pseudonyms: Sequence[str],
    ) -> EventSpan:
        found = [
            self._bearing(workspace, group, subjects, pseudonyms[start : start + ASKED_AT_ONCE])
            for start in range(0, len(pseudonyms), ASKED_AT_ONCE)
        ]
        return EventSpan(
            events=sum(each.events for each in found),
            first_used_at=min((e.first_used_at for e in found if e.first_used_at), default=None),
            last_used_at=max((e.last_used_at for e in found if e.last_used_at), default=None),
        )

    def as_sent(self, workspace: WorkspaceId, event_type: str, path: str) -> int:
        bind = Bindings(workspace=str(workspace), as_of=_LAST)
        names = _names(path, bind)
        statement = (
            f"SELECT count() FROM {EVENTS} WHERE type = {bind.text(event_type)} "
            f"AND JSONType(data, {names}) != 'Null' "
            f"AND NOT startsWith(JSONExtractString(data, {names}), {bind.text(PREFIX)})"
        )
        return int(self._clickhouse.read(statement, bind.parameters)[0][0])

    def _bearing(
        self,
        workspace: WorkspaceId,
        group: UseGroup,
        subjects: Sequence[str] | None,
        pseudonyms: Sequence[str],
    ) -> EventSpan:
        bind = Bindings(workspace=str(workspace), as_of=_LAST)
        text = f"JSONExtractString(data, {_names(group.path, bind)})"
        conditions = [
            f"type = {bind.text(group.event_type)}",
            f"has({bind.texts(pseudonyms)}, {text})",
        ]
        if subjects is not None:
            conditions.append(f"has({bind.texts(subjects)}, subject)")
        statement = (
            "SELECT count(), toUnixTimestamp64Micro(min(used_at)), "
            f"toUnixTimestamp64Micro(max(used_at)) FROM {EVENTS} WHERE {' AND '.join(conditions)}"
        )
        ((events, first, last),) = self._clickhouse.read(statement, bind.parameters)
        return EventSpan(
            events=int(events),
            first_used_at=from_micros(first) if events else None,
            last_used_at=from_micros(last) if events else None,
        )


def _names(path: str, bind: Bindings) -> str:
    return ", ".join(bind.text(name) for name in path.split("."))
