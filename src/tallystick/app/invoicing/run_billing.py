"""
A billing run: every document that is due by an instant, account by account.

A run asks for nothing but facts, so it may be stopped and started again at any time: what was
issued is due no more.  Each payer is one transaction; one with a defect is parked with its reason,
and the run goes on.  Its answer is kept under the caller's idempotency key when it has ended: who
sends it again is told the same, and one that was broken off goes on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.accounts import Account, payer_of
from tallystick.app.audit import audit_record
from tallystick.app.command import Caller, missing_scope, remember, remembered
from tallystick.app.corrections import record_reaches
from tallystick.app.invoicing.issuing import Issue, issue_drafts
from tallystick.app.invoicing.load_basis import legal_entity_of, load_basis
from tallystick.app.invoicing.measure import draft_missing, load_books
from tallystick.app.invoicing.ports import BillingSources, NumberedDocument, ParkedAccount
from tallystick.app.invoicing.provable import UNDER_REPAIR, repaired_since, unprovable
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, Subscription
from tallystick.invoicing import Invoice, basis_document
from tallystick.kernel import (
    AccountKey,
    Done,
    InvariantBroken,
    InvoiceId,
    Misuse,
    Outcome,
    Problem,
    Refused,
    SubscriptionKey,
    WorkspaceId,
    refuse,
)

Units = Callable[[WorkspaceId], UnitOfWork]
_COVER_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBilling:
    """
    Issue all documents due by an instant.

    Attributes:
        through: the instant; None: now. The future is refused.
        position: the log position that must count; None: the last durable one.
        account: bill this subscriber's payer only; None: everybody.
    """

    through: datetime | None = None
    position: int | None = None
    account: AccountKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProgress:
    """How far a run is, after each payer."""

    account: AccountKey
    accounts_done: int
    accounts: int
    issued: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingReport:
    """
    What a run did.

    Attributes:
        position: the log position that was billed.
        issued: documents issued, in order.
        parked: accounts not billed, with the first reason of each.
    """

    through: datetime
    position: int
    accounts: int
    issued: tuple[InvoiceId, ...]
    parked: tuple[tuple[AccountKey, Problem], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What all payers of a run share."""

    command: RunBilling
    caller: Caller
    sources: BillingSources
    definitions: Catalog
    through: datetime
    position: int
    repairs: int
    at: datetime


def run_billing(
    command: RunBilling,
    *,
    caller: Caller,
    units: Units,
    sources: BillingSources,
    progress: Callable[[BillingProgress], None] = lambda _: None,
) -> Outcome[BillingReport]:
    """
    Draft, issue and post every document due by an instant.

    Args:
        command: through when, up to which position.
        caller: needs the scope ``billing``.
        units: gives a fresh unit of work; one per payer.
        sources: the projection, the log and the clock that says when documents are issued.
        progress: told after each payer.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        period_not_over: ``through`` lies in the future.
        position_unknown: the log does not reach the position.
        not_covered: the projection does not hold the position within half a minute.
        projection_incomplete: the projection lacks events that the log's manifest tells of.
        projection_differs: the last comparison with the log left differences.
        projection_under_repair: rows are loaded again; payers done before stay billed.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    told = _told_before(command, caller, units)
    if told is not None:
        return told
    run = _begin(command, caller, units, sources)
    if isinstance(run, Refused):
        return run
    payers = _payers(units(caller.workspace), run.value.command.account)
    issued: list[InvoiceId] = []
    parked: list[tuple[AccountKey, Problem]] = []
    for done, (payer, subscriptions) in enumerate(payers.items(), start=1):
        outcome = _bill(run.value, units(caller.workspace), payer, subscriptions)
        if isinstance(outcome, Refused):
            problem = outcome.problems[0]
            if problem.code == UNDER_REPAIR:
                return outcome
            parked.append((payer, problem))
            _park(run.value, units(caller.workspace), payer, problem, subscriptions)
        else:
            issued += outcome.value
        progress(
            BillingProgress(
                account=payer,
                accounts_done=done,
                accounts=len(payers),
                issued=len(issued),
                parked=len(parked),
            )
        )
    report = BillingReport(
        through=run.value.through,
        position=run.value.position,
        accounts=len(payers),
        issued=tuple(issued),
        parked=tuple(parked),
    )
    return _told_before(command, caller, units, otherwise=report) or Done(report)


def _told_before(
    command: RunBilling, caller: Caller, units: Units, *, otherwise: BillingReport | None = None
) -> Outcome[BillingReport] | None:
    """Return what stands under the caller's key; None if nothing does, and then keep a report."""
    if caller.idempotency_key is None:
        return None
    with units(caller.workspace) as uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        if told.value is not None:
            return Done(msgspec.json.decode(told.value, type=BillingReport))
        if otherwise is not None:
            remember(uow, caller, command, msgspec.json.encode(otherwise))
            uow.commit()
        return None


def _begin(
    command: RunBilling, caller: Caller, units: Units, sources: BillingSources
) -> Outcome[_Run]:
    now = sources.clock.now()
    through = command.through or now
    if through > now:
        return refuse("period_not_over", f"{through} has not come yet", "through")
    durable = sources.log.durable_position()
    position = durable if command.position is None else command.position
    if position > durable:
        message = f"the log holds events up to position {durable}, not {position}"
        return refuse("position_unknown", message, "position")
    if not sources.usage.wait_covered(position, _COVER_SECONDS_MAX):
        covered = sources.usage.covered_position()
        message = f"the projection holds events up to {covered}, not {position}; try again later"
        return refuse("not_covered", message, "position")
    repairs = sources.agreement.repairs()
    with units(caller.workspace) as uow:
        problem = unprovable(uow, sources.agreement, position)
        if problem is not None:
            return Refused((problem,))
        definitions = uow.catalog.load_definitions()
        record_reaches(uow, known=sources.corrections, clock=sources.clock, through=position)
        problem = repaired_since(sources.agreement, repairs)
        if problem is not None:
            return Refused((problem,))
        uow.commit()
    return Done(
        _Run(
            command=command,
            caller=caller,
            sources=sources,
            definitions=definitions,
            through=through,
            position=position,
            repairs=repairs,
            at=now,
        )
    )


def _payers(uow: UnitOfWork, account: AccountKey | None) -> Mapping[AccountKey, list[Subscription]]:
    """Return all subscriptions by payer, in order of keys; without a payer, under the account."""
    found: dict[AccountKey, list[Subscription]] = {}
    with uow:
        accounts = uow.accounts.load_accounts()
        subscriptions = uow.subscriptions.load_subscriptions()
    wanted = None if account is None or account not in accounts else _payer(account, accounts)
    for _, subscription in sorted(subscriptions.items()):
        payer = _payer(subscription.account, accounts)
        if account is None or payer == wanted:
            found.setdefault(payer, []).append(subscription)
    return dict(sorted(found.items()))


def _payer(key: AccountKey, accounts: Mapping[AccountKey, Account]) -> AccountKey:
    payer = payer_of(key, accounts)
    return key if payer is None else payer.key


def _bill(
    run: _Run, uow: UnitOfWork, payer: AccountKey, subscriptions: list[Subscription]
) -> Outcome[tuple[InvoiceId, ...]]:
    """Bill one payer in one transaction; on a refusal nothing of it is issued."""
    try:
        with uow:
            outcome = _issue(run, uow, subscriptions)
            repaired = repaired_since(run.sources.agreement, run.repairs)
            if repaired is not None:
                return Refused((repaired,))
            if isinstance(outcome, Refused):
                return outcome
            uow.parked.release(payer)
            if outcome.value:
                _record(run, uow, payer, issued=outcome.value)
            uow.commit()
            return Done(tuple(document.invoice.id for document in outcome.value))
    except (InvariantBroken, Misuse) as error:
        broken = Problem(code="broken_account", message=f"{type(error).__name__}: {error}")
        return Refused((repaired_since(run.sources.agreement, run.repairs) or broken,))


def _issue(
    run: _Run, uow: UnitOfWork, subscriptions: list[Subscription]
) -> Outcome[list[NumberedDocument]]:
    """
    Draft all that is due, then issue it, one legal entity after the other.

    They come in the order of their keys: runs beside each other lock books and series alike.
    """
    drafts: dict[str, list[Invoice]] = {}
    for subscription in subscriptions:
        made = _draft(run, uow, subscription)
        if isinstance(made, Refused):
            return made
        drafts.setdefault(subscription.legal_entity, []).extend(made.value)
    issued: list[NumberedDocument] = []
    for key, of_entity in sorted(drafts.items()):
        entity = legal_entity_of(run.definitions, key)
        if isinstance(entity, Refused):
            return entity
        issue = Issue(entity=entity.value, at=run.sources.clock.now(), trace_id=run.caller.trace_id)
        outcome = issue_drafts(uow, of_entity, issue)
        if isinstance(outcome, Refused):
            return outcome
        issued += outcome.value
    return Done(issued)


def _draft(run: _Run, uow: UnitOfWork, subscription: Subscription) -> Outcome[tuple[Invoice, ...]]:
    """Draft and store what a subscription lacks; it stays locked until the commit."""
    uow.invoices.lock(subscription.key)
    basis = load_basis(uow, run.definitions, subscription)
    if isinstance(basis, Refused):
        return basis
    books = load_books(uow, basis.value)
    drafts = draft_missing(
        basis.value, books, run.sources, through=run.through, position=run.position
    )
    if isinstance(drafts, Done) and drafts.value:
        uow.invoices.discard_drafts(subscription.key)
        uow.invoices.save_drafts(drafts.value, basis=basis_document(basis.value))
    return drafts


def _record(
    run: _Run, uow: UnitOfWork, payer: AccountKey, *, issued: list[NumberedDocument]
) -> None:
    """Write the run's audit row of one payer; it holds the digest of each document."""
    digests = {document.invoice.id: document.digest for document in issued}
    record = audit_record(
        run.caller,
        run.command,
        subject=f"account:{payer}",
        at=run.at,
        details={"issued": digests, "position": run.position},
    )
    uow.audit.append(record)


def _park(
    run: _Run,
    uow: UnitOfWork,
    payer: AccountKey,
    problem: Problem,
    subscriptions: Iterable[Subscription],
) -> None:
    named = next(iter(subscriptions)).key
    with uow:
        uow.parked.park(
            ParkedAccount(
                account=payer,
                subscription=SubscriptionKey(named),
                code=problem.code,
                message=problem.message,
                position=run.position,
                parked_at=run.at,
            )
        )
        subject = f"account:{payer}"
        details = {"parked": problem.code, "message": problem.message}
        record = audit_record(run.caller, run.command, subject=subject, at=run.at, details=details)
        uow.audit.append(record)
        uow.commit()
