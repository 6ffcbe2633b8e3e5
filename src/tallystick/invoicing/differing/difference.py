"""
What a key comes to now beside what issued documents settled for it.

A difference in a closed period needs a reason: an event recorded after the position of the settled
line, a correction recorded after it that reaches the key (see `reached`), or a change of
attribution (see `Basis.attribution`).  Without one it is a defect, of ours or of the store's, and
is never billed.

A key whose document was voided is due again in the place of that document, whatever was recorded
since (disposition ``rebill``), or stays settled at nothing (``waive``): then it may come to less,
and never to more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.differing.history import History, Place, place_of, running_in
from tallystick.invoicing.differing.reached import reached_after
from tallystick.invoicing.due import items_around
from tallystick.invoicing.invoice import DocumentType
from tallystick.invoicing.line import LineKey
from tallystick.invoicing.orders import Disposition
from tallystick.invoicing.replay import Billed, Replayed
from tallystick.kernel import Money, settle
from tallystick.metering import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    What a key should be settled to, and what it is.

    Attributes:
        replayed: None where the facts no longer hold the key.
        before: settled by issued documents.
        after: what the whole settles to now.
        closed: whether an issued document has charged this price and period before.
        explained: whether a fact recorded since then accounts for a difference.
        original: the line that first charged money for the key, else the first of an invoice that
            names it and was not voided; None if none does.
        reopened: the document in whose place the key is due again; None if it is not.
        running: the beginning of the period in which only documents for thresholds charged it:
            what it comes to is due on another one, or on that of the period; None otherwise.
    """

    key: LineKey
    replayed: Replayed | None
    before: Money
    after: Money
    closed: bool
    explained: bool
    original: Billed | None
    reopened: Place | None = None
    running: datetime | None = None

    @property
    def money(self) -> Money:
        """Return what is still to be charged, negative for what is to be given back."""
        return self.after - self.before


def differences(
    basis: Basis,
    replayed: Iterable[Replayed],
    billed: Iterable[Billed],
    *,
    reaches: Sequence[Reach] = (),
) -> tuple[Difference, ...]:
    """
    Compare what was replayed with what was billed, key by key.

    Args:
        basis: the contract, for the currency and attribution.
        replayed: the keys as priced now, each once; those of every period that ``billed`` names.
        billed: all issued lines of the subscription, in the order of issue.
        reaches: what was recorded about times that were over.

    Returns:
        Replayed keys in their order, then keys that were billed and are no more.
    """
    history = History(billed, reaches)
    now = {one.key.identity: one for one in replayed}
    gone = [lines[0].key for at, lines in history.by_key.items() if at not in now]
    found = [_difference(basis, one.key, one, history) for one in now.values()]
    return tuple(found + [_difference(basis, key, None, history) for key in gone])


def _difference(
    basis: Basis, key: LineKey, replayed: Replayed | None, history: "History"
) -> Difference:
    own = history.by_key.get(key.identity, [])
    place = history.by_place.get(place_of(key), [])
    invoiced = [
        line
        for line in own
        if line.document_type is DocumentType.INVOICE and line.document not in history.voided
    ]
    nothing = Money(minor=0, currency=basis.currency)
    before = sum((line.money for line in own), nothing)
    after = nothing if replayed is None else settle(replayed.charge.amount)
    last = place[-1].disposition if place else None
    running = None if history.is_closed(place) else running_in(place)
    reopened = None if running is not None else history.reopened(place)
    return Difference(
        key=key,
        replayed=replayed,
        before=before,
        after=min(after, before) if last is Disposition.WAIVE else after,
        closed=last is Disposition.WAIVE or history.is_closed(place),
        explained=reopened is not None
        or _is_explained(basis, replayed, own or place, history.reaches, key=key),
        original=next(
            (line for line in invoiced if line.money.minor > 0), next(iter(invoiced), None)
        ),
        reopened=reopened,
        running=running,
    )


def _is_explained(
    basis: Basis,
    replayed: Replayed | None,
    settled: list[Billed],
    reaches: Sequence[Reach],
    *,
    key: LineKey,
) -> bool:
    if not settled:
        return True
    # Of lines at one position the one issued last says what was known last.
    latest = max(reversed(settled), key=lambda line: line.position)
    attribution = basis.attribution(key.period) if replayed is None else replayed.attribution
    if attribution != latest.attribution or (replayed is None and _is_cut_anew(basis, key)):
        return True
    if replayed is not None and replayed.last_position > latest.position:
        return True
    since = None if replayed is None else replayed.since
    beside = () if replayed is None else replayed.beside
    return reached_after(basis, key, reaches, position=latest.position, since=since) or any(
        reached_after(basis, one, reaches, position=latest.position) for one in beside
    )


def _is_cut_anew(basis: Basis, key: LineKey) -> bool:
    """Tell whether a part that is no more lies within another one now: terms before it changed."""
    return any(
        item.price.key == key.price and item.period.start < key.period.start < item.period.end
        for item in items_around(basis, key.period.start)
    )
