"""Journal entries over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.ledger import Entry


class PostingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Money on one chart account, in major units: positive is a debit."""

    account: str
    amount: str
    currency: str


class EntryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A balanced movement of money and what caused it."""

    id: str
    effective_at: datetime
    source: str
    postings: tuple[PostingAnswer, ...]


def wire_from_entry(entry: Entry) -> EntryAnswer:
    """Return an entry as it goes over the wire."""
    return EntryAnswer(
        id=entry.id,
        effective_at=entry.effective_at,
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
