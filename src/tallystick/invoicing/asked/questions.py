"""
Which usage a document needs: one question per price, with a window for each service period.

The same questions are put to the projection when a document is drafted and to the reference folds
when it is verified, so both speak of the same windows, subjects and positions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from tallystick.invoicing.asked.detailed import Asking, detailed_rows
from tallystick.invoicing.asked.together import Sharer, sharers
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import Item
from tallystick.kernel import MeterKey, Period, PriceKey, SubscriptionKey, check
from tallystick.metering import SUBJECT, Filter, UsageQuery, UsageRow, narrow
from tallystick.pricing import Need, Price

# What a question depends on: prices of several plans may share their key.
Asked: TypeAlias = tuple[PriceKey, MeterKey | None, tuple[str, ...], str]

_NO_DETAIL = frozenset({Need.NOTHING, Need.COUNT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    A query for the usage that one price prices; ``periods`` belong to the query's windows.

    ``of``: the contract whose usage fills the tiers of the price; None: what is priced itself.
    """

    price: Price
    periods: tuple[Period, ...]
    query: UsageQuery
    of: SubscriptionKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """
    What was measured for a price in a service period: rows of one window, one for each group.

    Behind them those of the detail, where the price asks for some (see `detailed`). ``of``: as of
    its question.
    """

    price: PriceKey
    period: Period
    rows: tuple[UsageRow, ...]
    of: SubscriptionKey | None = None


def questions(
    basis: Basis,
    items: Iterable[Item],
    *,
    position: int,
    preview_at: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Question, ...]:
    """
    Return the questions that the metered items raise, in the order of the plan.

    Behind them those for the usage of all that fills the same tiers, where accounts share them.

    Args:
        basis: the contract, with meters and spans.
        items: what is due; items without a meter raise no question.
        position: the last log position that counts, inclusive.
        preview_at: cut windows at this instant and ask for neither evidence, which costs more than
            the usage itself, nor groups that come to nothing; a period that has not begun by then
            is left out.
        until: cut windows at this instant, with evidence: for a document within a period.
    """
    items = tuple(items)
    cut = until if preview_at is None else preview_at
    windows: dict[Asked, dict[Period, Period]] = {}
    prices: dict[Asked, Price] = {}
    for item in items:
        window = window_until(item.period, cut)
        if item.price.meter is not None and window is not None:
            of = asked(item.price)
            prices[of] = item.price
            windows.setdefault(of, {})[item.period] = window
    own = (
        Question(
            price=prices[of],
            periods=tuple(by_period),
            query=_query(
                basis,
                prices[of],
                tuple(by_period.values()),
                position=position,
                evidence=preview_at is None,
            ),
        )
        for of, by_period in windows.items()
    )
    evidence = preview_at is None
    return (
        *own,
        *questions_together(basis, items, position=position, until=cut, evidence=evidence),
    )


def questions_together(
    basis: Basis,
    items: Iterable[Item],
    *,
    position: int,
    until: datetime | None = None,
    evidence: bool = True,
) -> tuple[Question, ...]:
    """
    Return the questions for the usage of all contracts that fill the tiers of items.

    Args:
        basis: the contract.
        items: what is due; those whose tiers are their own raise none.
        position: the last log position that counts, inclusive.
        until: cut windows at this instant.
        evidence: whether the answers name the events that they rest on.
    """
    found: dict[tuple[Asked, SubscriptionKey], dict[Period, Period]] = {}
    asking: dict[tuple[Asked, SubscriptionKey], tuple[Price, Sharer]] = {}
    for item in items:
        for one in sharers(basis, item):
            at = (asked(item.price), one.subscription)
            asking[at] = (item.price, one)
            pieces = ((piece, window_until(piece, until)) for piece in one.pieces)
            found.setdefault(at, {}).update((piece, cut) for piece, cut in pieces if cut)
    return tuple(
        Question(
            price=price,
            periods=tuple(found[at]),
            query=replace(
                _query(
                    basis,
                    price,
                    tuple(found[at].values()),
                    position=position,
                    evidence=evidence,
                ),
                spans=one.spans,
            ),
            of=one.subscription,
        )
        for at, (price, one) in asking.items()
        if found[at]
    )


def asked(price: Price) -> Asked:
    """Return what the question for a price depends on: its key, meter, groups and detail."""
    detail = "" if price.need in _NO_DETAIL else repr(price.model)
    return (price.key, price.meter, price.group_by, detail)


def measured(question: Question, rows: Sequence[UsageRow]) -> tuple[Measured, ...]:
    """
    Return the answer to a question, by service period.

    Raises:
        InvariantBroken: a row of a window that was not asked for.
    """
    asked = question.query.windows
    check(all(row.window in asked for row in rows), "a row answers a window that was not asked for")
    return tuple(
        Measured(
            price=question.price.key,
            period=period,
            rows=tuple(row for row in rows if row.window == window),
            of=question.of,
        )
        for period, window in zip(question.periods, asked, strict=True)
    )


def answer(question: Question, asking: Asking) -> tuple[Measured, ...]:
    """
    Return the answer to a question with the detail that its price asks for, by service period.

    Raises:
        InvariantBroken, Misuse: see `detailed_rows`.
    """
    return measured(question, detailed_rows(question.price, question.query, asking))


def window_until(period: Period, until: datetime | None) -> Period | None:
    """Return what of a period lies before an instant; None: nothing does."""
    if until is None or until >= period.end:
        return period
    return Period(start=period.start, end=until) if until > period.start else None


def _query(
    basis: Basis, price: Price, windows: tuple[Period, ...], *, position: int, evidence: bool
) -> UsageQuery:
    check(price.meter is not None, f"price {price.key} has no meter")
    return UsageQuery(
        workspace=basis.workspace,
        meter=basis.meter_of(price),
        windows=windows,
        spans=basis.spans,
        group_by=price.group_by,
        through=position,
        evidence=evidence,
        silent=evidence,
        zones=basis.zones_of(windows),
    )


def narrowed(query: UsageQuery, group: tuple[str, ...]) -> UsageQuery:
    """
    Return the query for one group of another query's, as a query without groups.

    Args:
        query: with ``group_by``.
        group: one of its groups, values in the order of ``group_by``.
    """
    paths = {dimension.name: dimension.path for dimension in query.meter.dimensions}
    texts = dict(zip(query.group_by, group, strict=True))
    filters = tuple(
        Filter(path=paths[name], op="eq", values=(text,))
        for name, text in texts.items()
        if name != SUBJECT
    )
    spans = query.spans
    if SUBJECT in texts and spans is not None:
        spans = tuple(span for span in spans if span.subject == texts[SUBJECT])
    return replace(query, meter=narrow(query.meter, filters), spans=spans, group_by=())
