"""
The tables of the projection, and the views through which they are read.

This is the only module that knows a table's name. Everything else reads views that take the
workspace and the last known position as parameters: a query without them does not parse, and one
with them sees no other workspace's rows and nothing that was recorded later. Two views that small
questions are made of are written out by functions here, with the same parameters.

``EVENTS`` holds what counts as of that position. Rows are never changed: a row that a correction
superseded is left out by an anti-join with the corrections known then, and one that came with a
backfill unless the backfill was closed, and not reverted, by then. An amended event is a row of its
own, at the position of its correction; one that voids leaves a row that no meter matches, so that
there is one row for each position of the log.

``fields`` is ``data`` with its numbers in quotes where ClickHouse would hurt them (`quoting`), and
empty where it would not, so that nothing is stored twice.
"""

from collections.abc import Sequence

from tallystick.storage.clickhouse.client import ClickHouse

_TABLE = "event_projection_4"
_OLD_TABLES = (
    "event_projection",
    "event_projection_2",
    "event_projection_3",
    "rollup_projection",
    "rolled_blocks",
)
_VIEW = "workspace_events"
_CORRECTIONS_TABLE = "correction_projection"
_CORRECTIONS_VIEW = "workspace_corrections"
_BACKFILLS_TABLE = "backfill_projection"
_BACKFILLS_VIEW = "workspace_backfills"
_ROWS_VIEW = "workspace_rows"
_ROLLUPS_TABLE = "rollup_projection_2"
_ROLLUPS_VIEW = "workspace_rollups"
_ROLLED_TABLE = "rolled_blocks_2"
_ROLLED_VIEW = "workspace_rolled_blocks"
_SUPERSEDED_VIEW = "workspace_superseded"
_HELD_VIEW = "workspace_held"
_TRIED_VIEW = "workspace_events_tried"
_UNCORRECTED_VIEW = "workspace_events_uncorrected"

_KNOWN = "(workspace = {workspace:String}, as_of = {as_of:UInt64})"
EVENTS = f"{_VIEW}{_KNOWN}"
"""What counts; needs the parameters ``workspace`` and ``as_of``, as do the other views."""
CORRECTIONS = f"{_CORRECTIONS_VIEW}{_KNOWN}"
"""What was voided and amended, one row for each correction."""
TRIED = f"{_TRIED_VIEW}{_KNOWN[:-1]}, counted = {{counted:UInt64}}, left_out = {{left_out:UInt64}})"
"""``EVENTS`` as if one backfill counted, and another did not; 0 for none."""
UNCORRECTED = f"{_UNCORRECTED_VIEW}{_KNOWN}"
"""``EVENTS`` of a workspace without corrections and backfills."""
BACKFILLS = f"{_BACKFILLS_VIEW}{_KNOWN}"
"""One row for each fact about a backfill."""
SUPERSEDED = f"{_SUPERSEDED_VIEW}{_KNOWN}"
"""What counted before a correction, with the position of that correction."""
HELD = f"{_HELD_VIEW}{_KNOWN}"
"""The events that came with a backfill, whether they count or not."""
ROWS = f"{_ROWS_VIEW}(workspace = {{workspace:String}})"
"""Every row of a workspace that came without a backfill, whether it still counts or not."""
ROLLUPS = f"{_ROLLUPS_VIEW}(workspace = {{workspace:String}})"
"""
What rows come to, by reading, level, block of positions, subject and bucket of time.

``daily`` rows hold a day, and bear its first bucket.
"""
ROLLED = f"{_ROLLED_VIEW}(workspace = {{workspace:String}})"
"""Which blocks were rolled up, by reading and level."""

FIELDS_READ = "if(empty(fields), data, fields)"
"""The event's data as meters read it."""

_SYNCED = """non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1"""
_CREATE_TABLE = f"""
CREATE TABLE IF NOT EXISTS {_TABLE} (
    position UInt64,
    workspace LowCardinality(String),
    source String,
    id String,
    type LowCardinality(String),
    subject String,
    used_at DateTime64(6, 'UTC'),
    received_at DateTime64(6, 'UTC'),
    sequence String,
    data String,
    fields String,
    backfill UInt64 DEFAULT 0,
    INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_position position TYPE minmax GRANULARITY 1,
    INDEX by_backfill backfill TYPE minmax GRANULARITY 1,
    PROJECTION extent (SELECT max(position), count())
)
ENGINE = MergeTree
ORDER BY (workspace, type, subject, used_at, position)
SETTINGS {_SYNCED}
"""

# ``superseded`` is the position of the row that no longer counts; 0 where none did.
_CREATE_CORRECTIONS = f"""
CREATE TABLE IF NOT EXISTS {_CORRECTIONS_TABLE} (
    workspace LowCardinality(String),
    target UInt64,
    position UInt64,
    superseded UInt64,
    amends Bool,
    correction_id String,
    source String,
    id String,
    actor String,
    reason String,
    received_at DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY (workspace, target, position)
SETTINGS {_SYNCED}
"""
_CREATE_BACKFILLS = f"""
CREATE TABLE IF NOT EXISTS {_BACKFILLS_TABLE} (
    workspace LowCardinality(String),
    number UInt64,
    position UInt64,
    fact LowCardinality(String),
    name String,
    actor String,
    reason String,
    received_at DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY (workspace, number, position)
SETTINGS {_SYNCED}
"""

_CREATE_ROLLUPS = f"""
CREATE TABLE IF NOT EXISTS {_ROLLUPS_TABLE} (
    workspace LowCardinality(String),
    reading LowCardinality(String),
    daily Bool,
    level UInt8,
    block UInt64,
    subject String,
    bucket Int64,
    counted UInt64,
    unread UInt64,
    total Decimal(76, 18),
    least Decimal(76, 18),
    greatest Decimal(76, 18)
)
ENGINE = MergeTree
ORDER BY (workspace, reading, daily, level, subject, bucket, block)
SETTINGS {_SYNCED}
"""
_CREATE_ROLLED = f"""
CREATE TABLE IF NOT EXISTS {_ROLLED_TABLE} (
    workspace LowCardinality(String),
    reading LowCardinality(String),
    level UInt8,
    block UInt64
)
ENGINE = MergeTree
ORDER BY (workspace, reading, level, block)
SETTINGS {_SYNCED}
"""

_OWN = "workspace = {workspace:String} AND position <= {as_of:UInt64}"
_COUNTING = f"""
SELECT number FROM {_BACKFILLS_TABLE} WHERE {_OWN}
GROUP BY number HAVING countIf(fact = 'closed') > 0 AND countIf(fact = 'reverted') = 0
"""
_ALL = f"""
SELECT position, source, id, type, subject, used_at, received_at, sequence, data, backfill,
    {FIELDS_READ} AS fields
FROM {_TABLE}
WHERE {_OWN}
"""
_CREATE_UNCORRECTED_VIEW = f"CREATE OR REPLACE VIEW {_UNCORRECTED_VIEW} AS {_ALL}"
_STANDING = f"""
{_ALL}
    AND position NOT IN (SELECT superseded FROM {_CORRECTIONS_TABLE} WHERE {_OWN})
"""
_CREATE_VIEW = f"""
CREATE OR REPLACE VIEW {_VIEW} AS
{_STANDING} AND (backfill = 0 OR backfill IN ({_COUNTING}))
"""
_CREATE_TRIED_VIEW = f"""
CREATE OR REPLACE VIEW {_TRIED_VIEW} AS
{_STANDING} AND (backfill = 0 OR (backfill != {{left_out:UInt64}}
    AND (backfill = {{counted:UInt64}} OR backfill IN ({_COUNTING}))))
"""
_CREATE_CORRECTIONS_VIEW = f"""
CREATE OR REPLACE VIEW {_CORRECTIONS_VIEW} AS
SELECT target, position, superseded, amends, correction_id, source, id, actor, reason, received_at
FROM {_CORRECTIONS_TABLE} WHERE {_OWN}
"""
_CREATE_BACKFILLS_VIEW = f"""
CREATE OR REPLACE VIEW {_BACKFILLS_VIEW} AS
SELECT number, position, fact, name, actor, reason, received_at
FROM {_BACKFILLS_TABLE} WHERE {_OWN}
"""

_CREATE_SUPERSEDED_VIEW = f"""
CREATE OR REPLACE VIEW {_SUPERSEDED_VIEW} AS
SELECT event.type AS type, event.subject AS subject, event.used_at AS used_at,
    event.position AS position, correction.position AS corrected_at
FROM {_TABLE} AS event
INNER JOIN (SELECT superseded, position FROM {_CORRECTIONS_TABLE} WHERE {_OWN}) AS correction
    ON event.position = correction.superseded
WHERE event.workspace = {{workspace:String}} AND event.position <= {{as_of:UInt64}}
"""
_CREATE_HELD_VIEW = f"""
CREATE OR REPLACE VIEW {_HELD_VIEW} AS
SELECT backfill, source, id, type, subject, used_at, position
FROM {_TABLE} WHERE {_OWN} AND backfill != 0
"""
_CREATE_ROWS_VIEW = f"""
CREATE OR REPLACE VIEW {_ROWS_VIEW} AS
SELECT position, source, id, type, subject, used_at, received_at, sequence, data,
    {FIELDS_READ} AS fields
FROM {_TABLE} WHERE workspace = {{workspace:String}} AND backfill = 0
"""
_CREATE_ROLLUPS_VIEW = f"""
CREATE OR REPLACE VIEW {_ROLLUPS_VIEW} AS
SELECT reading, daily, level, block, subject, bucket, counted, unread, total, least, greatest
FROM {_ROLLUPS_TABLE} WHERE workspace = {{workspace:String}}
"""
_CREATE_ROLLED_VIEW = f"""
CREATE OR REPLACE VIEW {_ROLLED_VIEW} AS
SELECT reading, level, block FROM {_ROLLED_TABLE} WHERE workspace = {{workspace:String}}
"""


def select_uncorrected(columns: str, conditions: Sequence[str]) -> str:
    """
    Return a selection from ``UNCORRECTED``, written out: the view takes milliseconds to plan.

    ``fields`` is the column as it is stored; ``FIELDS_READ`` is what meters read.
    """
    return f"SELECT {columns} FROM {_TABLE} WHERE {' AND '.join((_OWN, *conditions))}"


def select_rollups(columns: str, conditions: Sequence[str]) -> str:
    """Return a selection from ``ROLLUPS``, written out likewise."""
    own = "workspace = {workspace:String}"
    return f"SELECT {columns} FROM {_ROLLUPS_TABLE} WHERE {' AND '.join((own, *conditions))}"


INSERT_TARGET = _TABLE
"""Where the loader writes; nobody reads it."""
CORRECTIONS_TARGET = _CORRECTIONS_TABLE
BACKFILLS_TARGET = _BACKFILLS_TABLE
ROLLUPS_TARGET = _ROLLUPS_TABLE
ROLLED_TARGET = _ROLLED_TABLE

EXTENT = f"SELECT max(position), count() FROM {_TABLE}"
COUNT_BETWEEN = (
    f"SELECT count() FROM {_TABLE} "
    "WHERE position >= {first:UInt64} AND position <= {last:UInt64}"
)
CORRECTED = (
    f"SELECT DISTINCT workspace FROM {_CORRECTIONS_TABLE} "
    f"UNION DISTINCT SELECT DISTINCT workspace FROM {_BACKFILLS_TABLE} "
    f"UNION DISTINCT SELECT DISTINCT workspace FROM {_TABLE} WHERE backfill != 0"
)
"""The workspaces that hold any correction, any backfill, or rows without their content."""
CORRECTED_POSITIONS = (
    f"SELECT arrayJoin([target, position]) FROM {_CORRECTIONS_TABLE} "
    "WHERE workspace = {workspace:String}"
)
"""The rows that corrections speak of, and those that they are."""
LAST_CORRECTIONS = (
    "SELECT target, max(position), argMax(amends, position) "
    f"FROM {_CORRECTIONS_TABLE} "
    "WHERE target IN {targets:Array(UInt64)} AND position < {before:UInt64} GROUP BY target"
)
"""For each target the last correction before a position, and whether it amends."""
LAST_OF = {
    target: f"SELECT max(position) FROM {target}"
    for target in (CORRECTIONS_TARGET, BACKFILLS_TARGET)
}
"""For each table of corrections, the question for its last position."""
PARTS = (
    "SELECT count() FROM system.parts "
    f"WHERE active AND database = currentDatabase() AND table = '{_TABLE}'"
)


_VIEWS = {
    _VIEW: _CREATE_VIEW,
    _CORRECTIONS_VIEW: _CREATE_CORRECTIONS_VIEW,
    _BACKFILLS_VIEW: _CREATE_BACKFILLS_VIEW,
    _ROWS_VIEW: _CREATE_ROWS_VIEW,
    _ROLLUPS_VIEW: _CREATE_ROLLUPS_VIEW,
    _ROLLED_VIEW: _CREATE_ROLLED_VIEW,
    _SUPERSEDED_VIEW: _CREATE_SUPERSEDED_VIEW,
    _HELD_VIEW: _CREATE_HELD_VIEW,
    _TRIED_VIEW: _CREATE_TRIED_VIEW,
    _UNCORRECTED_VIEW: _CREATE_UNCORRECTED_VIEW,
}
_TABLES = {
    _TABLE: _CREATE_TABLE,
    _CORRECTIONS_TABLE: _CREATE_CORRECTIONS,
    _BACKFILLS_TABLE: _CREATE_BACKFILLS,
    _ROLLUPS_TABLE: _CREATE_ROLLUPS,
    _ROLLED_TABLE: _CREATE_ROLLED,
}


def create_schema(clickhouse: ClickHouse) -> None:
    """
    Create what is missing; what exists keeps its rows.

    A table of an older form is dropped: the loader fills the new one from the log.
    """
    for table in _OLD_TABLES:
        clickhouse.command(f"DROP TABLE IF EXISTS {table} SYNC")
    for statement in (*_TABLES.values(), *_VIEWS.values()):
        clickhouse.command(statement)


def drop_schema(clickhouse: ClickHouse) -> None:
    """
    Remove the projection with its memory of insertions, so that it can be loaded again.

    Emptying the tables would not do: the tokens of the old insertions would be remembered, and the
    same blocks be taken for repeats.
    """
    for view in _VIEWS:
        clickhouse.command(f"DROP VIEW IF EXISTS {view} SYNC")
    for table in _TABLES:
        clickhouse.command(f"DROP TABLE IF EXISTS {table} SYNC")
