"""
A billing run: every document that is due by an instant, account by account.

A run asks for nothing but facts, so it may be stopped and started again at any time: what was
issued is due no more.  Each payer is one transaction; one with a defect is parked with its reason,
and the run goes on.  Its answer is kept under the caller's idempotency key when it has ended: who
sends it again is told the same, and one that was broken off goes on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from tallystick.app.audit import audit_record
from tallystick.app.command import Caller, missing_scope
from tallystick.app.corrections import record_reaches
from tallystick.app.invoicing.ahead import Ahead, each_payer, read_ahead
from tallystick.app.invoicing.billing_report import (
    BillingProgress,
    BillingReport,
    PayerBilled,
    Units,
    told_before,
)
from tallystick.app.invoicing.crediting import save_drafted
from tallystick.app.invoicing.gathering import (
    GatheringPayers,
    PayerDrafts,
    Together,
    draft_together,
    gathering_payers,
    holds,
)
from tallystick.app.invoicing.issuing import OF_ANOTHER_DAY, Issue, issue_drafts
from tallystick.app.invoicing.load_basis import legal_entity_of, load_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import Until, draft_each, draft_within, load_books
from tallystick.app.invoicing.payers import subscriptions_by_payer
from tallystick.app.invoicing.ports import BillingSources, NumberedDocument, ParkedAccount
from tallystick.app.invoicing.provable import UNDER_REPAIR, repaired_since, unprovable
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, Subscription
from tallystick.credits import Movement
from tallystick.invoicing import (
    Invoice,
    as_agreed_for,
    issued_from,
    missing_documents,
    running_period,
    with_spent,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    EngineBusy,
    EngineUnavailable,
    InvoiceId,
    Outcome,
    Problem,
    Refused,
    SubscriptionKey,
    refuse,
)

_COVER_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBilling:
    """
    Issue all documents due by an instant.

    Attributes:
        through: the instant; None: now. The future is refused.
        position: the log position that must count; None: the last durable one.
        account: bill this subscriber's payer only; None: everybody.
        hold: draft all that is due, days of grace or not, and leave it to be reviewed; runs after
            this one leave it too, until it is approved or rejected.
    """

    through: datetime | None = None
    position: int | None = None
    account: AccountKey | None = None
    hold: bool = False


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
    held: frozenset[SubscriptionKey]
    gathering: GatheringPayers
    spent: list[Movement] = field(default_factory=list)  # by contracts of the payer before


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
    told = told_before(command, caller, units)
    if told is not None:
        return told
    run = _begin(command, caller, units, sources)
    if isinstance(run, Refused):
        return run
    begun, fresh = run.value, partial(units, caller.workspace)
    payers = subscriptions_by_payer(fresh(), begun.command.account)
    issued: list[InvoiceId] = []
    parked: list[tuple[AccountKey, Problem]] = []
    held = waiting = 0
    billed = each_payer(
        payers,
        read=lambda together: _reading_ahead(begun, fresh(), together),
        work=lambda ahead, payer, contracts: _bill(ahead, fresh, payer, contracts),
    )
    for done, (payer, subscriptions, outcome) in enumerate(billed, start=1):
        if isinstance(outcome, Refused):
            problem = outcome.problems[0]
            if problem.code == UNDER_REPAIR:
                return outcome
            parked.append((payer, problem))
            _park(begun, fresh(), payer, problem, subscriptions)
        else:
            issued += outcome.value.issued
            held += outcome.value.held
            waiting += outcome.value.waiting
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
        through=begun.through,
        position=begun.position,
        accounts=len(payers),
        issued=tuple(issued),
        parked=tuple(parked),
        held=held,
        waiting=waiting,
    )
    return told_before(command, caller, units, otherwise=report) or Done(report)


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
        definitions, held = uow.catalog.load_definitions(), uow.invoices.held_subscriptions()
        gathering = gathering_payers(uow, definitions)
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
            held=held,
            gathering=gathering,
        )
    )


def _reading_ahead(run: _Run, uow: UnitOfWork, together: Sequence[Subscription]) -> _Run:
    """Return the run with the usage of some contracts in memory; for one alone it is just asked."""
    if len(together) == 1:
        return run
    wanted = Ahead(definitions=run.definitions, through=run.through, position=run.position)
    wanted = replace(wanted, hold=run.command.hold)
    reader = read_ahead(together, wanted, uow=uow, sources=run.sources)
    return replace(run, sources=replace(run.sources, usage=reader))


def _bill(
    run: _Run, units: Callable[[], UnitOfWork], payer: AccountKey, subscriptions: list[Subscription]
) -> Outcome[PayerBilled]:
    """
    Bill one payer in one transaction; on a refusal nothing of it is issued.

    What was drafted just before the issuer's midnight is drafted once more, for the new day.
    """
    outcome = _bill_at_once(run, units(), payer, subscriptions)
    if isinstance(outcome, Refused) and outcome.problems[0].code in OF_ANOTHER_DAY:
        return _bill_at_once(run, units(), payer, subscriptions)
    return outcome


def _bill_at_once(
    run: _Run, uow: UnitOfWork, payer: AccountKey, subscriptions: list[Subscription]
) -> Outcome[PayerBilled]:
    try:
        with uow:
            drafts = _draft_all(run, uow, payer, subscriptions)
            issued = drafts if isinstance(drafts, Refused) else _issue(run, uow, drafts.by_entity)
            repaired = repaired_since(run.sources.agreement, run.repairs)
            if repaired is not None:
                return Refused((repaired,))
            if isinstance(drafts, Refused):
                return drafts
            if isinstance(issued, Refused):
                return issued
            uow.parked.release(payer)
            if issued.value:
                _record(run, uow, payer, issued=issued.value)
            uow.commit()
            ids = tuple(document.invoice.id for document in issued.value)
            return Done(PayerBilled(issued=ids, held=drafts.held, waiting=drafts.waiting))
    except Exception as error:  # of one payer: it is parked, and the others are billed
        if isinstance(error, EngineUnavailable) and not isinstance(error, EngineBusy):
            raise
        broken = Problem(code="broken_account", message=f"{type(error).__name__}: {error}"[:2000])
        return Refused((repaired_since(run.sources.agreement, run.repairs) or broken,))


def _draft_all(
    run: _Run, uow: UnitOfWork, payer: AccountKey, subscriptions: list[Subscription]
) -> PayerDrafts | Refused:
    """Draft all that is due: together for a payer whose documents come so, else one by one."""
    gathers = run.gathering.find(payer, subscriptions, uow)
    if gathers is not None:
        order = Together(
            payer=gathers,
            definitions=run.definitions,
            through=run.through,
            position=run.position,
            all_held=run.command.hold,
            held=run.held,
        )
        return draft_together(order, subscriptions, uow=uow, sources=run.sources)
    drafts: dict[str, list[Invoice]] = {}
    held, run = 0, replace(run, spent=[])
    for subscription in subscriptions:
        hold = run.command.hold or subscription.key in run.held
        hold = hold or holds(run.definitions, subscription.legal_entity)
        made = _draft(run, uow, subscription, hold=hold)
        if isinstance(made, Refused):
            return made
        if hold:
            held += len(made.value)
        else:
            drafts.setdefault(subscription.legal_entity, []).extend(made.value)
    return PayerDrafts(by_entity=drafts, held=held)


def _issue(
    run: _Run, uow: UnitOfWork, drafts: Mapping[str, list[Invoice]]
) -> Outcome[list[NumberedDocument]]:
    """
    Issue what was drafted, one legal entity after the other.

    They come in the order of their keys: runs beside each other lock books and series alike.
    """
    issued: list[NumberedDocument] = []
    for key, of_entity in sorted(drafts.items()):
        entity = legal_entity_of(run.definitions, key)
        if isinstance(entity, Refused):
            return entity
        at, writer, trace = run.sources.clock.now(), run.sources.writer, run.caller.trace_id
        issue = Issue(entity=entity.value, at=at, writer=writer, trace_id=trace)
        outcome = issue_drafts(uow, of_entity, issue)
        if isinstance(outcome, Refused):
            return outcome
        issued += outcome.value
    return Done(issued)


def _draft(
    run: _Run, uow: UnitOfWork, subscription: Subscription, *, hold: bool
) -> Outcome[tuple[Invoice, ...]]:
    """
    Draft and store what a subscription lacks; it stays locked until the commit.

    Nothing is drafted anew while all that is due is in review, unless the run says so: what is
    reviewed stands still.
    """
    uow.invoices.lock(subscription.key)
    basis = load_basis(uow, run.definitions, subscription)
    if isinstance(basis, Refused):
        return basis
    basis = Done(with_spent(basis.value, run.spent))
    books = load_books(uow, basis.value)
    dues = [
        due
        for due in missing_documents(basis.value, books.billed, through=run.through)
        if run.command.hold or issued_from(basis.value, due) <= run.through
    ]
    drafted = uow.invoices.drafts_of(subscription.key) if hold and not run.command.hold else None
    if drafted and {(due.period.start, due.purpose) for due in dues} <= drafted:
        return Done(())
    until = Until(through=run.through, position=run.position)
    within = running_period(basis.value, run.through)
    now, asked = run.sources.clock.now(), dues if within is None else [*dues, within]
    agreed = as_agreed_for(basis.value, dues, books.billed)
    rated = with_rates(uow, agreed, asked, billed=books.billed, now=now)
    drafts = draft_each(rated, books, run.sources, dues=dues, position=run.position)
    drafts = draft_within(drafts, rated, books, run.sources, until)
    if isinstance(drafts, Done) and drafts.value:
        uow.invoices.discard_drafts(subscription.key)
        run.spent.extend(save_drafted(uow, drafts.value, rated, billed=books.billed, held=hold))
    return drafts


def _record(
    run: _Run, uow: UnitOfWork, payer: AccountKey, *, issued: list[NumberedDocument]
) -> None:
    """Write the run's audit row of one payer; it holds the digest of each document."""
    digests = {document.invoice.id: document.digest for document in issued}
    subject, details = f"account:{payer}", {"issued": digests, "position": run.position}
    record = audit_record(run.caller, run.command, subject=subject, at=run.at, details=details)
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
