"""
The journal: every movement of money as a balanced entry that is never changed.

A **posting** moves money on one chart account; a debit is positive, a credit negative.
An **entry** is a set of postings that sums to zero in each currency, so no money appears or
vanishes. A mistake is mended by another entry (`reverse`), never by an edit: what was posted stays
readable.

    An invoice of 30.00, of which 10.00 is for next month:

        receivable:acme          +30.00
        revenue:cpu              -20.00
        deferred_revenue:base    -10.00

``effective_at`` says when an entry counts (the document's instant), ``posted_in`` in which month of
which books it was booked (`books`). Once posted it has a **position**: 1, 2, 3 and so on in its
books, without a gap, in the order in which entries became visible. Balances as of an instant go by
``effective_at``; what was known then goes by position.

Not here: which entry a document makes (`invoicing.booked`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tallystick.kernel import (
    Currency,
    EntryId,
    Money,
    Problem,
    check,
    derived_id,
    instant_text,
)
from tallystick.ledger.books import AccountingMonth, Books
from tallystick.ledger.chart import kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Money on one chart account, in minor units: positive is a debit, negative a credit."""

    account: str
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    A balanced movement.

    Attributes:
        books: key of the legal entity whose books it stands in.
        effective_at: from when it counts.
        posted_in: the month in which it was booked; open when it was posted.
        source: the document or fact that caused it.
    """

    id: EntryId
    books: str
    effective_at: datetime
    posted_in: AccountingMonth
    source: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedEntry:
    """An entry with its place in the books: the first is 1, each next one more."""

    entry: Entry
    position: int


def entry_problems(entry: Entry) -> tuple[Problem, ...]:
    """
    Return everything that keeps an entry from being posted; empty means it may be.

    Problems:
        empty_entry: fewer than two postings.
        zero_posting: a posting moves nothing.
        unknown_chart_account: the chart has no such kind of account.
        unbalanced: the postings of a currency do not sum to zero.

    Example:
        >>> from datetime import UTC
        >>> from tallystick.kernel import currency
        >>> lone = Posting(account="revenue:cpu", money=Money(minor=-5, currency=currency("EUR")))
        >>> at = datetime(2026, 1, 1, tzinfo=UTC)
        >>> entry = Entry(id=EntryId("e1"), books="main", effective_at=at, source="test",
        ...               posted_in=AccountingMonth(year=2026, month=1), postings=(lone,))
        >>> [problem.code for problem in entry_problems(entry)]
        ['empty_entry', 'unbalanced']
    """
    problems: list[Problem] = []
    if len(entry.postings) < 2:  # noqa: PLR2004 - double entry: what one account gives another takes
        problems.append(
            Problem(code="empty_entry", message=f"entry {entry.id} needs at least two postings")
        )
    for index, posting in enumerate(entry.postings):
        problems.extend(_posting_problems(posting, field=f"postings[{index}]"))
    for unit, minor in _sums(entry.postings).items():
        if minor:
            message = f"entry {entry.id} is off by {Money(minor=minor, currency=unit)}"
            problems.append(Problem(code="unbalanced", message=message, field="postings"))
    return tuple(problems)


def balanced(entry: Entry) -> Entry:
    """
    Return the entry itself if it may be posted.

    Asked when an entry is made, and again when it is read back.

    Raises:
        InvariantBroken: it has a problem (`entry_problems`).
    """
    problems = entry_problems(entry)
    check(not problems, "; ".join(problem.message for problem in problems))
    return entry


def reverse(entry: Entry, *, effective_at: datetime, source: str, books: Books) -> Entry:
    """
    Return the entry that undoes another: the same accounts with opposite signs.

    Its id follows from the reversed entry and the source, so the same reversal posted twice is one
    entry. It is booked in the month of ``effective_at``, or the first open one.

    Raises:
        InvariantBroken: the entry stands in other books.

    Example:
        >>> from datetime import UTC
        >>> from tallystick.kernel import currency
        >>> at, eur = datetime(2026, 1, 1, tzinfo=UTC), currency("EUR")
        >>> legs = (Posting(account="receivable:acme", money=Money(minor=500, currency=eur)),
        ...         Posting(account="revenue:cpu", money=Money(minor=-500, currency=eur)))
        >>> books = Books(key="main", zone="UTC")
        >>> entry = Entry(id=EntryId("e1"), books="main", effective_at=at, source="invoice",
        ...               posted_in=books.posting_month(at), postings=legs)
        >>> undone = reverse(entry, effective_at=at, source="void", books=books)
        >>> [str(leg.money) for leg in undone.postings]
        ['-5.00 EUR', '5.00 EUR']
    """
    check(entry.books == books.key, f"entry {entry.id} stands in the books of {entry.books}")
    return balanced(
        Entry(
            id=EntryId(derived_id("rev", entry.id, source, instant_text(effective_at))),
            books=books.key,
            effective_at=effective_at,
            posted_in=books.posting_month(effective_at),
            source=source,
            postings=tuple(
                Posting(
                    account=leg.account,
                    money=Money(minor=-leg.money.minor, currency=leg.money.currency),
                )
                for leg in entry.postings
            ),
        )
    )


def balances(
    entries: Iterable[Entry], *, as_of: datetime | None = None
) -> Mapping[tuple[str, str], Money]:
    """
    Return the balance of each (chart account, currency code) that was ever moved, zeros included.

    Args:
        entries: the journal, in any order.
        as_of: count entries effective at or before this instant; None counts all.

    Raises:
        InvariantBroken: an entry does not balance.

    Example:
        >>> balances([])
        {}
    """
    totals: dict[tuple[str, str], Money] = {}
    for entry in entries:
        if as_of is not None and entry.effective_at > as_of:
            continue
        for leg in balanced(entry).postings:
            key = (leg.account, leg.money.currency.code)
            totals[key] = totals[key] + leg.money if key in totals else leg.money
    return totals


def _posting_problems(posting: Posting, *, field: str) -> Iterable[Problem]:
    if posting.money.minor == 0:
        yield Problem(
            code="zero_posting", message=f"{posting.account} is moved by nothing", field=field
        )
    if kind_of(posting.account) is None:
        message = f"{posting.account!r} is not in the chart; names read kind:owner, as revenue:cpu"
        yield Problem(code="unknown_chart_account", message=message, field=f"{field}.account")


def _sums(postings: Iterable[Posting]) -> Mapping[Currency, int]:
    sums: dict[Currency, int] = {}
    for posting in postings:
        unit = posting.money.currency
        sums[unit] = sums.get(unit, 0) + posting.money.minor
    return sums
