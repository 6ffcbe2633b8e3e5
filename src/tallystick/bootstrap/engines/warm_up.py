"""
Compiled loops made ready before anybody waits for them.

The first time on an installation this takes some ten seconds, later a fraction of one: what was
compiled is kept beside the source. `requirements/install.sh` does it while it installs.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from tallystick.app.ingest import ARROW, Scope, first_rows, parse_body
from tallystick.storage.clickhouse import quote_numbers
from tallystick.storage.log import IdentityTable, write_run

_EVENT = (
    b'{"specversion":"1.0","id":"a","source":"s","type":"t","subject":"c",'
    b'"time":"2026-01-31T12:00:00.5+01:00","data":{"v":1.5,"list":["\\n",{}]}}'
)
_YEAR = timedelta(days=366)


def warm_up() -> None:
    """Call each compiled loop once on a sample."""
    with tempfile.TemporaryDirectory() as folder:
        _identify(Path(folder))
    _parse()
    quote_numbers(pa.array(['{"v":1.50}']))


def _parse() -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    scope = Scope(workspace="w", received_at=now, earliest=now - _YEAR, latest=now + _YEAR, seed=1)
    table = pa.table({name: ["x"] for name in ("source", "id", "type")})
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    for body, media in (
        (_EVENT, "application/json"),
        (b"[" + _EVENT + b"]", "application/json"),
        (_EVENT + b"\n", "application/x-ndjson"),
        (stream.getvalue().to_pybytes(), ARROW),
    ):
        parse_body(body, scope, content_type=media, headers={})


def _identify(folder: Path) -> None:
    keys = np.arange(4, dtype=np.uint64).reshape(2, 2)
    first_rows(keys)
    table = IdentityTable()
    known = table.find(keys)
    table.add(keys, keys[:, 0].copy(), first_position=1)
    run = write_run(folder / "1-2.run", [table.records])
    merged = write_run(folder / "1-4.run", [run.records, run.records])
    merged.probe(keys, np.arange(2), known)
