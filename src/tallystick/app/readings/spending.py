"""
What a contract has come to in a span of time, before tax, as its documents settle it.

    a span from March 1, a contract billed on the 15th, now March 20

    usage of the period from February 15 on, up to March 15      312.40
    less what it came to by March 1                              208.10     104.30
    usage of the period from March 15 on, up to now                          17.75
    fees whose service begins within the span                                49.00
                                                                            171.05

Usage counts as it is used, by the draft of the period that holds it: allowances and tiers are those
of the period.  Fees and what persons ordered count when their service begins; a fee in advance from
its document on.  What only the end of a period settles, as minimums, counts with its document.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.invoicing import BillingSources
from tallystick.app.invoicing.load_basis import load_running_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import (
    Books,
    DraftOrder,
    draft_due,
    load_books,
    questions_of,
)
from tallystick.app.invoicing.previewing.running import Look
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, Subscription
from tallystick.invoicing import (
    Basis,
    Billed,
    Due,
    Invoice,
    LineKey,
    LineKind,
    Purpose,
    asked_at,
    billed_within,
)
from tallystick.kernel import Done, Money, Outcome, Period, Refused
from tallystick.metering import UsageQuery
from tallystick.pricing import SpendPrice
from tallystick.tax import net_of

PERIODS_MAX = 62
"""How many billing periods a span may hold; what is billed by the hour is watched by the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a span came to so far, of one currency: usage, and fees whose service has begun."""

    usage: Money
    fees: Money

    @property
    def total(self) -> Money:
        """Return both together."""
        return self.usage + self.fees

    def __add__(self, other: "Spent") -> "Spent":
        """Return what two contracts came to."""
        return Spent(usage=self.usage + other.usage, fees=self.fees + other.fees)

    def __sub__(self, other: "Spent") -> "Spent":
        """Return what was added since."""
        return Spent(usage=self.usage - other.usage, fees=self.fees - other.fees)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningContract:
    """A contract whose billing period runs, with what was issued for it."""

    basis: Basis
    books: Books
    period: Period


def load_running(
    subscription: Subscription, definitions: Catalog, *, at: datetime, uow: UnitOfWork
) -> Outcome[RunningContract | None]:
    """
    Return a contract to be read, None where none of its billing periods runs.

    Problems:
        Those of `load_running_basis`.
    """
    loaded = load_running_basis(uow, definitions, subscription, at=at)
    if isinstance(loaded, Refused):
        return loaded
    basis = loaded.value
    last = basis.periods_of().last(at)
    if last is None or not last.span.contains(at):
        return Done(None)
    books = load_books(uow, basis)
    due = Due(period=last.span, purpose=Purpose.PERIOD, at=last.span.end)
    rated = with_rates(uow, asked_at(basis, due.at), [due], billed=books.billed, now=at)
    return Done(RunningContract(basis=rated, books=books, period=last.span))


def queries_of(contract: RunningContract, look: Look) -> Iterator[UsageQuery]:
    """Yield what the draft of a running period asks for, to be read ahead with that of others."""
    order = _order(contract, _so_far(contract, contract.period, look.at), look)
    yield from (question.query for question in questions_of(order)[1])


def spent_within(
    contract: RunningContract, span: Period, *, look: Look, sources: BillingSources
) -> Outcome[Spent | None]:
    """
    Return what a contract came to within a span so far; None where it holds too many periods.

    Args:
        contract: whose.
        span: what is used, and begins, in it counts; half-open, and it holds the instant.
        look: up to which instant and log position usage counts.
        sources: the projection.

    Problems:
        As `draft_due`.
    """
    begun = contract.basis.periods_of().through(look.at)
    touched = [one.span for one in begun if one.span.overlap(span) is not None]
    if len(touched) > PERIODS_MAX:
        return Done(None)
    total = Spent(usage=_nothing(contract), fees=_issued(contract, span))
    for period in touched:
        so_far = _draft(contract, _so_far(contract, period, look.at), sources, look=look)
        if isinstance(so_far, Refused):
            return so_far
        total += _sum(contract, so_far.value, span, at=look.at)
        if period.start < span.start:
            before = Due(period=period, purpose=Purpose.THRESHOLD, at=span.start)
            earlier = _draft(contract, before, sources, look=look)
            if isinstance(earlier, Refused):
                return earlier
            total -= _sum(contract, earlier.value, span, at=look.at)
    return Done(total)


def usage_drafted(
    contract: RunningContract, *, look: Look, sources: BillingSources
) -> Outcome[Invoice | None]:
    """Return the usage of the running period so far as a document, beside what was billed of it."""
    due = Due(period=contract.period, purpose=Purpose.THRESHOLD, at=look.at)
    billed = billed_within(contract.basis, contract.books.billed, due)
    return _draft(contract, due, sources, look=look, billed=billed)


def _so_far(contract: RunningContract, period: Period, at: datetime) -> Due:
    """Return the document of which a period's usage is read: of one that runs with its fees."""
    if period == contract.period:
        return Due(period=period, purpose=Purpose.PERIOD, at=period.end)
    return Due(period=period, purpose=Purpose.THRESHOLD, at=min(at, period.end))


def _draft(
    contract: RunningContract,
    due: Due,
    sources: BillingSources,
    *,
    look: Look,
    billed: tuple[Billed, ...] = (),
) -> Outcome[Invoice | None]:
    outcome = draft_due(_order(contract, due, look, billed=billed), sources)
    return outcome if isinstance(outcome, Refused) else Done(outcome.value.invoice)


def _order(
    contract: RunningContract, due: Due, look: Look, *, billed: tuple[Billed, ...] = ()
) -> DraftOrder:
    return DraftOrder(
        basis=contract.basis,
        due=due,
        billed=billed,
        rated=contract.books.billed,
        position=look.position,
        kept=contract.books.kept,
        preview_at=min(due.at, look.at),
    )


def _sum(contract: RunningContract, draft: Invoice | None, span: Period, *, at: datetime) -> Spent:
    """Return what counts of a draft: usage, and fees for service that has begun in the span."""
    usage = fees = _nothing(contract)
    for line in () if draft is None else draft.lines:
        begun = span.contains(line.key.period.start) and line.key.period.start <= at
        if line.measurement is not None:
            usage += line.net
        elif begun and not _is_bound(contract, line.key):
            fees += line.net
    return Spent(usage=usage, fees=fees)


def _nothing(contract: RunningContract) -> Money:
    return Money(minor=0, currency=contract.basis.currency)


def _is_bound(contract: RunningContract, key: LineKey) -> bool:
    """Tell whether a line is of what other prices come to, which the end of a period settles."""
    price = contract.basis.price_of(key)
    return price is not None and isinstance(price.model, SpendPrice)


def _issued(contract: RunningContract, span: Period) -> Money:
    """Return what was issued for service that begins in a span, usage aside."""
    total = _nothing(contract)
    for line in contract.books.billed:
        price = contract.basis.price_of(line.key)
        is_usage = line.kind is LineKind.DERIVED and price is not None and price.meter is not None
        if not is_usage and span.contains(line.key.period.start):
            total += net_of(line.money, line.taxes)
    return total
