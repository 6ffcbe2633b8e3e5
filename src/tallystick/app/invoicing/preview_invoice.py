"""Previews the invoices that an account's running periods will come to, without writing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import Books, DraftOrder, draft_due, load_kept
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import Basis, Due, Invoice, Purpose, asked_at, billed_for_a_look
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse

_SUBSCRIPTIONS_MAX = 100
_AHEAD_MAX = timedelta(days=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewInvoice:
    """
    Ask what an account's running periods come to.

    Attributes:
        account: the subscriber.
        at: the instant of the preview; None: now.
    """

    account: AccountKey
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The document as it would be issued at the period's end if nothing more were used."""

    invoice: Invoice
    basis: Basis
    at: datetime


def preview_invoice(
    command: PreviewInvoice,
    *,
    caller: Caller,
    uow: UnitOfWork,
    sources: BillingSources,
) -> Outcome[tuple[Preview, ...]]:
    """
    Draft the document of each subscription's running period with the usage so far.

    It is the very draft that will be issued, measured up to now: usage in arrears of this period
    and fees in advance for the next.  Corrections of closed periods and the digests of events are
    left out, so that it is cheap enough to be asked each second. Where a tax point lies ahead, the
    latest rate known is taken, and the line says so.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_account: there is none of this key, or the caller may not see it.
        too_far_ahead: the instant lies more than ten years after now.
        Those of loading the contract.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = sources.clock.now()
    at = command.at or now
    if at > now + _AHEAD_MAX:
        return refuse("too_far_ahead", f"{at} lies more than ten years ahead", "at")
    bases = _load(command, caller, uow, now=now, at=at)
    if isinstance(bases, Refused):
        return bases
    position = sources.usage.covered_position()
    previews = []
    for basis, due, books in bases.value:
        order = DraftOrder(
            basis=basis,
            due=due,
            billed=billed_for_a_look(books.billed, due),
            rated=books.billed,
            position=position,
            kept=books.kept,
            preview_at=at,
        )
        outcome = draft_due(order, sources)
        if isinstance(outcome, Refused):
            return outcome
        if outcome.value.invoice is not None:
            previews.append(Preview(invoice=outcome.value.invoice, basis=basis, at=at))
    return Done(tuple(previews))


def _load(
    command: PreviewInvoice, caller: Caller, uow: UnitOfWork, *, now: datetime, at: datetime
) -> Outcome[list[tuple[Basis, Due, Books]]]:
    with uow:
        hidden = caller.account is not None and caller.account != command.account
        if hidden or uow.accounts.load_account(command.account) is None:
            return refuse("unknown_account", f"there is no account {command.account}", "account")
        definitions = uow.catalog.load_definitions()
        bases = []
        for subscription in uow.subscriptions.list_subscriptions(
            after="", limit=_SUBSCRIPTIONS_MAX, account=command.account
        ):
            outcome = load_basis(uow, definitions, subscription)
            if isinstance(outcome, Refused):
                return outcome
            basis, due = outcome.value, _running(outcome.value, at)
            if due is not None:
                basis = asked_at(basis, due.at)
                rated = with_rates(uow, basis, [due], billed=(), now=now)
                watched = any(plan.thresholds for plan in basis.plans) or subscription.manual
                billed = uow.invoices.load_billed(subscription.key) if watched else ()
                books = Books(billed=billed, kept=load_kept(uow, subscription.key))
                bases.append((rated, due, books))
        return Done(bases)


def _running(basis: Basis, at: datetime) -> Due | None:
    last = basis.periods_of().last(at)
    if last is None or not last.span.contains(at):
        return None
    return Due(period=last.span, purpose=Purpose.PERIOD, at=last.span.end)
