"""
What a backfill would change on lines that were billed: money before and after, key by key.

Each billed key is priced again from its usage, once as it stands and once with the set counted (or
left out, where it is closed), as replay and difference will do when the next document is drafted.
Keys that no document names yet are not here: their quantities are in the preview of the set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.app.corrections import BackfillPreview, BackfillState
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.measure import DraftOrder, Kept, load_kept, measured_usage
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Basis,
    Billed,
    Difference,
    Due,
    Purpose,
    differences,
    missing_rates,
    priced,
    replayed_items,
    with_kept,
)
from tallystick.kernel import AccountKey, Refused, SubscriptionKey

_SUBSCRIPTIONS_MAX = 100


class MoneyChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a billed key comes to now, and what it would come to; texts in ``currency``."""

    account: AccountKey
    subscription: SubscriptionKey
    price: str
    group: tuple[str, ...]
    start: datetime
    end: datetime
    currency: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    basis: Basis
    billed: tuple[Billed, ...]
    position: int
    kept: Kept


def preview_correction(
    preview: BackfillPreview, *, uow: UnitOfWork, sources: BillingSources
) -> tuple[MoneyChange, ...]:
    """
    Return the billed keys whose money the next step of a set would change.

    A subscription whose contract cannot be loaded is left out: it cannot be billed either.
    """
    accounts = sorted({change.account for change in preview.changes})
    with uow:
        definitions = uow.catalog.load_definitions()
        return tuple(
            change
            for account in accounts
            for subscription in uow.subscriptions.list_subscriptions(
                after="", limit=_SUBSCRIPTIONS_MAX, account=account
            )
            if not isinstance(basis := load_basis(uow, definitions, subscription), Refused)
            and (billed := uow.invoices.load_billed(subscription.key))
            for change in _changes(
                preview,
                _Books(
                    basis=basis.value,
                    billed=billed,
                    position=sources.usage.covered_position(),
                    kept=load_kept(uow, subscription.key),
                ),
                sources,
            )
        )


def _changes(
    preview: BackfillPreview, books: _Books, sources: BillingSources
) -> Iterator[MoneyChange]:
    number = preview.backfill.number
    is_open = preview.backfill.state is BackfillState.OPEN
    standing = _priced(books, sources)
    tried = _priced(
        books, sources, counted=number if is_open else 0, left_out=0 if is_open else number
    )
    for identity in {**standing, **tried}:
        before, after = standing.get(identity), tried.get(identity)
        known = before or after
        was = "0" if before is None else str(before.after.decimal)
        becomes = "0" if after is None else str(after.after.decimal)
        if known is not None and was != becomes:
            yield MoneyChange(
                account=books.basis.subscription.account,
                subscription=known.key.subscription,
                price=known.key.price,
                group=known.key.group,
                start=known.key.period.start,
                end=known.key.period.end,
                currency=books.basis.currency.code,
                before=was,
                after=becomes,
            )


def _priced(
    books: _Books, sources: BillingSources, *, counted: int = 0, left_out: int = 0
) -> dict[object, Difference]:
    """Return what each billed key comes to from usage as asked for; what is gone is left out."""
    period = books.billed[-1].period
    order = DraftOrder(
        basis=books.basis,
        due=Due(period=period, purpose=Purpose.CORRECTION, at=period.end),
        billed=books.billed,
        position=books.position,
        kept=books.kept,
    )
    answers = measured_usage(order, sources, counted=counted, left_out=left_out)
    if isinstance(answers, Refused):
        return {}
    items = replayed_items(
        books.basis, period=period, purpose=Purpose.CORRECTION, billed=books.billed
    )
    if missing_rates(books.basis, items, billed=books.billed, issue_on=None):
        return {}
    now = priced(books.basis, items, answers.value, billed=books.billed)
    now = with_kept(books.basis, now, billed=books.billed)
    return {one.key.identity: one for one in differences(books.basis, now, books.billed)}
