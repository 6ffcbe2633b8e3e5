"""Previews the invoices that an account's running periods will come to, without writing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.accounts import Account
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.load_basis import load_running_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import Books, load_kept
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.invoicing.previewing.running import Look, draft_running, running_due
from tallystick.app.invoicing.previewing.together import (
    PayerLook,
    comes_together,
    draft_gathered,
    load_payer,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog
from tallystick.invoicing import Basis, Due, Invoice, asked_at
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse

_SUBSCRIPTIONS_MAX = 100
_AHEAD_MAX = timedelta(days=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewInvoice:
    """
    Ask what an account's running periods come to.

    Attributes:
        account: the subscriber; or a payer whose documents come together or wait for the least
            invoice, with all contracts that it pays for.
        at: the instant of the preview; None: now.
    """

    account: AccountKey
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """
    The document as it would be issued at the period's end if nothing more were used.

    Attributes:
        waits: whether it comes to less than the least invoice, and would not be issued then.
    """

    invoice: Invoice
    basis: Basis
    at: datetime
    waits: bool = False


def preview_invoice(
    command: PreviewInvoice,
    *,
    caller: Caller,
    uow: UnitOfWork,
    sources: BillingSources,
) -> Outcome[tuple[Preview, ...]]:
    """
    Draft the documents of the running periods with the usage so far.

    They are the very drafts that will be issued, measured up to now: usage in arrears of this
    period and fees in advance for the next.  Corrections of closed periods and the digests of
    events are left out, so that it is cheap enough to be asked each second. Where a tax point lies
    ahead, the latest rate known is taken, and the line says so.

    A payer whose documents come together is shown those documents: sections, taxes on the whole,
    and what waited for the least invoice. Who is no payer is shown his contracts one by one.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_account: there is none of this key, or the caller may not see it.
        too_far_ahead: the instant lies more than ten years after now.
        Those of loading the contract, of `draft_invoice`, and of `draft_gathered`.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = sources.clock.now()
    at = command.at or now
    if at > now + _AHEAD_MAX:
        return refuse("too_far_ahead", f"{at} lies more than ten years ahead", "at")
    loaded = _load(command, caller, uow, now=now, at=at)
    if isinstance(loaded, Refused):
        return loaded
    look = Look(at=at, position=sources.usage.covered_position())
    if isinstance(loaded.value, PayerLook):
        return _together(loaded.value, look, sources)
    return _one_by_one(loaded.value, look, sources)


def _together(
    payer: PayerLook, look: Look, sources: BillingSources
) -> Outcome[tuple[Preview, ...]]:
    gathered = draft_gathered(payer, look, sources=sources)
    if isinstance(gathered, Refused):
        return gathered
    return Done(
        tuple(
            Preview(invoice=one.invoice, basis=one.basis, at=look.at, waits=waits)
            for one, waits in gathered.value
        )
    )


def _one_by_one(
    contracts: list[tuple[Basis, Due, Books]], look: Look, sources: BillingSources
) -> Outcome[tuple[Preview, ...]]:
    previews = []
    for basis, due, books in contracts:
        outcome = draft_running(basis, due, books, look, sources=sources)
        if isinstance(outcome, Refused):
            return outcome
        if outcome.value is not None:
            previews.append(Preview(invoice=outcome.value, basis=basis, at=look.at))
    return Done(tuple(previews))


def _load(
    command: PreviewInvoice, caller: Caller, uow: UnitOfWork, *, now: datetime, at: datetime
) -> Outcome[PayerLook | list[tuple[Basis, Due, Books]]]:
    with uow:
        account = uow.accounts.load_account(command.account)
        hidden = caller.account is not None and caller.account != command.account
        if hidden or account is None:
            return refuse("unknown_account", f"there is no account {command.account}", "account")
        definitions = uow.catalog.load_definitions()
        if comes_together(account, definitions):
            return load_payer(account, definitions, uow, now=now, at=at)
        return _load_each(account, definitions, uow, now=now, at=at)


def _load_each(
    account: Account, definitions: Catalog, uow: UnitOfWork, *, now: datetime, at: datetime
) -> Outcome[list[tuple[Basis, Due, Books]]]:
    bases = []
    for subscription in uow.subscriptions.list_subscriptions(
        after="", limit=_SUBSCRIPTIONS_MAX, account=account.key
    ):
        outcome = load_running_basis(uow, definitions, subscription, at=at)
        if isinstance(outcome, Refused):
            return outcome
        basis, due = outcome.value, running_due(outcome.value, at)
        if due is not None:
            basis = asked_at(basis, due.at)
            rated = with_rates(uow, basis, [due], billed=(), now=now)
            watched = any(plan.thresholds for plan in basis.plans) or subscription.manual
            billed = uow.invoices.load_billed(subscription.key) if watched else ()
            books = Books(billed=billed, kept=load_kept(uow, subscription.key))
            bases.append((rated, due, books))
    return Done(bases)
