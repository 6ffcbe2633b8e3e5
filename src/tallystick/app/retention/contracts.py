"""What the bills of a subscription need of usage that is to be removed, and the sealing of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.app.invoicing import (
    BillingSources,
    DraftOrder,
    StoredDocument,
    asking_of,
    draft_due,
    load_books,
    load_claim,
    measured_by_day,
    measured_usage,
    read_basis,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Basis,
    Billed,
    Due,
    Line,
    Purpose,
    SealedUsage,
    UsageByDay,
    charted_lines,
    detailed_rows,
    items_around,
    missing_documents,
    previous_of,
    priced_queries,
    verify_document,
)
from tallystick.kernel import InvariantBroken, InvoiceId, PriceKey, Refused, SubscriptionKey
from tallystick.metering import event_types
from tallystick.retention import Obstacle

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """
    A subscription that bills usage of a type.

    Attributes:
        counted: its prices that count the type.
        position: the last log position that counts.
    """

    basis: Basis
    event_type: str
    counted: frozenset[PriceKey]
    billed: tuple[Billed, ...]
    position: int


def contract_of(
    uow: UnitOfWork, basis: Basis, *, event_type: str, position: int
) -> Contract | None:
    """Return what a subscription bills of a type, None if it does not count it."""
    counted = frozenset(
        price.key
        for price in basis.prices
        if price.meter is not None and event_type in event_types(basis.meter_of(price))
    )
    if not counted:
        return None
    return Contract(
        basis=basis,
        event_type=event_type,
        counted=counted,
        billed=load_books(uow, basis).billed,
        position=position,
    )


def open_obstacles(
    contract: Contract, *, closed_before: datetime, now: datetime
) -> Iterator[Obstacle]:
    """Yield the periods that reach beyond the close or were not issued, and what bars removal."""
    basis, name = contract.basis, contract.basis.subscription.key
    missing = {
        due.period.start
        for due in missing_documents(basis, contract.billed, through=now)
        if due.purpose is Purpose.PERIOD
    }
    for period in basis.billing_periods(through=closed_before):
        span = period.span
        if span.start >= closed_before:
            continue
        if span.end > closed_before:
            message = f"the period {span} of {name} reaches beyond the horizon"
            yield Obstacle(code="open_period", message=message, since=span.start)
        elif span.start in missing:
            message = f"the period {span} of {name} was not issued"
            yield Obstacle(code="not_issued", message=message, since=span.start)
    yield from _price_obstacles(contract, closed_before=closed_before)


def _price_obstacles(contract: Contract, *, closed_before: datetime) -> Iterator[Obstacle]:
    """Yield the prices that need usage beyond the billing periods it was billed in."""
    basis, name = contract.basis, contract.basis.subscription.key
    for item in items_around(basis, closed_before - _MOMENT):
        counted = item.price.interval is not None and item.price.key in contract.counted
        if counted and item.period.start < closed_before < item.due_at:
            message = f"{item.price.key} of {name} is due for {item.period} only later"
            yield Obstacle(code="open_period", message=message, since=item.period.start)
    end = basis.subscription.end
    for price in basis.prices:
        if price.key not in contract.counted or not price.reaches_back:
            continue
        if end is None or end > closed_before:
            message = f"price {price.key} of {name} goes on from all usage since it began"
            yield Obstacle(code="reaches_back", message=message, since=basis.subscription.start)
    for price in basis.prices:
        if price.key in contract.counted and price.shares_tiers:
            message = f"price {price.key} of {name} follows from what other accounts used"
            yield Obstacle(code="shares_tiers", message=message, since=basis.subscription.start)
    for price in basis.prices:
        if price.key in contract.counted and len(event_types(basis.meter_of(price))) > 1:
            message = f"price {price.key} of {name} counts it together with other types"
            yield Obstacle(code="formula", message=message, since=None)


def proof_obstacles(
    contract: Contract, uow: UnitOfWork, sources: BillingSources, *, before: datetime
) -> Iterator[Obstacle]:
    """Yield what of a time to be removed is not billed yet, or comes out otherwise."""
    name = contract.basis.subscription.key
    order = _replay(contract, uow)
    if order is None:
        return
    drafts = draft_due(order, sources)
    if isinstance(drafts, Refused):
        yield Obstacle(code="defect", message=f"{name}: {drafts.problems[0].message}", since=None)
        return
    for document in drafts.value.documents:
        for line in document.lines:
            if line.key.price in contract.counted and line.key.period.start < before:
                message = f"{line.key} of {name} has a difference that was not billed"
                since = line.key.period.start
                yield Obstacle(code="correction_due", message=message, since=since)
    for stored in _documents(contract, uow, before=before):
        sealed = _sealed_for(stored, sources, subscription=name)
        claim = load_claim(uow, stored, sealed=sealed)
        verdict = verify_document(claim, (), only=name)
        if isinstance(verdict, Refused):
            message = f"{stored.invoice.number or stored.invoice.id}: {verdict.problems[0].message}"
            since = min(one.window.start for one in sealed)
            yield Obstacle(code="not_proven", message=message, since=since)


def seal_contract(
    contract: Contract, uow: UnitOfWork, sources: BillingSources, *, before: datetime
) -> int:
    """
    Seal what the documents rest on, and what stands for each period; return how many documents.

    Raises:
        InvariantBroken: a document does not come out as it was issued; nothing may be removed.
    """
    name = contract.basis.subscription.key
    order = _replay(contract, uow)
    if order is None:
        return 0
    usage = measured_usage(order, sources)
    if isinstance(usage, Refused):
        raise InvariantBroken(f"{name}: {usage.problems[0].message}")
    standing = [
        SealedUsage(document=None, price=one.price, window=one.period, rows=one.rows)
        for one in usage.value
        if one.price in contract.counted and one.period.start < before
    ]
    documents = 0
    for stored in _documents(contract, uow, before=before):
        sealed = _sealed_for(stored, sources, subscription=name)
        claim = load_claim(uow, stored, sealed=sealed)
        verdict = verify_document(claim, (), only=name)
        if isinstance(verdict, Refused):
            raise InvariantBroken(f"{stored.invoice.id}: {verdict.problems[0].message}")
        uow.sealed.save(name, sealed, position=stored.invoice.position)
        uow.sealed.save_days(stored.invoice.id, _charted(stored, sources, subscription=name))
        documents += 1
    uow.sealed.save(name, standing, position=contract.position)
    return documents


def _replay(contract: Contract, uow: UnitOfWork) -> DraftOrder | None:
    """Return the order to look at all that was billed again; None where nothing was."""
    if not contract.billed:
        return None
    books = load_books(uow, contract.basis)
    period = contract.billed[-1].period
    return DraftOrder(
        basis=contract.basis,
        due=Due(period=period, purpose=Purpose.CORRECTION, at=period.end),
        billed=books.billed,
        position=contract.position,
        reaches=books.reaches,
        kept=books.kept,
    )


def _documents(
    contract: Contract, uow: UnitOfWork, *, before: datetime
) -> Iterator[StoredDocument]:
    """Yield the documents that rest on usage before an instant and were not sealed yet."""
    known = {one.document for one in uow.sealed.load(contract.basis.subscription.key)}
    wanted: dict[InvoiceId, None] = {
        line.document: None
        for line in contract.billed
        if line.key.price in contract.counted
        and line.key.period.start < before
        and line.document not in known
    }
    found = (uow.invoices.load_document(id_) for id_ in wanted)
    yield from (one for one in found if one is not None)


def _charted(
    stored: StoredDocument, sources: BillingSources, *, subscription: SubscriptionKey
) -> Iterator[tuple[Line, UsageByDay]]:
    """Yield the usage by day that a document's charts show of one contract."""
    basis = read_basis(stored)
    if basis.issuer is not None and not basis.issuer.branding.charts:
        return
    for line in charted_lines(stored.invoice):
        if line.key.subscription == subscription:
            found = measured_by_day(line, basis, sources.usage)
            if found is not None:
                yield line, found


def _sealed_for(
    stored: StoredDocument, sources: BillingSources, *, subscription: SubscriptionKey
) -> tuple[SealedUsage, ...]:
    """Return what the events say for every metered line of one contract on a document."""
    sealed: list[SealedUsage] = []
    basis, own = read_basis(stored).of(subscription), previous_of([stored.invoice], subscription)
    queries = [pair for one in own for pair in priced_queries(one, basis)]
    for price, query in queries:
        rows = detailed_rows(price, query, asking_of(sources))
        sealed += [
            SealedUsage(
                document=stored.invoice.id,
                price=price.key,
                window=window,
                rows=tuple(row for row in rows if row.window == window),
                subscription=subscription,
            )
            for window in query.windows
        ]
    return tuple(sealed)
