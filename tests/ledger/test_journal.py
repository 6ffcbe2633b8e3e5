"""The journal: entries balance, reversals undo, balances are sums."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tallystick.kernel import EntryId, InvariantBroken, Misuse, Money, currency
from tallystick.ledger import (
    AccountKind,
    Books,
    Entry,
    Posting,
    balanced,
    balances,
    chart_name,
    entry_problems,
    kind_of,
    normal_side,
    reverse,
)

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = ("receivable:acme", "receivable:bolt", "revenue:cpu", "deferred_revenue:base")
CODES = ("EUR", "JPY")
BOOKS = Books(key="main", zone="UTC")


def posting(account: str, minor: int, code: str = "EUR") -> Posting:
    """Return a leg."""
    return Posting(account=account, money=Money(minor=minor, currency=currency(code)))


def entry(*legs: Posting, id: str = "e", day: int = 0) -> Entry:
    """Return an entry some days after the new year."""
    at = NEW_YEAR + timedelta(days=day)
    month = BOOKS.posting_month(at)
    return Entry(
        id=EntryId(id),
        books=BOOKS.key,
        effective_at=at,
        posted_in=month,
        source="test",
        postings=legs,
    )


@pytest.mark.parametrize(
    ("legs", "codes"),
    [
        ((posting("revenue:a", 5), posting("receivable:b", -5)), []),
        ((), ["empty_entry"]),
        ((posting("revenue:a", 5),), ["empty_entry", "unbalanced"]),
        ((posting("revenue:a", 5), posting("receivable:b", -4)), ["unbalanced"]),
        ((posting("revenue:a", 5), posting("receivable:b", -5, "JPY")), ["unbalanced"] * 2),
        ((posting("revenue:a", 0), posting("receivable:b", 0)), ["zero_posting"] * 2),
        ((posting("petty:a", 5), posting("revenue", -5)), ["unknown_chart_account"] * 2),
    ],
)
def test_entry_problems(legs: tuple[Posting, ...], codes: list[str]) -> None:
    """Each way in which an entry may not be posted is named."""
    assert [problem.code for problem in entry_problems(entry(*legs))] == codes
    if codes:
        with pytest.raises(InvariantBroken):
            balanced(entry(*legs))


def test_chart_names() -> None:
    """A name leads back to its kind; an owner may hold colons; there is no account of nobody."""
    for kind in AccountKind:
        assert kind_of(chart_name(kind, "a:b")) is kind
        assert normal_side(kind) in {"debit", "credit"}
    with pytest.raises(Misuse):
        chart_name(AccountKind.REVENUE, "")


def test_reversal_is_one_entry() -> None:
    """The same reversal twice has one id; another source or instant has another."""
    first = entry(posting("revenue:a", 5), posting("receivable:b", -5))
    undone = reverse(first, effective_at=NEW_YEAR, source="void", books=BOOKS)
    assert undone.id == reverse(first, effective_at=NEW_YEAR, source="void", books=BOOKS).id
    assert undone.id != reverse(first, effective_at=NEW_YEAR, source="refund", books=BOOKS).id


class JournalMachine(RuleBasedStateMachine):
    """Posts and reverses at random; an auditor keeps nothing but a list of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.journal: list[Entry] = []
        self.ledger: list[tuple[int, str, str, int]] = []

    @rule(
        day=st.integers(0, 9),
        code=st.sampled_from(CODES),
        legs=st.lists(
            st.tuples(st.sampled_from(ACCOUNTS), st.integers(-(10**12), 10**12).filter(bool)),
            min_size=1,
            max_size=4,
        ),
    )
    def post(self, day: int, code: str, legs: list[tuple[str, int]]) -> None:
        """Post legs and what balances them."""
        rest = -sum(minor for _, minor in legs)
        full = [*legs, ("revenue:rest", rest)] if rest else legs
        made = entry(*(posting(a, m, code) for a, m in full), id=str(len(self.journal)), day=day)
        if entry_problems(made):
            assert len(full) == 1
            return
        self.journal.append(made)
        self.ledger += [(day, account, code, minor) for account, minor in full]

    @rule(data=st.data(), day=st.integers(0, 9))
    def undo(self, data: st.DataObject, day: int) -> None:
        """Reverse an entry."""
        if self.journal:
            one = data.draw(st.sampled_from(self.journal))
            at = NEW_YEAR + timedelta(days=day)
            undone = reverse(one, effective_at=at, source=str(len(self.journal)), books=BOOKS)
            self.journal.append(undone)
            self.ledger += [
                (day, leg.account, leg.money.currency.code, -leg.money.minor)
                for leg in one.postings
            ]

    @invariant()
    def balances_are_sums(self) -> None:
        """Balances as of any day are the auditor's sums, and all of them together are nothing."""
        for day in (0, 4, 9):
            wanted: Counter[tuple[str, str]] = Counter()
            for on, account, code, minor in self.ledger:
                if on <= day:
                    wanted[account, code] += minor
            found = balances(reversed(self.journal), as_of=NEW_YEAR + timedelta(days=day))
            assert {key: money.minor for key, money in found.items()} == dict(wanted)
            for code in CODES:
                assert sum(m.minor for (_, of), m in found.items() if of == code) == 0


TestJournal = JournalMachine.TestCase
