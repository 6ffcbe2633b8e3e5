"""
Replay and difference: what should stand on the books for each key, against what does.

Every key is priced again from all facts known now; what issued documents settled for it is taken
off.  Only the whole is settled, never the difference, so that corrections of corrections add up.

    key                 whole now   settled   difference
    cpu, January        14.00       12.35     +1.65 -> adjustment line on the next document
    calls, January       8.00       10.00     -2.00 -> credit note for January's document
    cpu, February       20.00       nothing   20.00 -> the line of February's own document

A difference in a closed period needs a reason: an event recorded after the position of the settled
line, a correction recorded after it that reaches the key (see `reached`), or a change of
attribution (see `Basis.attribution`).  Without one it is a defect, of ours or of the store's, and
is never billed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from tallystick.invoicing.asked import (
    Measured,
    charged,
    filled_by,
    parts_before,
    parts_by_group,
    row_without_usage,
    usage_before,
    whole_rows,
)
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import WHOLE, UsageOf, charge_of_item
from tallystick.invoicing.due import Item, due_items, items_around
from tallystick.invoicing.invoice import DocumentType, Purpose, Reference
from tallystick.invoicing.line import LineKey, Measurement
from tallystick.invoicing.reached import reached_after
from tallystick.kernel import Amount, InvoiceId, Money, Period, PriceKey, settle
from tallystick.metering import Reach, UsageRow
from tallystick.pricing import Charge
from tallystick.tax import LineTax

_Identity: TypeAlias = tuple[str, str, datetime, tuple[str, ...]]
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """
    A line of an issued document, as later documents need to know it.

    Attributes:
        reference: how a correction names the document; None while it is issued in the same
            transaction, when the same facts can correct nothing.
        period: the billing period of the document; the service period is the key's.
        taxes: what the line bore of each tax.
        taken_off: what the whole document took off the whole key; None: nothing.
    """

    key: LineKey
    money: Money
    position: int
    attribution: str
    document: InvoiceId
    reference: Reference | None
    document_type: DocumentType
    purpose: Purpose
    period: Period
    taxes: tuple[LineTax, ...] = ()
    taken_off: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """
    A key priced from all facts known now.

    Attributes:
        last_position: of the latest event that it follows from.
        since: since when events count for it, where parts of the period before it do; else None.
        beside: the keys with which it shares a coupon or a bound; what reaches them reaches it.
    """

    key: LineKey
    share: Fraction
    charge: Charge
    measurement: Measurement | None
    last_position: int
    attribution: str
    since: datetime | None = None
    beside: tuple[LineKey, ...] = ()


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
            names it; None if none does.
    """

    key: LineKey
    replayed: Replayed | None
    before: Money
    after: Money
    closed: bool
    explained: bool
    original: Billed | None

    @property
    def money(self) -> Money:
        """Return what is still to be charged, negative for what is to be given back."""
        return self.after - self.before


def replayed_items(
    basis: Basis, *, period: Period, purpose: Purpose, billed: Iterable[Billed]
) -> tuple[Item, ...]:
    """
    Return every item whose key must be priced for a draft, each once.

    Those of the document itself come first, then those of the documents issued before, for
    differences.
    """
    wanted = [(period, purpose)]
    for line in billed:
        before = (line.period, line.purpose)
        if line.purpose is not Purpose.CORRECTION and before not in wanted:
            wanted.append(before)
    items: dict[tuple[object, object], Item] = {}
    for of_period, of_purpose in wanted:
        for item in due_items(basis, period=of_period, purpose=of_purpose):
            items.setdefault((item.price.key, item.period.start), item)
    return tuple(items.values())


def replay(
    basis: Basis,
    items: Iterable[Item],
    measured: Iterable[Measured],
    *,
    billed: Iterable[Billed] = (),
) -> tuple[Replayed, ...]:
    """
    Price every item from its usage: one key per item, or per group where the price has groups.

    An item without usage gives a key with quantity 0, so that its line can be shown. A group that
    was billed and now comes to nothing gives a key that charges nothing, with the event that says
    so; any other such group gives none.

    Args:
        basis: the contract.
        items: what is priced.
        measured: the answers to the questions of the items.
        billed: issued lines, for the groups that were billed.

    Raises:
        UnitMismatch: a meter's unit does not convert into its price's.
    """
    items = tuple(items)
    rows = {(answer.price, answer.period.start): answer.rows for answer in measured}
    charged = {line.key.identity for line in billed}
    replayed: list[Replayed] = []
    for item in items:
        attribution = basis.attribution(item.period)
        if item.price.meter is None:
            replayed.append(_flat(basis, item, attribution))
            continue
        detailed = rows.get((item.price.key, item.period.start), ())
        found, parts = whole_rows(item.price, detailed), parts_by_group(item.price, detailed)
        loud = [row for row in found if not (row.group and row.fold.is_empty)] or [
            row_without_usage(item)
        ]
        before = parts_before(basis, item, items)
        priced = [
            _metered(
                basis,
                item,
                UsageOf(group=row.group, row=row, parts=parts.get(row.group, ())),
                usage_before(before, rows, row.group),
            )
            for row in loud
        ]
        gone = charged - {one.key.identity for one in priced}
        replayed += [*priced, *_silenced(basis, item, found, gone)]
    return tuple(replayed)


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
    history = _History(billed, reaches)
    now = {one.key.identity: one for one in replayed}
    gone = [lines[0].key for at, lines in history.by_key.items() if at not in now]
    found = [_difference(basis, one.key, one, history) for one in now.values()]
    return tuple(found + [_difference(basis, key, None, history) for key in gone])


def vanished(basis: Basis, key: LineKey, *, last_position: int = 0) -> Replayed:
    """
    Return what stands for a key that the facts no longer hold: nothing used, nothing charged.

    Args:
        basis: the contract.
        key: what was charged before.
        last_position: of the latest event that says so, 0 if none does.
    """
    nothing = Amount(value=_ZERO, currency=basis.currency)
    return Replayed(
        key=key,
        share=WHOLE,
        charge=Charge(price=key.price, quantity=_ZERO, unit="", amount=nothing, steps=()),
        measurement=None,
        last_position=last_position,
        attribution=basis.attribution(key.period),
    )


def _difference(
    basis: Basis, key: LineKey, replayed: Replayed | None, history: "_History"
) -> Difference:
    own = history.by_key.get(key.identity, [])
    invoiced = [line for line in own if line.document_type is DocumentType.INVOICE]
    place = history.by_place.get(_place(key), [])
    nothing = Money(minor=0, currency=basis.currency)
    return Difference(
        key=key,
        replayed=replayed,
        before=sum((line.money for line in own), nothing),
        after=nothing if replayed is None else settle(replayed.charge.amount),
        closed=bool(place),
        explained=_is_explained(basis, replayed, own or place, history.reaches, key=key),
        original=next(
            (line for line in invoiced if line.money.minor > 0), next(iter(invoiced), None)
        ),
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


class _History:
    """Issued lines, by key and by price and period, in the order of issue; what reached them."""

    def __init__(self, billed: Iterable[Billed], reaches: Sequence[Reach]) -> None:
        self.reaches = reaches
        self.by_key: dict[_Identity, list[Billed]] = {}
        self.by_place: dict[tuple[PriceKey, datetime], list[Billed]] = {}
        for line in billed:
            self.by_key.setdefault(line.key.identity, []).append(line)
            self.by_place.setdefault(_place(line.key), []).append(line)


def _place(key: LineKey) -> tuple[PriceKey, datetime]:
    return (key.price, key.period.start)


def _flat(basis: Basis, item: Item, attribution: str) -> Replayed:
    key = _key(basis, item, ())
    return Replayed(
        key=key,
        share=item.share,
        charge=charge_of_item(basis, key, item, item.quantity),
        measurement=None,
        last_position=0,
        attribution=attribution,
    )


def _silenced(
    basis: Basis, item: Item, rows: Sequence[UsageRow], charged: set[_Identity]
) -> Iterable[Replayed]:
    """
    Yield the groups of an item that were charged and come to nothing now.

    The line that stood for no usage at all is among them once any group was used.
    """
    positions = {row.group: _last_position(row) for row in rows}
    nobody = row_without_usage(item).group
    positions.setdefault(nobody, max(positions.values(), default=0))
    for group, position in positions.items():
        key = _key(basis, item, group)
        if key.identity in charged:
            yield vanished(basis, key, last_position=position)


def _metered(
    basis: Basis, item: Item, usage: UsageOf, before: Sequence[tuple[Item, UsageOf]] = ()
) -> Replayed:
    row = usage.row or row_without_usage(item)
    used = {one.period.start: earlier for one, earlier in before}
    start = filled_by(basis, [one for one, _ in before], lambda one: used[one.period.start])
    meter = basis.meter_of(item.price)
    return Replayed(
        key=_key(basis, item, row.group),
        share=item.share,
        charge=charged(basis, item, usage, start=start),
        measurement=Measurement(
            meter=meter.key,
            window=row.window,
            quantity=row.fold.quantity,
            events=row.fold.events if row.evidence is None else row.evidence.events,
            digest="" if row.evidence is None else row.evidence.digest,
            unmeterable=row.fold.unmeterable,
            gap_seconds=row.fold.gap_seconds,
        ),
        last_position=max(
            _last_position(row),
            *(_last_position(one.row) for _, one in before if one.row is not None),
            0,
        ),
        attribution=basis.attribution(item.period),
        since=min((one.period.start for one, _ in before), default=None),
    )


def _last_position(row: UsageRow) -> int:
    return 0 if row.evidence is None else row.evidence.last_position


def _key(basis: Basis, item: Item, group: tuple[str, ...]) -> LineKey:
    return LineKey(
        subscription=basis.subscription.key, price=item.price.key, period=item.period, group=group
    )
