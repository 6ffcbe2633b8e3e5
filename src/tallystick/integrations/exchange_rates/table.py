"""
A table of one's own in CSV: ``day,base,quote,rate``, in any order of rows and columns.

    day,base,quote,rate
    2026-01-01,CREDIT,EUR,0.01
    2026-01-01,USD,EUR,0.92
"""

import csv
import io
from collections.abc import Iterator
from datetime import date

from tallystick.currency import PublishedRate
from tallystick.kernel import Misuse, parse_decimal

COLUMNS = frozenset({"day", "base", "quote", "rate"})


def table_rates(content: bytes, *, source: str) -> Iterator[PublishedRate]:
    """
    Yield the rates of a table.

    Args:
        content: the file, in UTF-8.
        source: the name under which they will be asked for.

    Raises:
        Misuse: a column is missing or unknown, or a value cannot be; the message names the row.
    """
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), skipinitialspace=True)
    if set(rows.fieldnames or ()) != COLUMNS:
        raise Misuse(f"a table of rates has the columns {', '.join(sorted(COLUMNS))}")
    for number, row in enumerate(rows, start=2):
        try:
            yield PublishedRate(
                source=source,
                base=row["base"] or "",
                quote=row["quote"] or "",
                day=date.fromisoformat(row["day"] or ""),
                rate=parse_decimal(row["rate"] or ""),
            )
        except (ValueError, Misuse) as error:
            raise Misuse(f"row {number}: {error}") from error
