"""Triggers, and what came of them, as rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.triggers import Trigger, TriggerRecord
from tallystick.kernel import Problem, WorkspaceId, check
from tallystick.storage.postgres.json_column import json_object, json_text

_COLUMNS = """
number, source, id, kind, data::text, digest, received_at, trace_id, outcome::text, problems::text,
decided_at
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
_PROBLEMS = msgspec.json.Decoder(tuple[Problem, ...])


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
        found = _records(self._connection.execute(_LOAD, [trigger.source, trigger.id]))
        check(len(found) == 1, "a trigger that was stored stands")
        return found[0]

    def load(self, source: str, id: str) -> TriggerRecord | None:
        found = _records(self._connection.execute(_LOAD, [source, id]))
        return found[0] if found else None

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
        return _records(self._connection.execute(_PAGE, asked))


def _records(rows: Iterable[TupleRow]) -> tuple[TriggerRecord, ...]:
    return tuple(map(_record, rows))


def _record(row: TupleRow) -> TriggerRecord:
    number, source, id_, kind, data, digest, received_at, trace_id, outcome, problems, at = row
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
    )
