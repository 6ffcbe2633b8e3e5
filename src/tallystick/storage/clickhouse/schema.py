"""
The tables of the projection, and the views through which they are read.

This is the only module that knows a table's name. Everything else reads ``EVENTS``, a view that
takes the workspace as its parameter: a query without a workspace does not parse, and one with it
sees no other's rows.

``fields`` is ``data`` with its numbers in quotes where ClickHouse would hurt them (`quoting`), and
empty where it would not, so that nothing is stored twice.
"""

from tallystick.storage.clickhouse.client import ClickHouse

_TABLE = "event_projection_2"
_OLD_TABLES = ("event_projection",)
_VIEW = "workspace_events"

EVENTS = f"{_VIEW}(workspace = {{workspace:String}})"
"""What queries read from; needs the parameter ``workspace``."""

FIELDS_READ = "if(empty(fields), data, fields)"
"""The event's data as meters read it."""

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
    PROJECTION extent (SELECT max(position), count())
)
ENGINE = MergeTree
ORDER BY (workspace, type, subject, used_at, position)
SETTINGS non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1
"""

_CREATE_VIEW = f"""
CREATE OR REPLACE VIEW {_VIEW} AS
SELECT position, source, id, type, subject, used_at, received_at, sequence, data,
    {FIELDS_READ} AS fields
FROM {_TABLE}
WHERE workspace = {{workspace:String}}
"""

INSERT_TARGET = _TABLE
"""Where the loader writes; nobody reads it."""

EXTENT = f"SELECT max(position), count() FROM {_TABLE}"
COUNT_BETWEEN = (
    f"SELECT count() FROM {_TABLE} "
    "WHERE position >= {first:UInt64} AND position <= {last:UInt64}"
)
PARTS = (
    "SELECT count() FROM system.parts "
    f"WHERE active AND database = currentDatabase() AND table = '{_TABLE}'"
)


def create_schema(clickhouse: ClickHouse) -> None:
    """
    Create what is missing; what exists is left as it is.

    A table of an older form is dropped: the loader fills the new one from the log.
    """
    for table in _OLD_TABLES:
        clickhouse.command(f"DROP TABLE IF EXISTS {table} SYNC")
    clickhouse.command(_CREATE_TABLE)
    clickhouse.command(_CREATE_VIEW)


def drop_schema(clickhouse: ClickHouse) -> None:
    """
    Remove the projection with its memory of insertions, so that it can be loaded again.

    Emptying the table would not do: the tokens of the old insertions would be remembered, and the
    same blocks be taken for repeats.
    """
    clickhouse.command(f"DROP VIEW IF EXISTS {_VIEW} SYNC")
    clickhouse.command(f"DROP TABLE IF EXISTS {_TABLE} SYNC")
