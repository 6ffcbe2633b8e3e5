"""Rows of the CSV files: RFC 4180, and no cell that a spreadsheet takes for a formula."""

import csv
import io
import re
from collections.abc import Sequence

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def csv_line(cells: Sequence[str]) -> bytes:
    r"""
    Return one line; a text that would be a formula begins with an apostrophe, numbers stay.

    Example:
        >>> csv_line(["=1+1", "-4.50", 'a "b", c'])
        b'\'=1+1,-4.50,"a ""b"", c"\r\n'
    """
    line = io.StringIO()
    csv.writer(line).writerow([_safe(cell) for cell in cells])
    return line.getvalue().encode()


def _safe(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
