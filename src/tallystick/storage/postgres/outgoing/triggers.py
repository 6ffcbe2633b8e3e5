"""Triggers, and what came of them, as rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.command import Caller
from tallystick.app.triggers import Trigger, TriggerRecord
from tallystick.kernel import AccountKey, Problem, WorkspaceId, check
from tallystick.storage.postgres.json_column import json_object, json_text

_COLUMNS = """
number, source, id, kind, data::text, digest, received_at, trace_id, outcome::text, problems::text,
decided_at, sender::text, tries
"""
# Whoever sends the same at the same time waits on the row, and reads what stands then.
_ADD = """
INSERT INTO workflow_trigger AS standing
  (workspace_id, source, id, kind, data, digest, trace_id, received_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, source, id) DO UPDATE SET
  kind = excluded.kind, data = excluded.data, digest = excluded.digest,
  trace_id = excluded.trace_id, received_at = excluded.received_at,
  problems = NULL, decided_at = NULL
WHERE standing.problems IS NOT NULL AND standing.digest <> excluded.digest
"""
_LOAD = f"SELECT {_COLUMNS} FROM workflow_trigger WHERE source = %s AND id = %s"
_SAME = "number = %s AND digest = %s AND outcome IS NULL"
_FINISH = f"""
UPDATE workflow_trigger SET outcome = %s, problems = NULL, decided_at = %s WHERE {_SAME}
"""
_REFUSE = f"UPDATE workflow_trigger SET problems = %s, decided_at = %s WHERE {_SAME}"
_PAGE = f"""
SELECT {_COLUMNS} FROM workflow_trigger
WHERE number < coalesce(%(before)s, 9223372036854775807)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
ORDER BY number DESC LIMIT %(limit)s
"""
_BEGIN = f"""
UPDATE workflow_trigger SET sender = %s, begun_at = now(),
  next_at = now() + make_interval(secs => %s),
  tries = CASE WHEN problems IS NULL THEN tries ELSE 0 END + 1, problems = NULL, decided_at = NULL
WHERE {_SAME}
"""
_BREAK_OFF = f"""
UPDATE workflow_trigger SET next_at = now()
  + make_interval(secs => (%s::integer[])[least(tries, cardinality(%s::integer[]))])
WHERE {_SAME}
"""
_IS_DUE = """
outcome IS NULL AND problems IS NULL AND sender IS NOT NULL
  AND (next_at <= now() OR begun_at < %(started)s)
"""
_DUE = f"SELECT {_COLUMNS} FROM workflow_trigger WHERE {_IS_DUE} ORDER BY number LIMIT %(limit)s"
_DUE_OF = f"SELECT DISTINCT workspace_id FROM workflow_trigger WHERE {_IS_DUE} ORDER BY 1"
_PROBLEMS = msgspec.json.Decoder(tuple[Problem, ...])


class _Sender(msgspec.Struct, frozen=True, kw_only=True):
    actor: str
    scopes: frozenset[str]
    account: AccountKey | None
    operator: bool


_SENDER = msgspec.json.Decoder(_Sender)


class PostgresTriggers:
    """The triggers of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def add(self, trigger: Trigger) -> TriggerRecord:
        row = (
            trigger.source,
            trigger.id,
            trigger.kind,
            json_text(trigger.data),
            trigger.digest,
            trigger.trace_id,
            trigger.received_at,
        )
        self._connection.execute(_ADD, [self._workspace, *row])
        found = self._records(self._connection.execute(_LOAD, [trigger.source, trigger.id]))
        check(len(found) == 1, "a trigger that was stored stands")
        return found[0]

    def load(self, source: str, id: str) -> TriggerRecord | None:
        found = self._records(self._connection.execute(_LOAD, [source, id]))
        return found[0] if found else None

    def begin(self, record: TriggerRecord, sender: Caller, *, seconds: int) -> None:
        told = {
            "actor": sender.actor,
            "scopes": sorted(sender.scopes),
            "account": sender.account,
            "operator": sender.operator,
        }
        same = (record.number, record.trigger.digest)
        self._connection.execute(_BEGIN, [json_text(told), seconds, *same])

    def break_off(self, record: TriggerRecord, *, pauses: Sequence[int]) -> None:
        same = (record.number, record.trigger.digest)
        self._connection.execute(_BREAK_OFF, [list(pauses), list(pauses), *same])

    def due(self, *, started: datetime, limit: int) -> tuple[TriggerRecord, ...]:
        rows = self._connection.execute(_DUE, {"started": started, "limit": limit})
        return self._records(rows)

    def finish(self, record: TriggerRecord, outcome: Mapping[str, object], *, at: datetime) -> bool:
        same = (record.number, record.trigger.digest)
        done = self._connection.execute(_FINISH, [json_text(outcome), at, *same])
        return done.rowcount == 1

    def refuse(self, record: TriggerRecord, problems: Sequence[Problem], *, at: datetime) -> None:
        same = (record.number, record.trigger.digest)
        text = msgspec.json.encode(problems).decode()
        self._connection.execute(_REFUSE, [text, at, *same])

    def page(
        self, *, before: int | None, limit: int, kind: str | None = None
    ) -> tuple[TriggerRecord, ...]:
        asked = {"before": before, "limit": limit, "kind": kind}
        return self._records(self._connection.execute(_PAGE, asked))

    def _records(self, rows: Iterable[TupleRow]) -> tuple[TriggerRecord, ...]:
        return tuple(_record(row, self._workspace) for row in rows)


class PostgresTriggerDirectory:
    """Which workspaces have triggers that broke off, for the runner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, *, started: datetime) -> tuple[WorkspaceId, ...]:
        rows = self._connection.execute(_DUE_OF, {"started": started})
        return tuple(WorkspaceId(row[0]) for row in rows)


def _record(row: TupleRow, workspace: WorkspaceId) -> TriggerRecord:
    number, source, id_, kind, data, digest, received_at, trace_id, outcome, problems, *rest = row
    at, sender, tries = rest
    return TriggerRecord(
        number=number,
        trigger=Trigger(
            source=source,
            id=id_,
            kind=kind,
            data=json_object(data),
            digest=digest,
            received_at=received_at,
            trace_id=trace_id,
        ),
        outcome=None if outcome is None else json_object(outcome),
        problems=() if problems is None else _PROBLEMS.decode(problems),
        decided_at=at,
        sender=None if sender is None else _sender(sender, workspace),
        tries=tries,
    )


def _sender(text: str, workspace: WorkspaceId) -> Caller:
    told = _SENDER.decode(text)
    return Caller(
        workspace=workspace,
        actor=told.actor,
        scopes=told.scopes,
        account=told.account,
        operator=told.operator,
    )
