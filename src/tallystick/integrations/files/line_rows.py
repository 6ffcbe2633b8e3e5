"""
Text with one record a line, parted by blanks: job logs (SWF) and the like.

Lines that begin with the mapping's `comment` are skipped, empty lines too. The names of the columns
come from the mapping, or else from the first line.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from tallystick.integrations.files.mapping import FileMapping
from tallystick.integrations.files.opened import Opened
from tallystick.integrations.files.problems import UnreadableFile
from tallystick.integrations.files.rows import Rows

ROWS_PER_BLOCK = 50_000


def line_rows(file: Opened, mapping: FileMapping, path: Path) -> Iterator[Rows]:
    """
    Yield the rows of a file whose values are parted by blanks, or commented CSV.

    Raises:
        UnreadableFile: a line with another number of values than there are columns.
    """
    records = _records(file, mapping)
    names = list(mapping.columns)
    if not names:
        names = [value.decode("utf-8", "replace") for value in next(records, [])]
    row = 1
    while block := list(itertools.islice(records, ROWS_PER_BLOCK)):
        for place, record in enumerate(block):
            if len(record) != len(names):
                msg = (
                    f"row {row + place} has {len(record)} values, but there are {len(names)} "
                    f"columns: {', '.join(names)}"
                )
                raise UnreadableFile(path, msg)
        values = zip(*block, strict=True)
        columns = {
            name: pa.array(each, pa.binary()) for name, each in zip(names, values, strict=True)
        }
        yield Rows(first_row=row, count=len(block), columns=columns)
        row += len(block)


def _records(file: Opened, mapping: FileMapping) -> Iterator[list[bytes]]:
    comment = mapping.comment.encode()
    delimiter = None if mapping.delimiter == "whitespace" else mapping.delimiter.encode()
    for line in file.stream:
        content = line.rstrip(b"\r\n")
        if not content.strip() or (comment and content.startswith(comment)):
            continue
        yield content.split(delimiter)
