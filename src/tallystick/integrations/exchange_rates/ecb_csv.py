"""
The reference rates of the European Central Bank in CSV: the day's file, and the history since 1999.

The first column is the date (``2026-10-30`` in the history, ``30 October 2026`` in the day's file),
each other column a currency against one euro; ``N/A`` where there is no rate, a comma at the end.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date

from tallystick.currency import PublishedRate
from tallystick.integrations.exchange_rates.ecb_xml import ECB, EURO
from tallystick.kernel import Misuse, parse_decimal

_NONE = frozenset({"N/A", ""})
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def ecb_csv_rates(content: bytes) -> Iterator[PublishedRate]:
    """
    Yield the rates of a file, day by day.

    Raises:
        Misuse: it does not begin with a column of dates, or a value in it cannot be.
    """
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), skipinitialspace=True)
    header = next(rows, [])
    if not header or header[0] != "Date":
        raise Misuse("the first column of the European Central Bank's file is called Date")
    quotes = [code.strip() for code in header[1:]]
    for row in rows:
        if not row:
            continue
        day = _day(row[0])
        for quote, text in zip(quotes, row[1:], strict=False):
            if quote and text.strip() not in _NONE:
                rate = parse_decimal(text.strip())
                if rate > 0:
                    yield PublishedRate(source=ECB, base=EURO, quote=quote, day=day, rate=rate)


def _day(text: str) -> date:
    number, _, rest = text.partition(" ")
    month, _, year = rest.partition(" ")
    try:
        if month in _MONTHS:
            return date(int(year), _MONTHS.index(month) + 1, int(number))
        return date.fromisoformat(text)
    except ValueError as error:
        raise Misuse(f"{text[:20]!r} is not a day of the European Central Bank's file") from error
