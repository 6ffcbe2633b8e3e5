"""Books: the month in which an instant lies, and the one that takes an entry."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Misuse, instant
from tallystick.ledger import AccountingMonth, Books, accounting_month

BERLIN = Books(key="main", zone="Europe/Berlin")
MONTHS = st.builds(AccountingMonth, year=st.integers(2000, 2100), month=st.integers(1, 12))


@pytest.mark.parametrize(
    ("at", "month"),
    [
        ("2026-01-31T22:59:59.999999Z", "2026-01"),
        ("2026-01-31T23:00:00Z", "2026-02"),
        ("2026-03-31T21:59:59.999999Z", "2026-03"),
        ("2026-03-31T22:00:00Z", "2026-04"),
        ("2025-12-31T23:00:00Z", "2026-01"),
    ],
)
def test_months_begin_at_local_midnight(at: str, month: str) -> None:
    """A month begins at midnight of the books' zone, in winter and in summer."""
    assert str(BERLIN.month_at(instant(at))) == month


@given(month=MONTHS)
def test_a_month_ends_where_the_next_begins(month: AccountingMonth) -> None:
    """Last moment and end lie in neighbouring months, and a month is read back from its text."""
    assert BERLIN.month_at(BERLIN.last_moment_of(month)) == month
    assert BERLIN.month_at(BERLIN.end_of(month)) == month.following() > month
    assert accounting_month(str(month)) == month


@given(month=MONTHS, locked=MONTHS)
def test_the_first_open_month_takes_what_is_late(
    month: AccountingMonth, locked: AccountingMonth
) -> None:
    """An entry is booked in its own month, or in the month after the last locked one."""
    books = replace(BERLIN, locked_through=locked)
    taken = books.posting_month(BERLIN.last_moment_of(month))
    assert taken == max(month, locked.following())
    assert BERLIN.posting_month(BERLIN.last_moment_of(month)) == month


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "0000-01", "2026-01-01", ""])
def test_only_months_are_months(text: str) -> None:
    """What is no month is refused."""
    with pytest.raises(Misuse):
        accounting_month(text)
