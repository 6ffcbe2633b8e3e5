"""What each format is read into before it becomes events: columns of text, with row numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """
    Consecutive rows of a file.

    Attributes:
        first_row: number of the first of them, from 1.
        count: how many.
        columns: name to values; text, or bytes that are meant to be UTF-8, or any type that a
            Parquet or Arrow file has.
    """

    first_row: int
    count: int
    columns: Mapping[str, pa.Array]
