"""Prepaid lots as OpenMeter's suite observed them: they wait for credits to be built."""

from tests.notation import CaseBook, NotBuilt, Reason
from tests.tally import CaseNotes

FILE = "openmeter-ledger.md"
CREDITS = NotBuilt(feature="credits: grants, their burn order, their expiry")
LEFT_OUT: dict[str, Reason] = {f"L{number:02}": CREDITS for number in range(1, 10)}
BOOK = CaseBook(file=FILE, checks={}, left_out=LEFT_OUT)


def test_every_row_is_accounted_for(case_notes: CaseNotes) -> None:
    """Each row of the file is left out for a reason that holds."""
    assert BOOK.problems() == []
    case_notes.left_out(FILE, BOOK.left_out)
