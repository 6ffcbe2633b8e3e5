"""Rows that the program itself writes to the log: corrections, and events held in a backfill."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.ingest.columns import EVENT_SCHEMA
from tallystick.app.ingest.parsed import Parsed, Scope, content_digests, identity_keys
from tallystick.kernel import micros
from tallystick.metering import Event, held_type


def parsed_rows(rows: Sequence[Event], *, scope: Scope) -> Parsed:
    """Return rows, which have no position yet, as a submission; nothing of them is checked."""
    named = EVENT_SCHEMA.names
    columns = [{name: getattr(row, name) for name in named} for row in rows]
    contents = (
        (row.type, row.subject, str(micros(row.used_at)), row.sequence, row.data.encode())
        for row in rows
    )
    return Parsed(
        batch=pa.RecordBatch.from_pylist(columns, schema=EVENT_SCHEMA),
        index=range(len(rows)),
        keys=identity_keys(scope, ((row.source, row.id) for row in rows)),
        digests=content_digests(scope, contents),
        rejections=(),
    )


def held_in(part: Parsed, number: int) -> Parsed:
    """Return a submission whose events a backfill holds; their identities stay what they are."""
    batch = part.batch
    place = batch.schema.get_field_index("type")
    held = pc.binary_join_element_wise(held_type(number, ""), batch.column(place), "")
    columns = [held if at == place else batch.column(at) for at in range(batch.num_columns)]
    return replace(part, batch=pa.RecordBatch.from_arrays(columns, schema=batch.schema))
