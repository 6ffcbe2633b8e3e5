"""Drafts what a subscription is due, for review before it is issued."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.command import Caller, missing_scope
from tallystick.app.corrections import record_reaches
from tallystick.app.invoicing.crediting import save_drafted
from tallystick.app.invoicing.gathering import lock_contracts
from tallystick.app.invoicing.load_basis import load_subscription_basis
from tallystick.app.invoicing.measure import draft_missing, load_books, with_rates_due
from tallystick.app.invoicing.paying import payers_of_contract
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.invoicing.provable import repaired_since, unprovable
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import Invoice, asked_at
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, Refused, SubscriptionKey, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDocuments:
    """
    Draft all documents of a subscription that are due by an instant and not issued.

    Attributes:
        through: the instant; None: now. The future is refused.
    """

    subscription: SubscriptionKey
    through: datetime | None = None


def draft_documents(
    command: DraftDocuments,
    *,
    caller: Caller,
    uow: UnitOfWork,
    sources: BillingSources,
) -> Outcome[tuple[InvoiceId, ...]]:
    """
    Draft and store; drafts of the subscription that stood before are discarded.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        period_not_over: ``through`` lies in the future.
        projection_incomplete: the projection lacks events that the log's manifest tells of.
        unexplained_difference: see `draft_invoice`.
        Those of loading the contract.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = sources.clock.now()
    through = command.through or now
    if through > now:
        return refuse("period_not_over", f"{through} has not come yet", "through")

    def decide() -> Decided[tuple[InvoiceId, ...]]:
        drafts = _draft(command, uow, sources, through=through)
        if isinstance(drafts, Refused):
            return drafts
        ids = tuple(draft.id for draft in drafts.value)
        subject = f"subscription:{command.subscription}"
        return Effect(answer=ids, subject=subject, at=now, details={"documents": list(ids)})

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(tuple[InvoiceId, ...]))


def _draft(
    command: DraftDocuments, uow: UnitOfWork, sources: BillingSources, *, through: datetime
) -> Outcome[tuple[Invoice, ...]]:
    """Draft and store, for each payer; the subscription stays locked."""
    position = sources.usage.covered_position()
    repairs = sources.agreement.repairs()
    problem = unprovable(uow, sources.agreement, position)
    if problem is not None:
        return Refused((problem,))
    lock_contracts(uow, [command.subscription])
    definitions = uow.catalog.load_definitions()
    subscription = uow.subscriptions.load_subscription(command.subscription)
    payers: tuple[AccountKey | None, ...] = (None,)
    if subscription is not None:
        payers = payers_of_contract(uow, subscription, through=through)
    record_reaches(uow, known=sources.corrections, clock=sources.clock, through=position)
    held = command.subscription in uow.invoices.held_subscriptions()
    made: list[Invoice] = []
    now = sources.clock.now()
    for payer in payers:
        basis = load_subscription_basis(uow, definitions, command.subscription, payer=payer)
        if isinstance(basis, Refused):
            return basis
        books = load_books(uow, basis.value)
        asked = asked_at(basis.value, now)
        rated = with_rates_due(uow, asked, books, through=through, now=now)
        drafts = draft_missing(rated, books, sources, through=through, position=position)
        if isinstance(drafts, Refused):
            return drafts
        uow.invoices.discard_drafts(command.subscription, payer=payer)
        save_drafted(uow, drafts.value, rated, billed=books.billed, held=held)
        made += drafts.value
    problem = repaired_since(sources.agreement, repairs)
    return Done(tuple(made)) if problem is None else Refused((problem,))
