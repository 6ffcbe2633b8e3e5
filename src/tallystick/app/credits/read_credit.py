"""Answers what credit an account holds and held: grants, balances, transactions."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    CreditHistory,
    Grant,
    Holding,
    LotStanding,
    Transaction,
    standing,
    transactions,
)
from tallystick.kernel import EXACT, AccountKey, Done, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalance:
    """
    What an account may use at an instant.

    Attributes:
        totals: by currency or unit, in the order in which they were first granted.
        lots: those that hold something, in burn order.
    """

    account: AccountKey
    at: datetime
    totals: tuple[tuple[Holding, Decimal], ...]
    lots: tuple[LotStanding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldGrant:
    """A grant, what is left of it now, and when it was voided if it was."""

    grant: Grant
    left: Decimal
    voided_at: datetime | None


def list_grants(
    caller: Caller, account: AccountKey, *, uow: UnitOfWork, clock: Clock
) -> Outcome[tuple[HeldGrant, ...]]:
    """
    Return the grants of an account, the oldest first.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_account: there is none of this key that the caller may see.
    """
    history = _history(caller, account, uow)
    if isinstance(history, Refused):
        return history
    left: dict[str, Decimal] = {}
    for one in standing(history.value, clock.now()):
        left[one.lot.grant.key] = EXACT.add(left.get(one.lot.grant.key, Decimal(0)), one.left)
    voids = {void.grant: void.at for void in history.value.voids}
    return Done(
        tuple(
            HeldGrant(
                grant=grant,
                left=left.get(grant.key, Decimal(0)),
                voided_at=voids.get(grant.key),
            )
            for grant in history.value.grants
        )
    )


def read_balance(
    caller: Caller,
    account: AccountKey,
    *,
    at: datetime | None,
    uow: UnitOfWork,
    clock: Clock,
) -> Outcome[CreditBalance]:
    """
    Return what an account may use at an instant, past or present, with all facts known now.

    Problems:
        forbidden, unknown_account: see `list_grants`.
    """
    history = _history(caller, account, uow)
    if isinstance(history, Refused):
        return history
    when = at or clock.now()
    totals: dict[Holding, Decimal] = {grant.of: Decimal(0) for grant in history.value.grants}
    lots = standing(history.value, when)
    for one in lots:
        totals[one.lot.grant.of] = EXACT.add(totals[one.lot.grant.of], one.left)
    return Done(
        CreditBalance(
            account=account,
            at=when,
            totals=tuple(totals.items()),
            lots=tuple(one for one in lots if one.left > 0),
        )
    )


def list_transactions(
    caller: Caller,
    account: AccountKey,
    *,
    at: datetime | None,
    uow: UnitOfWork,
    clock: Clock,
) -> Outcome[tuple[Transaction, ...]]:
    """
    Return what happened to an account's credit up to an instant, None for now.

    Problems:
        forbidden, unknown_account: see `list_grants`.
    """
    history = _history(caller, account, uow)
    if isinstance(history, Refused):
        return history
    return Done(transactions(history.value, min(at or clock.now(), clock.now())))


def _history(caller: Caller, account: AccountKey, uow: UnitOfWork) -> Outcome[CreditHistory]:
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        known = uow.accounts.load_account(account)
        if known is None or caller.account not in (None, account):
            return refuse("unknown_account", f"there is no account {account}", "account")
        return Done(uow.credits.load(account))
