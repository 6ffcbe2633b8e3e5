"""
Replay and difference: what should stand on the books for each key, against what does.

Every key is priced again from all facts known now; what issued documents settled for it is taken
off.  Only the whole is settled, never the difference, so that corrections of corrections add up.

    key                 whole now   settled   difference
    cpu, January        14.00       12.35     +1.65 -> adjustment line on the next document
    calls, January       8.00       10.00     -2.00 -> credit note for January's document
    cpu, February       20.00       nothing   20.00 -> the line of February's own document
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TypeAlias

from tallystick.credits import Part
from tallystick.currency import DatedRate
from tallystick.invoicing.asked import (
    Measured,
    RowsOf,
    attribution_of,
    brought_into,
    charged,
    last_position_together,
    looked_back,
    parts_before,
    parts_by_group,
    row_without_usage,
    together,
    usage_before,
    whole_rows,
)
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import WHOLE, UsageOf, charge_of_item
from tallystick.invoicing.due import Item, due_items
from tallystick.invoicing.invoice import DocumentType, Purpose, Reference
from tallystick.invoicing.line import LineKey, LineKind, Measurement
from tallystick.invoicing.orders import Disposition
from tallystick.kernel import (
    AccountKey,
    Amount,
    InvoiceId,
    Money,
    Period,
    PriceKey,
    SubscriptionKey,
)
from tallystick.metering import UsageRow
from tallystick.pricing import Charge
from tallystick.tax import LineTax

Identity: TypeAlias = tuple[str, str, datetime, tuple[str, ...]]
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """
    A line of an issued document, as later documents need to know it.

    Attributes:
        reference: how a correction names the document; None while it is issued in the same
            transaction, when the same facts can correct nothing.
        purpose, period: of the document, or of its section; the service period is the key's.
        taxes: what the line bore of each tax.
        conversion: the rate by which it was converted; a correction is at the same one.
        taken_off: what the whole document took off the whole key; None: nothing.
        credit: what of it credit took; None: the document is not at hand, and the history of the
            credit says it.
        kind: manual lines settle no key; taxes look at all of them.
        corrects: the document that this one corrects or voids.
        disposition: of a document that voids another one.
        replaces: the voided document in whose place this one was issued.
        is_shared: whether the document is consolidated, or a note on one that is.
        payer: who received the document.
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
    credit: tuple[Part, ...] | None = None
    kind: LineKind = LineKind.DERIVED
    corrects: InvoiceId | None = None
    disposition: Disposition | None = None
    replaces: InvoiceId | None = None
    conversion: DatedRate | None = None
    is_shared: bool = False
    payer: AccountKey | None = None


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


def replayed_items(
    basis: Basis, *, period: Period, purpose: Purpose, billed: Iterable[Billed]
) -> tuple[Item, ...]:
    """
    Return every item whose key must be priced for a draft, each once.

    Those of the document itself come first, then those of the documents issued before, for
    differences.  What documents for thresholds charged waits for the document of its period.
    """
    wanted = {(period, purpose): None}
    for line in billed:
        before = (line.period, line.purpose)
        by_itself = line.kind is LineKind.MANUAL or line.purpose is Purpose.THRESHOLD
        if not by_itself:
            wanted[before] = None
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
    measured = tuple(measured)
    rows = {
        (answer.price, answer.period.start): answer.rows for answer in measured if answer.of is None
    }
    of_tree = {(one.price, one.of, one.period): one.rows for one in measured if one.of is not None}
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
                partial(_rows_of, of_tree, item.price.key),
            )
            for row in loud
        ]
        gone = charged - {one.key.identity for one in priced}
        replayed += [*priced, *_silenced(basis, item, found, gone)]
    return tuple(replayed)


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
    basis: Basis, item: Item, rows: Sequence[UsageRow], charged: set[Identity]
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


def _rows_of(
    measured: Mapping[tuple[PriceKey, SubscriptionKey, Period], Sequence[UsageRow]],
    price: PriceKey,
    of: SubscriptionKey,
    piece: Period,
) -> Sequence[UsageRow]:
    return measured.get((price, of, piece), ())


def _metered(
    basis: Basis,
    item: Item,
    usage: UsageOf,
    before: Sequence[tuple[Item, UsageOf]],
    rows_of: RowsOf,
) -> Replayed:
    row = usage.row or row_without_usage(item)
    used = {one.period.start: earlier for one, earlier in before}
    brought = brought_into(
        basis, item, [one for one, _ in before], lambda one: used[one.period.start]
    )
    brought = replace(brought, together=together(basis, item, usage.group, rows_of))
    meter = basis.meter_of(item.price)
    return Replayed(
        key=_key(basis, item, row.group),
        share=item.share,
        charge=charged(basis, item, usage, brought=brought),
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
            last_position_together(basis, item, usage.group, rows_of),
        ),
        attribution=attribution_of(basis, item),
        since=min((*(one.period.start for one, _ in before), *_looked_from(item)), default=None),
    )


def _looked_from(item: Item) -> tuple[datetime, ...]:
    """Return since when it is looked for runs that go on into an item, where its price asks."""
    back = looked_back(item.price)
    return (item.period.start - back,) if back else ()


def _last_position(row: UsageRow) -> int:
    return 0 if row.evidence is None else row.evidence.last_position


def _key(basis: Basis, item: Item, group: tuple[str, ...]) -> LineKey:
    return LineKey(
        subscription=basis.subscription.key, price=item.price.key, period=item.period, group=group
    )
