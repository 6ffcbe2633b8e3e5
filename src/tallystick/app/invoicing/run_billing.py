"""
A billing run: every document that is due by an instant, account by account.

A run asks for nothing but facts, so it may be stopped and started again at any time: what was
issued is due no more.  Each payer is one transaction; one with a defect is parked with its reason,
and the run goes on.  Its answer is kept under the caller's idempotency key when it has ended: who
sends it again is told the same, and one that was broken off goes on.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from tallystick.app.audit import audit_record
from tallystick.app.command import Caller, missing_scope
from tallystick.app.corrections import record_reaches
from tallystick.app.invoicing.billing_report import (
    BillingProgress,
    BillingReport,
    Units,
    told_before,
)
from tallystick.app.invoicing.gathering import gathering_payers
from tallystick.app.invoicing.paying import contracts_by_payer
from tallystick.app.invoicing.ports import BillingSources, ParkedAccount
from tallystick.app.invoicing.provable import UNDER_REPAIR, repaired_since, unprovable
from tallystick.app.invoicing.running import Run, RunBilling, bill_payers, each_payer
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    AccountKey,
    Done,
    InvoiceId,
    Outcome,
    Problem,
    Refused,
    SubscriptionKey,
    refuse,
)

_COVER_SECONDS_MAX = 30.0


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
    paid = contracts_by_payer(fresh(), begun.command.account, through=begun.through)
    begun, payers = replace(begun, moving=paid.moving), paid.by_payer
    issued: list[InvoiceId] = []
    parked: list[tuple[AccountKey, Problem]] = []
    held = waiting = 0
    billed = each_payer(
        payers, lambda together, turn: bill_payers(begun, fresh, together, turn=turn)
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
) -> Outcome[Run]:
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
        Run(
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


def _park(
    run: Run,
    uow: UnitOfWork,
    payer: AccountKey,
    problem: Problem,
    subscriptions: Iterable[SubscriptionKey],
) -> None:
    """Park a payer; the audit tells of it when the reason is new, not at each run that meets it."""
    parked = ParkedAccount(
        account=payer,
        subscription=next(iter(subscriptions)),
        code=problem.code,
        message=problem.message,
        position=run.position,
        parked_at=run.at,
    )
    subject = f"account:{payer}"
    details = {"parked": problem.code, "message": problem.message}
    with uow:
        if not uow.parked.park(parked):
            return
        record = audit_record(run.caller, run.command, subject=subject, at=run.at, details=details)
        uow.audit.append(record)
        uow.commit()
