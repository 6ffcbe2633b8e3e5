"""What rules on spend, budgets and credit read of one account."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import add

import structlog

from tallystick.accounts import zone_at
from tallystick.app.invoicing import BillingSources
from tallystick.app.invoicing.previewing.running import Look
from tallystick.app.readings.budget import budget_window, read_budget
from tallystick.app.readings.credit import left_of, taken_so_far
from tallystick.app.readings.spending import (
    RunningContract,
    Spent,
    load_running,
    queries_of,
    spent_within,
)
from tallystick.app.readings.tree import contracts_of_tree
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import RuledReading
from tallystick.catalog import AlertRule, Catalog, Subscription
from tallystick.credits import CreditHistory
from tallystick.kernel import AccountKey, Outcome, Period, PlanKey, Refused
from tallystick.metering import UsageQuery
from tallystick.subscriptions import plan_at
from tallystick.thresholds import Reading, Watched

CONTRACTS_MAX = 100
"""Of one account; one that has more is watched by the first of them."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMoney:
    """
    What is known of an account whose money is watched.

    Attributes:
        zone: IANA name, of its days.
        own: contracts of its own that run.
        tree: those and the ones of accounts below it, where a budget is over them.
        paid: those that it pays for, where its credit is watched.
        history: of its credit; None where no rule watches it.
        rules: those that concern it.
    """

    account: AccountKey
    zone: str
    own: tuple[RunningContract, ...]
    tree: tuple[RunningContract, ...]
    paid: tuple[RunningContract, ...]
    history: CreditHistory | None
    rules: tuple[AlertRule, ...]


def load_money(
    account: AccountKey,
    rules: Sequence[AlertRule],
    definitions: Catalog,
    *,
    at: datetime,
    uow: UnitOfWork,
) -> AccountMoney | None:
    """Return what is to be read of an account; None where no rule concerns it."""
    known = uow.accounts.load_account(account)
    if known is None:
        return None
    contracts = uow.subscriptions.list_subscriptions(after="", limit=CONTRACTS_MAX, account=account)
    plans = {plan_at(one, at)[0] for one in contracts if _runs(one, at)}
    concerned = tuple(one for one in rules if one.concerns(account, plans))
    by_tree = any(one.is_over_tree for one in concerned)
    by_spend = any(one.watched is not Watched.CREDIT and not one.is_over_tree for one in concerned)
    by_credit = any(one.watched is Watched.CREDIT for one in concerned)
    history = uow.credits.load(account) if by_credit else None
    if not (by_spend or by_tree) and (history is None or not history.grants):
        return None
    paid: Iterable[Subscription] = ()
    if history is not None and history.grants:
        paid = list(uow.subscriptions.load_of_payer(account).values())[:CONTRACTS_MAX]
    return AccountMoney(
        account=account,
        zone=zone_at(known, at),
        own=_running(contracts if by_spend else (), definitions, at=at, uow=uow),
        tree=_running(
            contracts_of_tree(account, at=at, uow=uow) if by_tree else (),
            definitions,
            at=at,
            uow=uow,
        ),
        paid=_running(paid, definitions, at=at, uow=uow),
        history=history,
        rules=concerned,
    )


def read_money(
    known: AccountMoney, *, look: Look, sources: BillingSources
) -> Iterator[RuledReading]:
    """Yield what each rule reads; what cannot be worked out is said in the log, and left out."""
    for one in known.rules:
        match one.watched:
            case Watched.SPEND:
                yield from _spends(known, one, look, sources)
            case Watched.BUDGET:
                yield from _budgets(known, one, look, sources)
            case Watched.CREDIT:
                yield from _credits(known, one, look, sources)
            case Watched.USAGE | Watched.ANOMALY:
                continue


def queries_of_money(known: AccountMoney, look: Look) -> Iterator[UsageQuery]:
    """Yield what drafts of an account's contracts ask for."""
    for contract in (*known.own, *known.tree, *known.paid):
        yield from queries_of(contract, look)


def _spends(
    known: AccountMoney, rule: AlertRule, look: Look, sources: BillingSources
) -> Iterator[RuledReading]:
    for contract in _in_currency(known.own, rule.currency):
        if rule.plan is not None and _plan(contract, look.at) != rule.plan:
            continue
        spent = _spent(contract, contract.period, look, sources)
        if spent is not None:
            yield RuledReading(
                account=known.account,
                of=contract.basis.subscription.key,
                rule=rule.rule,
                reading=Reading(value=spent.total.decimal, at=look.at, period=contract.period),
                currency=rule.currency,
            )


def _budgets(
    known: AccountMoney, rule: AlertRule, look: Look, sources: BillingSources
) -> Iterator[RuledReading]:
    window = budget_window(rule.per, at=look.at, zone=known.zone)
    contracts = _in_currency(known.tree if rule.is_over_tree else known.own, rule.currency)
    found = [_spent(one, window, look, sources) for one in contracts]
    parts = [one for one in found if one is not None]
    if not parts or len(parts) < len(found):
        return
    budget = rule.budget or Decimal(0)
    read = read_budget(reduce(add, parts), budget, window=window, at=look.at, zone=known.zone)
    yield RuledReading(
        account=known.account,
        of=rule.key,
        rule=rule.rule,
        reading=read.reading,
        currency=rule.currency,
        reached_on=read.reached_on,
    )


def _credits(
    known: AccountMoney, rule: AlertRule, look: Look, sources: BillingSources
) -> Iterator[RuledReading]:
    if known.history is None:
        return
    taken = taken_so_far(known.paid, rule.currency, known.account, look=look, sources=sources)
    if isinstance(taken, Refused):
        _unread(known.account, taken)
        return
    left = left_of(
        known.history, rule.currency, provisional=taken.value, at=look.at, zone=known.zone
    )
    if left is not None:
        yield RuledReading(
            account=known.account,
            of=rule.currency,
            rule=rule.rule,
            reading=left.reading,
            currency=rule.currency,
            reached_on=left.reached_on,
        )


def _spent(
    contract: RunningContract, span: Period, look: Look, sources: BillingSources
) -> Spent | None:
    outcome = spent_within(contract, span, look=look, sources=sources)
    if isinstance(outcome, Refused):
        _unread(contract.basis.subscription.key, outcome)
        return None
    return outcome.value


def _running(
    contracts: Iterable[Subscription], definitions: Catalog, *, at: datetime, uow: UnitOfWork
) -> tuple[RunningContract, ...]:
    found: list[RunningContract] = []
    for one in contracts:
        loaded: Outcome[RunningContract | None] = load_running(one, definitions, at=at, uow=uow)
        if isinstance(loaded, Refused):
            _unread(one.key, loaded)
        elif loaded.value is not None:
            found.append(loaded.value)
    return tuple(found)


def _in_currency(
    contracts: Iterable[RunningContract], currency: str
) -> tuple[RunningContract, ...]:
    return tuple(one for one in contracts if one.basis.currency.code == currency)


def _plan(contract: RunningContract, at: datetime) -> PlanKey:
    return plan_at(contract.basis.subscription, at)[0]


def _runs(contract: Subscription, at: datetime) -> bool:
    return contract.start <= at and (contract.end is None or at < contract.end)


def _unread(of: str, refused: Refused) -> None:
    _log.warning("money_not_read", of=of, problem=str(refused.problems[0]))
