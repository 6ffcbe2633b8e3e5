"""Tells revenue by days: earned, deferred, and earned by usage that no document charged yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from tallystick.accounts import zone_at
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import Books, DraftOrder, draft_due, load_books
from tallystick.app.invoicing.paying import payers_of_contract
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Subscription
from tallystick.invoicing import (
    Basis,
    DayRevenue,
    Due,
    Income,
    LineKind,
    Purpose,
    accrued_lines,
    income_of,
    is_in_arrears,
    revenue_rows,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    Money,
    Outcome,
    Period,
    Refused,
    SubscriptionKey,
    refuse,
    time_zone,
)
from tallystick.tax import net_of

DAYS_MAX = 93
CONTRACTS_MAX = 100
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueByDay:
    """
    Ask for the revenue of days.

    Attributes:
        since, until: the first and the last day, in each payer's zone.
        account: of this subscriber alone; None: of all.
    """

    since: date
    until: date
    account: AccountKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question, the usage that answers it, and up to which position it counts."""

    question: RevenueByDay
    sources: BillingSources
    position: int


def revenue_by_day(
    question: RevenueByDay, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[tuple[DayRevenue, ...]]:
    """
    Return a row for each currency and day, from the documents and the usage known now.

    Usage is rated up to the end of each day, as a preview does; a price with an interval of its own
    longer than the contract's counts in the period with which it falls due.

    Problems:
        forbidden: the caller lacks the scope ``read``, or has a key of one account.
        too_long: more days than are told at once, or they end before they begin.
        too_many_contracts: name an account.
        Those of loading a contract and of drafting.
    """
    refused = _refused(question, caller)
    if refused is not None:
        return refused
    asked = _Asked(question=question, sources=sources, position=sources.usage.covered_position())
    with uow:
        found = uow.subscriptions.list_subscriptions(
            after="", limit=CONTRACTS_MAX + 1, account=question.account
        )
        if len(found) > CONTRACTS_MAX:
            message = f"more than {CONTRACTS_MAX} contracts are not told at once; name an account"
            return refuse("too_many_contracts", message, "account")
        incomes = _incomes(asked, found, uow)
    return incomes if isinstance(incomes, Refused) else Done(tuple(_rows(question, incomes.value)))


def _refused(question: RevenueByDay, caller: Caller) -> Refused | None:
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    if caller.account is not None:
        return refuse("forbidden", "revenue is not told to a key of one account")
    if not 0 <= (question.until - question.since).days < DAYS_MAX:
        return refuse("too_long", f"ask for 1 to {DAYS_MAX} days", "until")
    return None


def _incomes(
    asked: _Asked, contracts: Iterable[Subscription], uow: UnitOfWork
) -> Outcome[list[Income]]:
    """Return the income of contracts, and of what was sold once to their payers."""
    definitions = uow.catalog.load_definitions()
    incomes: list[Income] = []
    payers: set[AccountKey] = set()
    for contract in contracts:
        basis = load_basis(uow, definitions, contract)
        if isinstance(basis, Refused):
            return basis
        income = _income(asked, basis.value, uow)
        if isinstance(income, Refused):
            return income
        incomes.append(income.value)
        paid = payers_of_contract(uow, contract, through=asked.sources.clock.now())
        payers |= {basis.value.payer, *(payer for payer in paid if payer is not None)}
    return Done([*incomes, *(one for payer in sorted(payers) for one in _sold(payer, uow))])


def _rows(question: RevenueByDay, incomes: list[Income]) -> Iterator[DayRevenue]:
    units = {
        money.currency.code: money.currency
        for income in incomes
        for money in (
            *(one.money for one in (*income.booked, *income.charged)),
            *income.accrued.values(),
        )
    }
    for _, unit in sorted(units.items()):
        yield from revenue_rows(incomes, since=question.since, until=question.until, currency=unit)


def _sold(payer: AccountKey, uow: UnitOfWork) -> Iterator[Income]:
    """Yield the income of each one-off document of a payer."""
    account = uow.accounts.load_account(payer)
    for number in range(1, uow.receivables.count_one_off(payer) + 1):
        billed = uow.invoices.load_billed(SubscriptionKey(f"one-off {payer} {number}"))
        if account is not None and billed:
            zone = zone_at(account, billed[0].key.period.start)
            yield income_of(None, billed, accrued={}, zone=zone)


def _income(asked: _Asked, basis: Basis, uow: UnitOfWork) -> Outcome[Income]:
    books = load_books(uow, basis)
    accrued: dict[date, Money] = {}
    through = _end_of(asked.question.until, basis.zone)
    for period in basis.billing_periods(through=through - _MOMENT):
        due = Due(period=period.span, purpose=Purpose.PERIOD, at=period.span.end)
        rated = with_rates(uow, basis, [due], billed=(), now=asked.sources.clock.now())
        outcome = _accrued(asked, rated, books, due)
        if isinstance(outcome, Refused):
            return outcome
        for day, money in outcome.value.items():
            accrued[day] = accrued[day] + money if day in accrued else money
    return Done(income_of(basis, books.billed, accrued=accrued, zone=basis.zone))


def _accrued(asked: _Asked, basis: Basis, books: Books, due: Due) -> Outcome[dict[date, Money]]:
    """Return what usage and fees in arrears of a period earned on each day that is asked for."""
    known = _settled(asked, basis, books, due.period)
    if known is not None:
        return Done(known)
    nothing = Money(minor=0, currency=basis.currency)
    up_to: list[tuple[date, Money]] = []
    for day in _days(asked.question, basis, due.period):
        by = min(_end_of(day, basis.zone), due.period.end)
        order = DraftOrder(
            basis=basis,
            due=due,
            billed=(),
            position=asked.position,
            kept=books.kept,
            preview_at=by,
        )
        outcome = draft_due(order, asked.sources)
        if isinstance(outcome, Refused):
            return outcome
        draft = outcome.value.invoice
        lines = () if draft is None else accrued_lines(basis, draft, by=by)
        up_to.append((day, sum(lines, nothing)))
    steps = pairwise([(asked.question.since, nothing), *up_to])
    return Done({day: now - before for (_, before), (day, now) in steps})


def _settled(asked: _Asked, basis: Basis, books: Books, period: Period) -> dict[date, Money] | None:
    """Return what documents charged of a period that was over before; None: measure it."""
    if period.end > _end_of(asked.question.since - _DAY, basis.zone):
        return None
    lines = [
        line
        for line in books.billed
        if period.contains(line.key.period.start) and is_in_arrears(basis, line.key)
    ]
    if not any(line.purpose is Purpose.PERIOD for line in lines):
        return None
    nothing = Money(minor=0, currency=basis.currency)
    charged = sum(
        (net_of(line.money, line.taxes) for line in lines if line.kind is LineKind.DERIVED), nothing
    )
    return {_day_of(period.end - _MOMENT, basis.zone): charged}


def _days(question: RevenueByDay, basis: Basis, period: Period) -> list[date]:
    """Return the days of a period that are asked for, behind the last one before them."""
    first = _day_of(period.start, basis.zone)
    last = min(_day_of(period.end - _MOMENT, basis.zone), question.until)
    before = min(question.since - _DAY, last)
    wanted = [before] if before >= first else []
    day = max(first, question.since)
    while day <= last:
        wanted.append(day)
        day += _DAY
    return wanted


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day + _DAY, time(), time_zone(zone)).astimezone(UTC)


def _day_of(at: datetime, zone: str) -> date:
    return at.astimezone(time_zone(zone)).date()
