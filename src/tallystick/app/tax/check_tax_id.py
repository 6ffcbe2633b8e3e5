"""Checks the tax number of an account, and keeps the answer as a dated fact."""

from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.accounts import Account, compact_tax_number, is_eu_number, tax_number_problem
from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.tax.ports import TaxRegister
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse
from tallystick.tax import TaxIdCheck, TaxIdState

MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTaxId:
    """
    Check the number of an account.

    Attributes:
        state: what a person found out elsewhere; None: ask the register.
        reference: of that finding, as a letter of the tax office.
    """

    account: AccountKey
    state: TaxIdState | None = None
    reference: str = ""


def check_tax_id(
    command: CheckTaxId,
    *,
    caller: Caller,
    uow: UnitOfWork,
    register: TaxRegister,
    clock: Clock,
) -> Outcome[TaxIdCheck]:
    """
    Ask the register, keep what it said, and return it; documents drafted from now on go by it.

    A number of a country whose register is not connected is ``unavailable``, as one that did not
    answer. The register is asked while no transaction is open.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_account: there is no such account.
        no_tax_id: the account has no number, or one that is not well-formed.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = _number(uow.accounts.load_account(command.account), command.account)
    if isinstance(found, Refused):
        return found
    now = clock.now()
    check = _checked(command, found.value, register, now=now)

    def decide() -> Decided[TaxIdCheck]:
        uow.tax_ids.add(check)
        subject = f"account:{command.account}"
        details = {"tax_id": check.tax_id, "state": check.state.value, "source": check.source}
        return Effect(answer=check, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(TaxIdCheck))


def show_tax_id(caller: Caller, account: AccountKey, *, uow: UnitOfWork) -> Outcome[TaxIdCheck]:
    """
    Return what is known of an account's number: the last answer, else that there is none.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_account: there is no such account, or the caller may not see it.
        no_tax_id: the account has no number, or it was never checked.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        hidden = caller.account is not None and caller.account != account
        found = _number(None if hidden else uow.accounts.load_account(account), account)
        if isinstance(found, Refused):
            return found
        check = uow.tax_ids.answered(found.value)
    if check is None:
        return refuse("no_tax_id", f"the number of {account} was never checked", "account")
    return Done(check)


def _number(account: Account | None, key: AccountKey) -> Outcome[str]:
    """Return an account's number, compact, if it is well-formed."""
    if account is None:
        return refuse("unknown_account", f"there is no account {key}", "account")
    number = account.tax.tax_id
    if not number:
        return refuse("no_tax_id", f"account {key} has no tax number", "account")
    problem = tax_number_problem(number, account.country)
    if problem is not None:
        return refuse("no_tax_id", f"the number of account {key} {problem}", "account")
    return Done(compact_tax_number(number))


def _checked(
    command: CheckTaxId, number: str, register: TaxRegister, *, now: datetime
) -> TaxIdCheck:
    found = TaxIdCheck(tax_id=number, state=TaxIdState.UNAVAILABLE, checked_at=now, source=MANUAL)
    if command.state is not None:
        return replace(found, state=command.state, reference=command.reference)
    if is_eu_number(number):
        return register.ask(number, at=now)
    message = "no register of this country is connected; say what you found out yourself"
    return replace(found, message=message, source="none")
