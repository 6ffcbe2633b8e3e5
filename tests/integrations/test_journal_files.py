"""Files of the journal: names stay apart, cells hold no formulas."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.ledger import ExportedEntries, JournalExport
from tallystick.integrations.journal_files import beancount_account, csv_text
from tallystick.kernel import EntryId, Money, currency, instant
from tallystick.ledger import AccountKind, Books, Entry, PostedEntry, Posting, chart_name

COMPONENT = r"[A-Z0-9][A-Za-z0-9-]*"
OWNERS = st.text(st.sampled_from("aAbB0xy-._:@/é"), min_size=1, max_size=9)


@given(
    owners=st.tuples(OWNERS, OWNERS),
    kinds=st.tuples(st.sampled_from(AccountKind), st.sampled_from(AccountKind)),
)
def test_names_stay_apart(owners: tuple[str, str], kinds: tuple[AccountKind, AccountKind]) -> None:
    """Two chart accounts never become one, and each becomes a name that beancount takes."""
    names = [chart_name(kind, owner) for kind, owner in zip(kinds, owners, strict=True)]
    accounts = [beancount_account(name) for name in names]
    assert (accounts[0] == accounts[1]) == (names[0] == names[1])
    for account in accounts:
        assert re.fullmatch(rf"{COMPONENT}(:{COMPONENT})+", account), account


def test_no_cell_is_a_formula() -> None:
    """A source that begins like a formula is written as text."""
    at = instant("2026-02-28T23:30:00Z")
    books = Books(key="main", zone="Europe/Berlin")
    euro = Money(minor=100, currency=currency("EUR"))
    entry = Entry(
        id=EntryId("e1"),
        books="main",
        effective_at=at,
        posted_in=books.posting_month(at),
        source="=1+1",
        postings=(
            Posting(account="cash:bank", money=euro),
            Posting(account="receivable:acme", money=-euro),
        ),
    )
    export = JournalExport(
        books="main", name="a", number=1, first=1, last=1, exported_at=at, exported_by="test"
    )
    exported = ExportedEntries(
        export=export,
        books=books,
        known=frozenset(),
        entries=[PostedEntry(entry=entry, position=1)],
    )
    _, row, _ = csv_text(exported).strip().split("\r\n")
    assert row == ("1,e1,2026-03-01,2026-02-28T23:30:00.000000Z,2026-03,'=1+1,cash:bank,1.00,,EUR")
