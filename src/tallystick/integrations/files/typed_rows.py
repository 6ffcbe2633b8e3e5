"""Parquet and Arrow files as columns; only the columns that the mapping needs are read."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tallystick.integrations.files.mapping import FileFormat
from tallystick.integrations.files.problems import UnreadableFile
from tallystick.integrations.files.rows import Rows

ROWS_PER_BLOCK = 50_000
ARROW_FILE_MAGIC = b"ARROW1"


def typed_schema(path: Path, file_format: FileFormat) -> pa.Schema:
    """Return the columns of a file and their types."""
    try:
        if file_format is FileFormat.PARQUET:
            return pq.read_schema(path)
        with pa.OSFile(str(path)) as file:
            return _arrow_reader(file, path).schema
    except pa.ArrowInvalid as error:
        raise UnreadableFile(path, f"is damaged or cut short ({error}); copy it again") from error


def typed_rows(path: Path, file_format: FileFormat, names: list[str]) -> Iterator[Rows]:
    """
    Yield the rows of a file in blocks.

    Raises:
        UnreadableFile: the file is damaged.
    """
    row = 1
    try:
        for batch in _batches(path, file_format, names):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            yield Rows(first_row=row, count=batch.num_rows, columns=columns)
            row += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFile(path, f"is damaged or cut short ({error}); copy it again") from error


def _batches(path: Path, file_format: FileFormat, names: list[str]) -> Iterator[pa.RecordBatch]:
    if file_format is FileFormat.PARQUET:
        with pq.ParquetFile(path) as parquet:
            yield from parquet.iter_batches(batch_size=ROWS_PER_BLOCK, columns=names)
        return
    with pa.OSFile(str(path)) as file:
        reader = _arrow_reader(file, path)
        stored = (
            (reader.get_batch(place) for place in range(reader.num_record_batches))
            if isinstance(reader, pa.ipc.RecordBatchFileReader)
            else iter(reader)
        )
        for batch in itertools.chain.from_iterable(map(_cut, stored)):
            yield batch.select(names)


def _arrow_reader(
    file: pa.NativeFile, path: Path
) -> pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader:
    with path.open("rb") as plain:
        is_file = plain.read(len(ARROW_FILE_MAGIC)) == ARROW_FILE_MAGIC
    return pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, ROWS_PER_BLOCK):
        yield batch.slice(start, ROWS_PER_BLOCK)
