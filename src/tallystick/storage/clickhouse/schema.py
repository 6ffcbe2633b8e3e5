"""
The tables of the projection, and the views through which they are read.

This is the only module that knows a table's name. Everything else reads ``EVENTS``, a view that
takes the workspace as its parameter: a query without a workspace does not parse, and one with it
sees no other's rows.

``fields`` is ``data`` with its numbers in quotes, where that matters. ClickHouse reads a JSON
number as a double and would lose digits; as text it stays what was sent. The rewriting is two
regular expressions: strings are matched first and kept, so that a number inside one is not touched.

    {"a": 1.10, "b": "2"}   becomes   {"a": "1.10", "b": "2"}

It takes 1.5 microseconds an event, so it is left out (and nothing stored twice) where no number can
be hurt: up to 15 digits, no exponent, no trailing zero, not tiny.
"""

from tallystick.storage.clickhouse.client import ClickHouse

_TABLE = "event_projection"
_VIEW = "workspace_events"

EVENTS = f"{_VIEW}(workspace = {{workspace:String}})"
"""What queries read from; needs the parameter ``workspace``."""

# A string, or a number outside strings. \x01 cannot occur in JSON text and marks the numbers.
_STRING_OR_NUMBER = r'("(?:[^"\\]|\\.)*")|(-?[0-9][0-9.eE+-]*)'
# 16 or more digits; a trailing zero; 0.000...; an exponent; minus zero. Too many does no harm.
_DELICATE = r"[0-9][0-9.]{15}|\.[0-9]*0[^0-9]|0\.000|[0-9][eE]|-0[^.]"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\x01", "\\x01")
    return f"'{escaped}'"


_MARK = "\x01"
_REPLACED = rf"\1{_MARK}\2{_MARK}"
_MARKED = f"replaceRegexpAll(data, {_literal(_STRING_OR_NUMBER)}, {_literal(_REPLACED)})"
_STRINGS_FREED = f"replaceAll({_MARKED}, {_literal(_MARK * 2)}, '')"
_QUOTED = f"replaceAll({_STRINGS_FREED}, {_literal(_MARK)}, '\x22')"

_FIELDS = f"if(match(data, {_literal(_DELICATE)}), {_QUOTED}, '')"
FIELDS_READ = "if(empty(fields), data, fields)"
FIELDS_OF_DATA = FIELDS_READ.replace("fields", _FIELDS)
"""What is stored as ``fields``, as read back, from ``data``."""

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
    fields String MATERIALIZED {_FIELDS},
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
    """Create what is missing; what exists is left as it is."""
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
