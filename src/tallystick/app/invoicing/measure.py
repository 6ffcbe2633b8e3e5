"""Puts the questions of a document to the projection, and drafts from the answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tallystick.app.invoicing.load_rates import issue_day, with_rates
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Asking,
    Basis,
    Billed,
    Drafts,
    Due,
    Facts,
    Invoice,
    Measured,
    Purpose,
    Question,
    SealedUsage,
    answer,
    as_agreed_for,
    as_billed,
    beside,
    billed_within,
    draft_invoice,
    missing_documents,
    missing_prices,
    passes_threshold,
    questions,
    replayed_items,
    running_period,
    sealed_measured,
    spans_of_members,
    spent_by,
    with_spent,
)
from tallystick.kernel import (
    Done,
    Outcome,
    Problem,
    Refused,
    SubscriptionKey,
    instant_text,
)
from tallystick.metering import Event, Reach, UsageQuery, event_types

_PAGE = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """
    What removal left to bills.

    Attributes:
        sealed: of the subscription.
        removed_before: by event type, the instant before which events may be gone.
    """

    sealed: tuple[SealedUsage, ...] = ()
    removed_before: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrder:
    """
    Which document to draft from what.

    Attributes:
        billed: issued lines of the subscription; empty leaves corrections out.
        beside: those of the contracts with which it shared documents.
        rated: those that are not corrected with it, for the exchange rates that they keep.
        elsewhere: those to other payers of it.
        position: last log position that counts.
        reaches: what was recorded about times that were over.
        kept: what was sealed, and before when events are gone.
        preview_at: measure only up to here, without evidence; None: for issue.
    """

    basis: Basis
    due: Due
    billed: tuple[Billed, ...]
    position: int
    reaches: tuple[Reach, ...] = ()
    kept: Kept = field(default_factory=Kept)
    beside: tuple[Billed, ...] = ()
    rated: tuple[Billed, ...] = ()
    elsewhere: tuple[Billed, ...] = ()
    preview_at: datetime | None = None


def draft_due(order: DraftOrder, sources: BillingSources) -> Outcome[Drafts]:
    """
    Draft one document, with the corrections that fall due with it.

    Problems:
        unexplained_difference, overlapping_periods: see `draft_invoice`.
        no_country, no_tax_rule, no_exchange_rate: see `draft_invoice`.
        usage_removed: see `measured_usage`.
        price_series_incomplete: see `missing_prices`.
    """
    basis, due = order.basis, order.due
    if unpublished := tuple(_unpublished(order)):
        return Refused(unpublished)
    usage = measured_usage(order, sources)
    if isinstance(usage, Refused):
        return usage
    return draft_invoice(
        Facts(
            basis=basis,
            period=due.period,
            purpose=due.purpose,
            position=order.position,
            measured=usage.value,
            billed=order.billed,
            beside=order.beside,
            rated=order.rated,
            elsewhere=order.elsewhere,
            reaches=order.reaches,
            tzdata_version=sources.tzdata_version,
            issue_on=_issue_on(order, sources),
        )
    )


def _unpublished(order: DraftOrder) -> Iterator[Problem]:
    """Yield the prices that are not published yet; within a period those known count so far."""
    due = order.due
    if order.preview_at is None and due.purpose is not Purpose.THRESHOLD:
        yield from missing_prices(
            replayed_items(order.basis, period=due.period, purpose=due.purpose, billed=order.billed)
        )


def _issue_on(order: DraftOrder, sources: BillingSources) -> date | None:
    """Return the seller's day on which the document will be issued, where anything asks for it."""
    if order.basis.tax is None and not order.basis.rates:
        return None
    return issue_day(order.basis, order.due, now=sources.clock.now())


def measured_usage(
    order: DraftOrder, sources: BillingSources, *, counted: int = 0, left_out: int = 0
) -> Outcome[tuple[Measured, ...]]:
    """
    Return the usage of every key that a draft prices: what was sealed, and what the events say.

    Args:
        order: the draft.
        sources: the projection.
        counted: number of a backfill, as for a `UsageQuery`; 0 for none.
        left_out: the same.

    Problems:
        usage_removed: it needs usage of a time of which events may be gone, and which was not
            sealed: of a contract that was backdated, or of a period whose end was moved.
    """
    answers, asked = questions_of(order)
    gone = [problem for question in asked for problem in _gone(question, order.kept)]
    if gone:
        return Refused(tuple(gone))
    asking = asking_of(sources)
    found = [
        one
        for question in asked
        for one in answer(_with_backfill(question, counted, left_out), asking)
    ]
    return Done((*answers, *found))


def questions_of(order: DraftOrder) -> tuple[tuple[Measured, ...], tuple[Question, ...]]:
    """Return what was sealed of a draft's usage, and the questions for the rest."""
    basis, due = order.basis, order.due
    items = replayed_items(basis, period=due.period, purpose=due.purpose, billed=order.billed)
    wanted = (*items, *beside(basis, items))
    answers, open_items = sealed_measured(wanted, order.kept.sealed)
    until = due.at if due.purpose is Purpose.THRESHOLD else None
    asked = questions(
        basis, open_items, position=order.position, preview_at=order.preview_at, until=until
    )
    return tuple(answers), asked


def asking_of(sources: BillingSources) -> Asking:
    """Return the projection as whom to ask for usage and its events."""

    def events(query: UsageQuery) -> Iterator[Event]:
        after = 0
        while page := sources.usage.events(query, after_position=after, limit=_PAGE):
            yield from page
            after = page[-1].position

    return Asking(rows=sources.usage.usage, events=events)


def _with_backfill(question: Question, counted: int, left_out: int) -> Question:
    query = replace(question.query, counted=counted, left_out=left_out)
    return replace(question, query=query)


def _gone(question: Question, kept: Kept) -> Iterator[Problem]:
    for event_type in sorted(event_types(question.query.meter)):
        before = kept.removed_before.get(event_type)
        for window in question.query.windows:
            if before is not None and window.start < before:
                message = (
                    f"{question.price.key} in {window} needs events of type {event_type}; those "
                    f"used before {instant_text(before)} were removed, and the period was not "
                    "sealed"
                )
                field_ = f"prices.{question.price.key}"
                yield Problem(code="usage_removed", message=message, field=field_)


def load_kept(uow: UnitOfWork, subscription: SubscriptionKey) -> Kept:
    """Return what removal left to a subscription's bills, in a unit of work that is open."""
    floors = {floor.event_type: floor.removed_before for floor in uow.retention.floors()}
    if not floors:
        return Kept()
    return Kept(sealed=uow.sealed.load(subscription), removed_before=floors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    What stands for a subscription already.

    Attributes:
        billed: its issued lines; where its payer changes, those to the payer of the basis.
        elsewhere: those to other payers.
        reaches: what was recorded about times that were over, since the first of those lines.
        kept: what removal left.
        beside: issued lines of the contracts with which it shared documents; taxes look at them.
    """

    billed: tuple[Billed, ...] = ()
    reaches: tuple[Reach, ...] = ()
    kept: Kept = field(default_factory=Kept)
    beside: tuple[Billed, ...] = ()
    elsewhere: tuple[Billed, ...] = ()


def load_books(uow: UnitOfWork, basis: Basis) -> Books:
    """Return what stands for a subscription, within a unit of work that is open."""
    lines = uow.invoices.load_billed(basis.subscription.key)
    billed = tuple(one for one in lines if not basis.payers or one.payer == basis.payer)
    elsewhere = tuple(one for one in lines if basis.payers and one.payer != basis.payer)
    kept = load_kept(uow, basis.subscription.key)
    if not billed:
        return Books(kept=kept, elsewhere=elsewhere)
    reaches = uow.reaches.load(
        meters=[meter.key for meter in basis.meters],
        subjects=sorted({span.subject for span in (*basis.spans, *spans_of_members(basis.tree))}),
        after=min(line.position for line in billed),
    )
    beside = _of_others(uow, basis.subscription.key) if any(one.is_shared for one in billed) else ()
    return Books(billed=billed, reaches=reaches, kept=kept, beside=beside, elsewhere=elsewhere)


def _of_others(uow: UnitOfWork, subscription: SubscriptionKey) -> tuple[Billed, ...]:
    found = uow.shared.load_billed([subscription])
    return tuple(line for line in found if line.key.subscription != subscription)


def with_rates_due(
    uow: UnitOfWork, basis: Basis, books: Books, *, through: datetime, now: datetime
) -> Basis:
    """Return a basis as documents due by an instant see it, with the exchange rates of them all."""
    dues = missing_documents(basis, books.billed, through=through)
    basis = as_agreed_for(basis, dues, books.billed)
    if all(price.money == basis.currency for price in basis.prices):
        return basis
    within = running_period(basis, through)
    asked = dues if within is None else (*dues, within)
    return with_rates(uow, basis, asked, billed=books.billed, now=now)


def draft_missing(
    basis: Basis,
    books: Books,
    sources: BillingSources,
    *,
    through: datetime,
    position: int,
) -> Outcome[tuple[Invoice, ...]]:
    """
    Draft all documents that are due by an instant and not issued, each on those before it.

    Usage of the period that runs is drafted behind them where it passes a threshold.

    Problems:
        As `draft_due`; then none is drafted.
    """
    dues = missing_documents(basis, books.billed, through=through)
    made = draft_each(basis, books, sources, dues=dues, position=position)
    return draft_within(made, basis, books, sources, Until(through=through, position=position))


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """Up to when usage counts, and up to which log position."""

    through: datetime
    position: int


def draft_within(
    made: Outcome[tuple[Invoice, ...]],
    basis: Basis,
    books: Books,
    sources: BillingSources,
    until: Until,
) -> Outcome[tuple[Invoice, ...]]:
    """
    Return what was drafted, with usage of the period that runs where it passes a threshold.

    Problems:
        As `draft_due`, and those of what was drafted.
    """
    running = running_period(basis, until.through)
    if isinstance(made, Refused) or running is None:
        return made
    billed = (*books.billed, *as_billed(made.value))
    order = DraftOrder(
        basis=with_spent(basis, spent_by(made.value, basis, billed=books.billed)),
        due=running,
        billed=billed_within(basis, billed, running),
        rated=billed,
        elsewhere=books.elsewhere,
        position=until.position,
        reaches=books.reaches,
        kept=books.kept,
        beside=books.beside,
    )
    outcome = draft_due(order, sources)
    if isinstance(outcome, Refused):
        return outcome
    draft = outcome.value.invoice
    if draft is None or not passes_threshold(basis, draft, billed, at=until.through):
        return made
    return Done((*made.value, draft))


def draft_each(
    basis: Basis, books: Books, sources: BillingSources, *, dues: Iterable[Due], position: int
) -> Outcome[tuple[Invoice, ...]]:
    """
    Draft documents that are due, each on those before it.

    Problems:
        As `draft_due`; then none is drafted.
    """
    made: list[Invoice] = []
    for due in dues:
        order = DraftOrder(
            basis=with_spent(basis, spent_by(made, basis, billed=books.billed)),
            due=due,
            billed=(*books.billed, *as_billed(made)),
            position=position,
            reaches=books.reaches,
            kept=books.kept,
            beside=books.beside,
            elsewhere=books.elsewhere,
        )
        outcome = draft_due(order, sources)
        if isinstance(outcome, Refused):
            return outcome
        made += outcome.value.documents
    return Done(tuple(made))
