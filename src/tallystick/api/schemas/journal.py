"""Journal entries over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.ledger import PostedEntry


class PostingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Money on one chart account, in major units: positive is a debit."""

    account: str
    amount: str
    currency: str


class EntryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A balanced movement of money, what caused it, and where it was booked."""

    id: str
    books: str
    position: int
    effective_at: datetime
    posted_in: str
    source: str
    postings: tuple[PostingAnswer, ...]


def wire_from_entry(posted: PostedEntry) -> EntryAnswer:
    """Return an entry as it goes over the wire."""
    entry = posted.entry
    return EntryAnswer(
        id=entry.id,
        books=entry.books,
        position=posted.position,
        effective_at=entry.effective_at,
        posted_in=str(entry.posted_in),
        source=entry.source,
        postings=tuple(
            PostingAnswer(
                account=posting.account,
                amount=f"{posting.money.decimal:f}",
                currency=posting.money.currency.code,
            )
            for posting in entry.postings
        ),
    )
