"""
CSV, and other text with one delimiter, as columns.

Quoting as in RFC 4180, line ends of any kind, UTF-8 with or without a mark at its begin. Values
stay bytes here, so that one broken character makes one bad row and not a bad file.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from tallystick.integrations.files.mapping import FileMapping
from tallystick.integrations.files.opened import Opened
from tallystick.integrations.files.problems import UnreadableFile
from tallystick.integrations.files.rows import Rows

BLOCK_BYTES = 4 * 1024 * 1024
HEADER_BYTES_MAX = 1024 * 1024


def csv_rows(file: Opened, mapping: FileMapping, path: Path) -> Iterator[Rows]:
    """
    Yield the rows of a delimited file in blocks.

    Raises:
        UnreadableFile: no header, a name that stands twice, or a row with another number of
        columns.
    """
    names = list(mapping.columns) or _header(file, mapping, path)
    if not names:
        return
    first_row = 1
    try:
        with _reader(file, mapping, names) as reader:
            for batch in reader:
                columns = dict(zip(names, batch.columns, strict=True))
                yield Rows(first_row=first_row, count=batch.num_rows, columns=columns)
                first_row += batch.num_rows
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise UnreadableFile(path, _explained(str(error), names, first_row)) from error


def _header(file: Opened, mapping: FileMapping, path: Path) -> list[str]:
    line = file.stream.readline(HEADER_BYTES_MAX)
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = "its first line is not UTF-8; save the file as UTF-8"
        raise UnreadableFile(path, msg) from error
    record = next(csv.reader([text], delimiter=mapping.delimiter), [])
    names = [name.strip() for name in record]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFile(path, f"two columns are called {twice[0]!r}; rename one")
    return names


def _reader(file: Opened, mapping: FileMapping, names: list[str]) -> pc.CSVStreamingReader:
    return pc.open_csv(
        file.stream,
        read_options=pc.ReadOptions(column_names=names, block_size=BLOCK_BYTES, use_threads=False),
        parse_options=pc.ParseOptions(delimiter=mapping.delimiter, newlines_in_values=True),
        convert_options=pc.ConvertOptions(
            column_types={name: pa.binary() for name in names},
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
        ),
    )


def _explained(reason: str, names: list[str], first_row: int) -> str:
    """Return Arrow's reason in the words of the file; its row numbers begin with the block."""
    del first_row
    detail = reason.removeprefix("CSV parse error: ")
    return (
        f"{detail}; each row must have the {len(names)} columns {', '.join(names)} "
        "(is the delimiter right? is a quote left open?)"
    )
