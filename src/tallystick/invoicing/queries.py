"""Which usage a document rests on: the queries whose events a verification of it needs."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from tallystick.invoicing.asked import (
    Asked,
    Question,
    asked,
    items_behind,
    looked_back,
    narrowed,
    parts_before,
    questions_together,
)
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import Item, item_of, items_around
from tallystick.invoicing.gathered.parts import sections_of
from tallystick.invoicing.invoice import Invoice, Purpose
from tallystick.invoicing.line import Line
from tallystick.invoicing.sealed import SealedUsage, sealed_windows
from tallystick.invoicing.whole import beside
from tallystick.kernel import Period
from tallystick.metering import UsageQuery
from tallystick.pricing import Price


def verification_queries(
    invoice: Invoice, basis: Basis, *, sealed: Collection[SealedUsage] = ()
) -> tuple[UsageQuery, ...]:
    """
    Return the usage queries whose events a verification of the document needs.

    Args:
        invoice: the document.
        basis: its contract.
        sealed: what was sealed for it; no events are needed for that.
    """
    priced = priced_queries(invoice, basis, sealed=sealed)
    before = (one for price, query in priced for one in _looking_back(price, query))
    shared = (
        question.query
        for part in sections_of(invoice, basis) or (invoice,)
        for question in shared_questions(part, basis.of(part.subscription))
    )
    return (*(query for _, query in priced), *before, *shared)


def shared_questions(invoice: Invoice, basis: Basis) -> tuple[Question, ...]:
    """
    Return the questions for all that fills the tiers of a document's lines, where they are shared.

    Args:
        invoice: of one contract.
        basis: that contract.
    """
    if invoice.purpose in {Purpose.VOID, Purpose.CREDIT, Purpose.ONE_OFF}:
        return ()
    items = (item_of(basis, line.key.price, line.key.period) for line in invoice.lines)
    wanted = (*(item for item in items if item is not None), *_near(invoice, basis))
    return questions_together(basis, wanted, position=invoice.position, until=_measured_to(invoice))


def _measured_to(invoice: Invoice) -> datetime | None:
    """Return up to when a document within a period counts usage; None: all of its periods."""
    measured = [
        (line.measurement.window.end, line.key.period.end)
        for line in invoice.lines
        if line.measurement is not None
    ]
    if invoice.purpose is Purpose.THRESHOLD:
        return max((end for end, _ in measured), default=None)
    return min((end for end, whole in measured if end < whole), default=None)


def _looking_back(price: Price, query: UsageQuery) -> Iterator[UsageQuery]:
    """Yield queries for the events before windows that say when a run began which goes on there."""
    back = looked_back(price)
    for index, window in enumerate(query.windows if back else ()):
        around = Period(start=window.start - back, end=window.start)
        yield replace(query, windows=(around,), zones=(query.zone_of(index),))


def priced_queries(
    invoice: Invoice, basis: Basis, *, sealed: Collection[SealedUsage] = ()
) -> tuple[tuple[Price, UsageQuery], ...]:
    """
    Return `verification_queries`, each with its price, in the order of the plans.

    A price has several where plans of the contract price another meter, or other groups, under its
    key.
    """
    if invoice.purpose in {Purpose.VOID, Purpose.CREDIT}:
        return ()  # an ordered note follows from documents, not from events
    if invoice.sections:
        return tuple(chain.from_iterable(_of_sections(invoice, basis, sealed)))
    known = sealed_windows(invoice.id, sealed)
    windows: dict[Asked, list[Period]] = {}
    for line in invoice.lines:
        price = basis.price_of(line.key)
        if price is None or price.meter is None:
            continue
        window = line.key.period if line.measurement is None else line.measurement.window
        for one, at in [(price, window), *_filling(basis, line)]:
            of_price = windows.setdefault(asked(one), [])
            if (one.key, at) not in known and at not in of_price:
                of_price.append(at)
    for item in _near(invoice, basis):
        of_price = windows.setdefault(asked(item.price), [])
        at = until_cut(invoice, item.period)
        if (item.price.key, at) not in known and at not in of_price:
            of_price.append(at)
    prices = {asked(price): price for price in basis.prices}
    return tuple(
        (
            price,
            UsageQuery(
                workspace=basis.workspace,
                meter=basis.meter_of(price),
                windows=tuple(windows[of]),
                zones=basis.zones_of(windows[of]),
                spans=basis.spans,
                group_by=price.group_by,
                through=invoice.position,
                evidence=True,
            ),
        )
        for of, price in prices.items()
        if windows.get(of)
    )


def _of_sections(
    invoice: Invoice, basis: Basis, sealed: Collection[SealedUsage]
) -> Iterator[tuple[tuple[Price, UsageQuery], ...]]:
    """Yield the queries of each section, with what was sealed of its contract."""
    for section in sections_of(invoice, basis):
        own = [one for one in sealed if one.subscription == section.subscription]
        of_it = [replace(one, document=section.id) for one in own]
        yield priced_queries(section, basis.of(section.subscription), sealed=of_it)


def until_cut(invoice: Invoice, period: Period) -> Period:
    """Return what of a service period a document measured: all of it, or up to a threshold."""
    ends = [line.measurement.window.end for line in invoice.lines if line.measurement is not None]
    if invoice.purpose is not Purpose.THRESHOLD or max(ends, default=period.end) <= period.start:
        return period
    return Period(start=period.start, end=min(period.end, max(ends, default=period.end)))


def _near(invoice: Invoice, basis: Basis) -> list[Item]:
    """Return what is metered besides a document's lines and decides what coupons take off them."""
    items = [item_of(basis, line.key.price, line.key.period) for line in invoice.lines]
    near = beside(basis, [item for item in items if item is not None])
    return [item for item in near if item.price.meter is not None]


def _filling(basis: Basis, line: Line) -> list[tuple[Price, Period]]:
    """Return the parts of the billing period whose usage fills a line's tiers before it."""
    items = items_around(basis, line.key.period.start)
    return [
        (before.price, before.period)
        for item in items
        if (item.price.key, item.period) == (line.key.price, line.key.period)
        and item.price.meter is not None
        for before in parts_before(basis, item, items_behind(basis, item))
    ]


def line_query(basis: Basis, line: Line) -> UsageQuery | None:
    """Return the usage query whose events a line rests on; None for what is not metered."""
    basis = basis.of(line.key.subscription)
    price = basis.price_of(line.key)
    if price is None or price.meter is None or line.measurement is None:
        return None
    query = UsageQuery(
        workspace=basis.workspace,
        meter=basis.meter_of(price),
        windows=(line.measurement.window,),
        zones=basis.zones_of([line.measurement.window]),
        spans=basis.spans,
        group_by=price.group_by,
        through=line.position,
        evidence=True,
    )
    return narrowed(query, line.key.group)
