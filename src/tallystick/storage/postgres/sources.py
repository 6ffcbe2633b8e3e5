"""The store of sources: declarations, how far each was read, finished items."""

import json
from collections.abc import Iterable
from itertools import groupby

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.sources import (
    Item,
    ItemStatus,
    Numbering,
    PartitionState,
    SenderSequence,
    Source,
    SourceFigures,
    Span,
)
from tallystick.kernel import WorkspaceId, from_micros, micros
from tallystick.storage.postgres.json_column import json_object, json_text

_SAVE = """
INSERT INTO source (workspace_id, key, kind, document, paused, changed_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE
SET document = excluded.document, paused = excluded.paused, changed_at = excluded.changed_at,
  read_through = CASE WHEN source.document = excluded.document THEN source.read_through ELSE 0 END
"""
_FIND = "SELECT key, kind, document::text, paused, changed_at FROM source WHERE key = %s"
_PAGE = """
SELECT key, kind, document::text, paused, changed_at FROM source
WHERE key COLLATE "C" > %s ORDER BY key COLLATE "C" LIMIT %s
"""
_REMOVE = "DELETE FROM source WHERE key = %s"
_STATE = (
    "partition, next_offset, open::text, lost::text, explained::text, holes_found, messages,"
    " newest_at, problem, reported_at, numbering::text"
)
_PARTITIONS = f"""
SELECT {_STATE} FROM source_partition WHERE source = %s ORDER BY partition COLLATE "C"
"""
_SAVE_PARTITION = """
INSERT INTO source_partition (workspace_id, source, partition, next_offset, open, lost, explained,
  holes_found, messages, newest_at, problem, reported_at, numbering)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, source, partition) DO UPDATE
SET next_offset = excluded.next_offset, open = excluded.open, lost = excluded.lost,
  explained = excluded.explained, holes_found = excluded.holes_found, messages = excluded.messages,
  newest_at = excluded.newest_at, problem = excluded.problem, reported_at = excluded.reported_at,
  numbering = excluded.numbering
"""
_WORKSPACES_WITH = """
SELECT DISTINCT workspace_id COLLATE "C" FROM source WHERE kind = %s AND NOT paused ORDER BY 1
"""
_FIGURES = f"""
SELECT source.workspace_id, key, kind, paused, {_STATE}
FROM source LEFT JOIN source_partition
  ON source_partition.workspace_id = source.workspace_id AND source = key
ORDER BY source.workspace_id COLLATE "C", key COLLATE "C", partition COLLATE "C" LIMIT %s
"""
_FORGET_PARTITIONS = "DELETE FROM source_partition WHERE source = %s"
_OF_SENDER = f"""
SELECT source, {_STATE} FROM source_partition
WHERE partition = %s AND numbering IS NOT NULL ORDER BY source COLLATE "C" LIMIT 1
"""
_READ_THROUGH = "SELECT read_through FROM source WHERE key = %s"
_SAVE_READ_THROUGH = "UPDATE source SET read_through = %s WHERE key = %s"
_ITEM = "name, version, status, events, not_counted, problem, finished_at"
_ITEMS = f"""
SELECT {_ITEM} FROM source_item
WHERE source = %s AND (name COLLATE "C", version COLLATE "C") > (%s, %s)
ORDER BY name COLLATE "C", version COLLATE "C" LIMIT %s
"""
_SAVE_ITEM = f"""
INSERT INTO source_item (workspace_id, source, {_ITEM})
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, source, name, version) DO UPDATE
SET status = excluded.status, events = excluded.events, not_counted = excluded.not_counted,
  problem = excluded.problem, finished_at = excluded.finished_at
"""
_COUNTS = "SELECT status, count(*) FROM source_item WHERE source = %s GROUP BY status"


class PostgresSources:
    """The sources of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def save(self, source: Source) -> None:
        document = json_text(source.document)
        row = (source.key, source.kind, document, source.paused, source.changed_at)
        self._connection.execute(_SAVE, [self._workspace, *row])

    def find(self, key: str, *, lock: bool = False) -> Source | None:
        question = f"{_FIND} FOR UPDATE" if lock else _FIND
        row = self._connection.execute(question, [key]).fetchone()
        return None if row is None else _source_from_row(row)

    def page(self, *, after: str, limit: int) -> list[Source]:
        rows = self._connection.execute(_PAGE, [after, limit]).fetchall()
        return [_source_from_row(row) for row in rows]

    def remove(self, key: str) -> None:
        self._connection.execute(_REMOVE, [key])

    def partitions(self, key: str) -> list[PartitionState]:
        rows = self._connection.execute(_PARTITIONS, [key]).fetchall()
        return [_state_from_row(row) for row in rows]

    def save_partitions(self, key: str, states: Iterable[PartitionState]) -> None:
        rows = [(self._workspace, key, *_row_from_state(state)) for state in states]
        with self._connection.cursor() as cursor:
            cursor.executemany(_SAVE_PARTITION, rows)

    def items(self, key: str, *, after: tuple[str, str], limit: int) -> list[Item]:
        rows = self._connection.execute(_ITEMS, [key, *after, limit]).fetchall()
        return [_item_from_row(row) for row in rows]

    def save_items(self, key: str, items: Iterable[Item]) -> None:
        rows = [(self._workspace, key, *_row_from_item(item)) for item in items]
        with self._connection.cursor() as cursor:
            cursor.executemany(_SAVE_ITEM, rows)

    def item_counts(self, key: str) -> dict[ItemStatus, int]:
        rows = self._connection.execute(_COUNTS, [key]).fetchall()
        return {ItemStatus(status): count for status, count in rows}


class PostgresSourceDirectory:
    """The declared sources of all workspaces; a store of background work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def workspaces_with(self, kind: str) -> list[WorkspaceId]:
        rows = self._connection.execute(_WORKSPACES_WITH, [kind]).fetchall()
        return [WorkspaceId(row[0]) for row in rows]

    def figures(self, *, rows_max: int) -> list[SourceFigures]:
        rows = self._connection.execute(_FIGURES, [rows_max]).fetchall()
        return [
            SourceFigures(
                workspace=workspace,
                source=key,
                kind=kind,
                paused=paused,
                partitions=tuple(_state_from_row(row[4:]) for row in group if row[4] is not None),
            )
            for (workspace, key, kind, paused), group in groupby(rows, key=lambda row: row[:4])
        ]


class PostgresSequences:
    """How far the log was looked at for numbers of senders, in one workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read_through(self, key: str) -> int:
        row = self._connection.execute(_READ_THROUGH, [key]).fetchone()
        return 0 if row is None else int(row[0])

    def save_read_through(self, key: str, position: int) -> None:
        self._connection.execute(_SAVE_READ_THROUGH, [position, key])

    def forget(self, key: str) -> None:
        self._connection.execute(_FORGET_PARTITIONS, [key])

    def of_sender(self, sender: str) -> SenderSequence | None:
        row = self._connection.execute(_OF_SENDER, [sender]).fetchone()
        return (
            None if row is None else SenderSequence(source=row[0], state=_state_from_row(row[1:]))
        )


def _source_from_row(row: TupleRow) -> Source:
    key, kind, document, paused, changed_at = row
    return Source(
        key=key, kind=kind, document=json_object(document), paused=paused, changed_at=changed_at
    )


def _row_from_state(state: PartitionState) -> tuple[object, ...]:
    spans = map(_text_from_spans, (state.open, state.lost, state.explained))
    counts = (state.holes_found, state.messages, state.newest_at)
    told = (_storable(state.problem), state.reported_at, _text_from_numbering(state.numbering))
    return (state.partition, state.next_offset, *spans, *counts, *told)


def _state_from_row(row: TupleRow) -> PartitionState:
    return PartitionState(
        partition=row[0],
        next_offset=row[1],
        open=_spans_from_text(row[2]),
        lost=_spans_from_text(row[3]),
        explained=_spans_from_text(row[4]),
        holes_found=row[5],
        messages=row[6],
        newest_at=row[7],
        problem=row[8],
        reported_at=row[9],
        numbering=_numbering_from_text(row[10]),
    )


def _text_from_numbering(numbering: Numbering | None) -> str | None:
    if numbering is None:
        return None
    kept = (numbering.first, numbering.settled, numbering.mark, micros(numbering.marked_at))
    return json.dumps(kept)


def _numbering_from_text(text: str | None) -> Numbering | None:
    if text is None:
        return None
    first, settled, mark, marked = json.loads(text)
    return Numbering(first=first, settled=settled, mark=mark, marked_at=from_micros(marked))


def _text_from_spans(spans: Iterable[Span]) -> str:
    return json.dumps([[span.first, span.end] for span in spans])


def _spans_from_text(text: str) -> tuple[Span, ...]:
    return tuple(Span(first=first, end=end) for first, end in json.loads(text))


def _row_from_item(item: Item) -> tuple[object, ...]:
    counts = (item.status, item.events, item.not_counted)
    return (item.name, item.version, *counts, _storable(item.problem), item.finished_at)


def _item_from_row(row: TupleRow) -> Item:
    return Item(
        name=row[0],
        version=row[1],
        status=ItemStatus(row[2]),
        events=row[3],
        not_counted=row[4],
        problem=row[5],
        finished_at=row[6],
    )


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")  # PostgreSQL stores no NUL in text
