"""The day under which an entry stands in files that know days only."""

from datetime import date

from tallystick.kernel import time_zone
from tallystick.ledger import Books, Entry


def booking_day(entry: Entry, books: Books) -> date:
    """Return the local day of an entry, or the first of its month where it was booked later."""
    day = entry.effective_at.astimezone(time_zone(books.zone)).date()
    return (
        day if books.month_at(entry.effective_at) == entry.posted_in else entry.posted_in.first_day
    )
