"""
The journal as CSV (RFC 4180): one row a posting, debit and credit in columns of their own.

Amounts have as many places as their currency and no separator; a cell that a spreadsheet would read
as a formula begins with an apostrophe.
"""

import csv
import io

from tallystick.app.ledger import ExportedEntries
from tallystick.integrations.journal_files.booking_day import booking_day
from tallystick.kernel import instant_text

COLUMNS = (
    "position",
    "entry",
    "booking_day",
    "effective_at",
    "posted_in",
    "source",
    "account",
    "debit",
    "credit",
    "currency",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(exported: ExportedEntries) -> str:
    """Return the file of an export, header included."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for posted in exported.entries:
        entry = posted.entry
        front = (
            posted.position,
            entry.id,
            booking_day(entry, exported.books).isoformat(),
            instant_text(entry.effective_at),
            str(entry.posted_in),
            _plain(entry.source),
        )
        for leg in entry.postings:
            amount = f"{abs(leg.money.decimal):f}"
            sides = (amount, "") if leg.money.minor > 0 else ("", amount)
            writer.writerow((*front, _plain(leg.account), *sides, leg.money.currency.code))
    return file.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
