"""
Import from files, as `tallystick import` does it, beside ClickHouse reading the same file.

The rival reads the file into a table with the columns of the events, synced. Both must hold as many
events as there are rows.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from bench.generated import chunks, event_columns, time_as_text
from bench.rows import Row
from bench.stored import Stored
from tallystick.client import Client, Endpoint, Retry
from tallystick.integrations.files import deliver_file, event_file, load_mapping
from tallystick.kernel import Done

BLOCK_ROWS = 100_000
STRUCTURE = (
    "source String, id String, type String, subject String, time DateTime64(6, \\'UTC\\'), "
    "data String"
)
TYPE = "api.imported"
"""Of its own, so that the sums of what is stored stay as they are."""
MAPPING = """
format: csv
source: "{source}"
id: "{id}"
type: "{type}"
subject: "{subject}"
time: {column: time, format: rfc3339}
data_json: data
"""


def measure_imports(stored: Stored, *, rows: int) -> Iterator[Row]:
    """Yield a row for each format, of files with so many rows."""
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as name:
        folder = Path(name)
        (folder / "mapping.yaml").write_text(MAPPING)
        for file_format, write in WRITERS.items():
            stored.say(f"writing {rows:,} rows as {file_format}")
            run = f"{file_format}-{time.time_ns()}"
            parts = [event_columns(chunk, run=run, kind=TYPE) for chunk in chunks(rows)]
            path = folder / f"events.{file_format}"
            write(pa.concat_tables(parts), path)
            stored.say(f"importing {path.name}")
            yield _row(stored, path, rows)
            path.unlink()


def _row(stored: Stored, path: Path, rows: int) -> Row:
    before, started = stored.server.cpu_seconds(), time.perf_counter()
    position = _imported(stored, path, rows)
    seconds = time.perf_counter() - started
    spent = stored.server.cpu_seconds() - before
    stored.await_position(position)
    loaded = time.perf_counter() - started
    rival = _into_clickhouse(stored, path, rows)
    return Row(
        work=f"import of {path.suffix[1:]}",
        figure=f"{rows / seconds:,.0f} rows/s durable, {rows / loaded:,.0f} until readable",
        rival=f"ClickHouse {rows / rival:,.0f}",
        ratio=f"{rival / seconds:.2f}, {rival / loaded:.2f}",
        note=f"{rows:,} rows of {path.stat().st_size / rows:.0f} bytes, owner {spent:.1f} CPU s",
    )


def _imported(stored: Stored, path: Path, rows: int) -> int:
    """Import a file as the command does; return the position at which it is durable."""
    mapping = load_mapping(path.parent / "mapping.yaml") if path.suffix == ".csv" else Done(None)
    assert isinstance(mapping, Done), mapping
    endpoint = Endpoint(url=stored.server.url, key=stored.server.token)
    with Client(endpoint, retry=Retry(attempts_max=1000), timeout_seconds=300) as client:
        file = event_file(path, mapping.value)
        told = deliver_file(file, send=client.send_batch, name=path.name)
    assert told.report.accepted == rows, told.document
    return told.report.last_position


def _into_clickhouse(stored: Stored, path: Path, rows: int) -> float:
    """Return the seconds in which ClickHouse reads the file into a table of its own."""
    client = stored.rival
    client.command(
        "CREATE OR REPLACE TABLE imported (source String, id String, type LowCardinality(String), "
        "subject String, time DateTime64(6, 'UTC'), data String) ENGINE = MergeTree "
        "ORDER BY (type, subject, time) SETTINGS fsync_after_insert = 1"
    )
    columns = "source, id, type, subject, time, data"
    settings = {
        "date_time_input_format": "best_effort",
        "input_format_json_read_objects_as_strings": 1,
    }
    started = time.perf_counter()
    client.command(
        f"INSERT INTO imported ({columns}) SELECT {columns} "
        f"FROM file('{path}', '{FORMATS[path.suffix]}', '{STRUCTURE}')",
        settings=settings,
    )
    seconds = time.perf_counter() - started
    assert client.query("SELECT count() FROM imported").result_rows[0][0] == rows
    client.command("DROP TABLE imported SYNC")
    return seconds


def _write_lines(table: pa.Table, path: Path) -> None:
    """Write CloudEvents, one a line."""
    texts = time_as_text(table)
    parts: list[pa.Array | str] = ['{"specversion":"1.0"']
    for name in ("id", "source", "type", "subject", "time"):
        parts += [f',"{name}":"', texts[name], '"']
    lines = pa.compute.binary_join_element_wise(*parts, ',"data":', texts["data"], "}", "")
    path.write_text("\n".join(lines.to_pylist()) + "\n")


def _write_arrow(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=BLOCK_ROWS)


WRITERS: Mapping[str, Callable[[pa.Table, Path], None]] = MappingProxyType(
    {
        "ndjson": _write_lines,
        "csv": lambda table, path: pc.write_csv(time_as_text(table), path),
        "parquet": lambda table, path: pq.write_table(table, path, row_group_size=BLOCK_ROWS),
        "arrow": _write_arrow,
    }
)
FORMATS = MappingProxyType(
    {".ndjson": "JSONEachRow", ".csv": "CSVWithNames", ".parquet": "Parquet", ".arrow": "Arrow"}
)
