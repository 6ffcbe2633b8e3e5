"""
Credit that is bought by a rule: as less than the threshold may be used, once per crossing.

What a rule does is decided by `credits.next_step` while the account's credit is held, and written
with the invoice and the grant in one transaction. So two who ask at once, or one who asks again
after a crash, buy once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec

from tallystick.accounts import zone_at
from tallystick.app.audit import audit_record
from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.invoicing.selling.top_up import TopUpCredit, sell_credit
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    TakenStep,
    TopUpDocument,
    TopUpStep,
    TopUpTerms,
    balance,
    next_step,
    top_up_terms,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    Outcome,
    Refused,
    WorkspaceId,
    period_at,
    refuse,
)

_MONTH = Interval(count=1, of=IntervalUnit.MONTH)
_ANCHOR = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTopUpRule:
    """Let credit of an account be bought by a rule; None: by none any more."""

    account: AccountKey
    rule: TopUpDocument | None


class TopUpState(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that counts for an account, and what rules did so far, the last one last."""

    rule: TopUpDocument | None
    steps: list[tuple[datetime, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpDue:
    """Ask the rules of all accounts, or of one."""

    account: AccountKey | None = None


class TopUpReport(msgspec.Struct, frozen=True, kw_only=True):
    """What rules did: invoices over what was bought, whose limit is reached, whom they failed."""

    bought: list[str]
    blocked: list[str]
    refused: list[tuple[str, str]]


def set_top_up_rule(
    command: SetTopUpRule, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[TopUpState]:
    """
    Record a rule; the one before counts no more.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_account: there is none of this key; not_a_payer: it is not invoiced.
        Those of `top_up_terms`.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()

    def decide() -> Decided[TopUpState]:
        faulty = _fault(command, uow)
        if faulty is not None:
            return faulty
        uow.credits.hold(command.account)
        uow.top_ups.set_rule(command.account, command.rule, at=now)
        subject = f"account:{command.account}"
        state = _state(uow, command.account)
        return Effect(answer=state, subject=subject, at=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(TopUpState))


def read_top_up_rule(
    caller: Caller, account: AccountKey, *, uow: UnitOfWork
) -> Outcome[TopUpState]:
    """
    Return the rule of an account, and what rules did.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_account: there is none of this key, or the caller may not see it.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        hidden = caller.account is not None and caller.account != account
        if hidden or uow.accounts.load_account(account) is None:
            return refuse("unknown_account", f"there is no account {account}", "account")
        return Done(_state(uow, account))


def top_up_due(
    command: TopUpDue,
    *,
    caller: Caller,
    units: Callable[[WorkspaceId], UnitOfWork],
    sources: BillingSources,
) -> Outcome[TopUpReport]:
    """
    Ask the rules, each account in a transaction of its own; one that fails keeps no other waiting.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with units(caller.workspace) as uow:
        ruled = uow.top_ups.ruled()
    wanted = ruled if command.account is None else [one for one in ruled if one == command.account]
    report = TopUpReport(bought=[], blocked=[], refused=[])
    sender = replace(caller, idempotency_key=None)
    for account in wanted:
        with units(caller.workspace) as uow:
            asked = _ask(_Asking(account=account, caller=sender, uow=uow, sources=sources))
        if isinstance(asked, Refused):
            report.refused.append((account, str(asked.problems[0])))
        elif asked.value is not None:
            list_ = report.bought if asked.value.invoice else report.blocked
            list_.append(asked.value.invoice or account)
    return Done(report)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """A rule that is asked, in a unit of work that is open."""

    account: AccountKey
    caller: Caller
    uow: UnitOfWork
    sources: BillingSources


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a rule did that is worth telling: it bought by this invoice, or is kept from it."""

    invoice: str = ""


def _ask(one: _Asking) -> Outcome[_Told | None]:
    """Do what a rule says now, and commit it."""
    uow, now = one.uow, one.sources.clock.now()
    uow.credits.hold(one.account)
    document = uow.top_ups.rule(one.account)
    terms = Done(None) if document is None else top_up_terms(document)
    if isinstance(terms, Refused):
        return terms
    step = None if terms.value is None else _next(one, terms.value, now=now)
    if terms.value is None or step is None:
        return Done(None)
    told = Done(_Told() if step is TopUpStep.BLOCKED else None)
    if step is TopUpStep.BOUGHT:
        bought = _buy(one, terms.value, now=now)
        if isinstance(bought, Refused):
            return bought
        told = Done(_Told(invoice=bought.value))
    uow.top_ups.add_step(one.account, TakenStep(at=now, step=step))
    # What was bought may suffice: then the rule is armed at once, and no next crossing is missed.
    if step is TopUpStep.BOUGHT and _next(one, terms.value, now=now) is TopUpStep.RECOVERED:
        uow.top_ups.add_step(one.account, TakenStep(at=now, step=TopUpStep.RECOVERED))
    uow.commit()
    return told


def _next(one: _Asking, terms: TopUpTerms, *, now: datetime) -> TopUpStep | None:
    """Return what a rule does at an instant, as things stand."""
    payer = one.uow.accounts.load_account(one.account)
    zone = "UTC" if payer is None else zone_at(payer, now)
    return next_step(
        terms.rule,
        one.uow.top_ups.steps(one.account),
        balance=balance(one.uow.credits.load(one.account), now, terms.of),
        month=period_at(now, anchor=_ANCHOR, interval=_MONTH, zone=zone),
    )


def _buy(one: _Asking, terms: TopUpTerms, *, now: datetime) -> Outcome[str]:
    """Sell what a rule orders, and return the invoice."""
    left = balance(one.uow.credits.load(one.account), now, terms.of)
    order = TopUpCredit(order=terms.order(one.account, balance=left))
    sold = sell_credit(order, caller=one.caller, uow=one.uow, sources=one.sources)
    if isinstance(sold, Refused):
        return sold
    answer, digest = sold.value
    details = {"grant": answer.grant.key, "issued": {answer.invoice: digest}}
    subject = f"account:{one.account}"
    record = audit_record(one.caller, order, subject=subject, at=now, details=details)
    one.uow.audit.append(record)
    return Done(answer.invoice)


def _fault(command: SetTopUpRule, uow: UnitOfWork) -> Refused | None:
    account = uow.accounts.load_account(command.account)
    if account is None:
        return refuse("unknown_account", f"there is no account {command.account}", "account")
    if not account.invoiced:
        message = f"{account.key} is not invoiced; credit is sold to its payer"
        return refuse("not_a_payer", message, "account")
    terms = None if command.rule is None else top_up_terms(command.rule)
    if isinstance(terms, Refused):
        return terms
    if terms is not None and terms.value.of.code != account.currency:
        message = f"credit is sold in the currency of the payer, {account.currency}"
        return refuse("wrong_value", message, "currency")
    return None


def _state(uow: UnitOfWork, account: AccountKey) -> TopUpState:
    steps = [(one.at, one.step.value) for one in uow.top_ups.steps(account)]
    return TopUpState(rule=uow.top_ups.rule(account), steps=steps)
