"""Lists payments, shows one, and tells how a payer stands: what is owed, what is at hand."""

from dataclasses import dataclass

from tallystick.app.carrying_out import Kept
from tallystick.app.command import Caller, missing_scope
from tallystick.app.own_rows import PAGE_MAX, own_rows
from tallystick.app.payments.ports import KnownPayment, Purse
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse
from tallystick.payments import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerStanding:
    """How a payer stands with each legal entity in each currency."""

    account: AccountKey
    purses: tuple[tuple[Purse, Standing], ...]


def list_payments(
    caller: Caller,
    *,
    uow: UnitOfWork,
    after: str = "",
    limit: int = 100,
    account: AccountKey | None = None,
) -> Outcome[list[KnownPayment]]:
    """
    Return payments by id, those behind ``after``; a caller of one account sees its own.

    Problems:
        forbidden: the caller lacks the scope ``read``.
    """
    return own_rows(
        lambda of: uow.payments.page(after=after, limit=min(limit, PAGE_MAX), account=of),
        caller=caller,
        uow=uow,
        account=account,
    )


def show_payment(caller: Caller, id: str, *, uow: UnitOfWork) -> Outcome[KnownPayment]:
    """
    Return a payment with what became of it.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_payment: there is none of this id, or the caller may not see it.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = known_payment(uow, id)
    if isinstance(found, Done) and caller.account not in {None, found.value.payment.account}:
        return refuse("unknown_payment", f"there is no payment {id}", "payment")
    return found


def show_standing(
    caller: Caller, account: AccountKey, *, uow: UnitOfWork
) -> Outcome[PayerStanding]:
    """
    Return what a payer owes, document by document, and what is at hand.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: no such account, or not the caller's.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        is_known = uow.accounts.load_account(account) is not None
        if caller.account not in {None, account} or not is_known:
            return refuse("not_found", f"no account {account!r}", "account")
        return Done(payer_standing(uow, account))


def known_payment(uow: UnitOfWork, id: str) -> Outcome[KnownPayment]:
    """
    Return a payment, within a unit of work that is open.

    Problems:
        unknown_payment: there is none of this id.
    """
    found = uow.payments.load(id)
    if found is None:
        return refuse("unknown_payment", f"there is no payment {id}", "payment")
    return Done(found)


def kept_by_id(uow: UnitOfWork) -> Kept[KnownPayment]:
    """Return how a payment is remembered: a repeat is told how it stands then."""
    return Kept(
        write=lambda known: known.payment.id.encode(),
        read=lambda id: known_payment(uow, id.decode()),
    )


def payer_standing(uow: UnitOfWork, account: AccountKey) -> PayerStanding:
    """Return how a payer stands, within a unit of work that is open."""
    purses = uow.money.purses(account)
    return PayerStanding(
        account=account, purses=tuple((one, uow.money.standing(one)) for one in purses)
    )
