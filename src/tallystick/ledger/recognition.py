"""
Recognition: deferred revenue becomes revenue when its month is over.

    February's parts: base 28.00, support 5.00

        deferred_revenue:base      +28.00
        revenue:base               -28.00
        deferred_revenue:support    +5.00
        revenue:support             -5.00

The entry counts at the last moment of the month, so that the month's own balances hold it, and is
booked there, or in the first open month if it is locked by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.kernel import EntryId, Money, canonical_json, derived_id, digest
from tallystick.ledger.books import AccountingMonth, Books
from tallystick.ledger.chart import AccountKind, chart_name
from tallystick.ledger.journal import Entry, Posting, balanced


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferredPart:
    """
    A part of deferred revenue that waits for its month.

    Attributes:
        entry: the entry that deferred it.
        ordinal: which part of that entry's, from 0.
        price: whose revenue it will be.
    """

    entry: EntryId
    ordinal: int
    price: str
    month: AccountingMonth
    money: Money


def recognition_entry(
    parts: Sequence[DeferredPart], *, month: AccountingMonth, books: Books
) -> Entry | None:
    """
    Return the entry that earns parts of one month, None where they add up to nothing.

    Its id follows from the parts, so the same recognition is one entry.

    Example:
        >>> from tallystick.kernel import currency
        >>> month = AccountingMonth(year=2026, month=2)
        >>> part = DeferredPart(entry=EntryId("e1"), ordinal=0, price="base", month=month,
        ...                     money=Money(minor=2800, currency=currency("EUR")))
        >>> entry = recognition_entry([part], month=month, books=Books(key="main", zone="UTC"))
        >>> [f"{leg.account} {leg.money}" for leg in entry.postings]
        ['deferred_revenue:base 28.00 EUR', 'revenue:base -28.00 EUR']
    """
    sums: dict[tuple[str, str], Money] = {}
    for part in parts:
        key = (part.price, part.money.currency.code)
        sums[key] = sums[key] + part.money if key in sums else part.money
    postings = tuple(
        Posting(account=chart_name(kind, price), money=moved)
        for (price, _), money in sorted(sums.items())
        if money.minor != 0
        for kind, moved in (
            (AccountKind.DEFERRED_REVENUE, money),
            (AccountKind.REVENUE, -money),
        )
    )
    if not postings:
        return None
    named = sorted(f"{part.entry}:{part.ordinal}" for part in parts)
    at = books.last_moment_of(month)
    return balanced(
        Entry(
            id=EntryId(derived_id("rec", books.key, str(month), digest(canonical_json(named)))),
            books=books.key,
            effective_at=at,
            posted_in=books.posting_month(at),
            source=f"recognition:{month}",
            postings=postings,
        )
    )
