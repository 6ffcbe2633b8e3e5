"""What issued documents move in the journal, and when their income is earned."""

from tallystick.invoicing.booked.deferral import (
    Deferral,
    PostingFacts,
    deferrals_of,
    divide_lines,
)
from tallystick.invoicing.booked.posting import CREDIT_CODE, journal_for, write_off_entry

__all__ = [
    "CREDIT_CODE",
    "Deferral",
    "PostingFacts",
    "deferrals_of",
    "divide_lines",
    "journal_for",
    "write_off_entry",
]
