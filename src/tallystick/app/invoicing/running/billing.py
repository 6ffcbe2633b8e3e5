"""
Bills payers in one transaction: one of them, or some hundred together.

Together is the same as one after the other, only sooner: what they need is read in a few statements
and what they are issued is written in a few.  Whoever cannot be drafted is left out; where issuing
fails, for whomever it is, each of them is billed alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeAlias

from tallystick.app.audit import AuditRecord, audit_record
from tallystick.app.invoicing.billing_report import PayerBilled
from tallystick.app.invoicing.crediting import hold_credit
from tallystick.app.invoicing.gathering import PayerDrafts
from tallystick.app.invoicing.issuing import OF_ANOTHER_DAY, Issue, issue_drafts
from tallystick.app.invoicing.load_basis import legal_entity_of
from tallystick.app.invoicing.ports import NumberedDocument
from tallystick.app.invoicing.provable import UNDER_REPAIR, repaired_since
from tallystick.app.invoicing.running.drafting import Drafting, draft_gathering, prepare_all
from tallystick.app.invoicing.running.gathered import GatheredDrafts
from tallystick.app.invoicing.running.run import Run
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Subscription
from tallystick.invoicing import Invoice
from tallystick.kernel import (
    AccountKey,
    Done,
    EngineBusy,
    EngineUnavailable,
    Outcome,
    Problem,
    Refused,
    SubscriptionKey,
)
from tallystick.subscriptions import named_plans

Fresh: TypeAlias = Callable[[], UnitOfWork]
Payers: TypeAlias = Mapping[AccountKey, Sequence[SubscriptionKey]]


def bill_payers(
    run: Run, fresh: Fresh, payers: Payers, *, turn: Callable[[], object] = lambda: None
) -> Mapping[AccountKey, Outcome[PayerBilled]]:
    """
    Bill payers, together if that can be; on a refusal nothing is issued to that one.

    What was drafted just before the issuer's midnight is drafted once more, for the new day.

    Args:
        run: what they share.
        fresh: gives a unit of work.
        payers: with their contracts, in the order in which they are numbered.
        turn: returns when those before have their numbers.

    Raises:
        EngineUnavailable: the engine is away; one that is busy parks the payer.
    """
    alone = len(payers) == 1
    if not alone and any(_gathers(run, payer, of) for payer, of in payers.items()):
        return _in_parts(run, fresh, payers, turn)
    try:
        billed = _bill(run, fresh(), payers, turn)
        if alone and isinstance(billed, Refused) and billed.problems[0].code in OF_ANOTHER_DAY:
            billed = _bill(run, fresh(), payers, turn)
    except Exception as error:  # of one payer: it is parked, and the others are billed
        if alone and isinstance(error, EngineUnavailable) and not isinstance(error, EngineBusy):
            raise
        repaired = repaired_since(run.sources.agreement, run.repairs)
        billed = Refused((repaired or _broken(error),))
    if isinstance(billed, Done):
        return billed.value
    if alone or billed.problems[0].code == UNDER_REPAIR:
        return dict.fromkeys(payers, billed)
    turn()
    one_by_one = (bill_payers(run, fresh, {payer: of}) for payer, of in payers.items())
    return {payer: outcome for told in one_by_one for payer, outcome in told.items()}


def _gathers(run: Run, payer: AccountKey, keys: Iterable[SubscriptionKey]) -> bool:
    """Tell whether documents of a payer come together, wait, or have others pay: he is alone."""
    gathering, named = run.gathering, frozenset(keys)
    by_contract = gathering.contracts, run.moving
    return payer in gathering.accounts or any(not one.isdisjoint(named) for one in by_contract)


def _in_parts(
    run: Run, fresh: Fresh, payers: Payers, turn: Callable[[], object]
) -> Mapping[AccountKey, Outcome[PayerBilled]]:
    """Bill those alone whose documents come together, and those between them together."""
    told: dict[AccountKey, Outcome[PayerBilled]] = {}
    for gathers, part in groupby(payers, key=lambda payer: _gathers(run, payer, payers[payer])):
        keys = list(part)
        for some in [[payer] for payer in keys] if gathers else [keys]:
            told |= bill_payers(run, fresh, {payer: payers[payer] for payer in some}, turn=turn)
    return told


def _bill(
    run: Run, uow: UnitOfWork, payers: Payers, turn: Callable[[], object]
) -> Outcome[Mapping[AccountKey, Outcome[PayerBilled]]]:
    """Bill payers in one transaction, all or none but those who cannot be drafted."""
    with uow:
        drafted, gathered = _draft_payers(run, uow, payers)
        turn()
        issued = _issue_drafted(run, uow, drafted, gathered)
        repaired = repaired_since(run.sources.agreement, run.repairs)
        if repaired is not None:
            return Refused((repaired,))
        if isinstance(issued, Refused):
            return issued
        uow.commit()
    return Done(_told(drafted, issued.value))


def _draft_payers(
    run: Run, uow: UnitOfWork, payers: Payers
) -> tuple[Mapping[AccountKey, Outcome[PayerDrafts]], GatheredDrafts | None]:
    """Draft for payers, and keep it in memory; what comes together for one is stored at once."""
    payer, keys = next(iter(payers.items()))
    if len(payers) == 1 and _gathers(run, payer, keys):
        made = draft_gathering(run, uow, payer, keys)
        if made is not None:
            return {payer: made if isinstance(made, Refused) else Done(made)}, None
    gathered = uow.gather([key for of_payer in payers.values() for key in of_payer])
    contracts = gathered.contracts
    paid = {key: payer for payer, of_payer in payers.items() for key in of_payer}
    looked_at = [(contract, paid[key]) for key, contract in contracts.items()]
    drafting = prepare_all(_knowing(run, uow, contracts.values()), uow, looked_at)
    return {
        payer: _drafted(drafting, gathered, payer, [contracts[key] for key in of_payer])
        for payer, of_payer in payers.items()
    }, gathered


def _knowing(run: Run, uow: UnitOfWork, contracts: Iterable[Subscription]) -> Run:
    """Return the run with the catalog of now, where contracts name plans that came meanwhile."""
    known = run.definitions.plan_versions
    if all(plan in known for contract in contracts for plan in named_plans(contract)):
        return run
    return replace(run, definitions=uow.catalog.load_definitions())


def _drafted(
    drafting: Drafting,
    gathered: GatheredDrafts,
    payer: AccountKey,
    contracts: Sequence[Subscription],
) -> Outcome[PayerDrafts]:
    """Draft for one of many payers; on a refusal as if nothing had been."""
    try:
        made = drafting.draft_payer(payer, contracts)
    except EngineUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - of one payer: it is parked, and the others billed
        made = Refused((_broken(error),))
    if isinstance(made, Refused):
        gathered.forget(contract.key for contract in contracts)
    return made


def _issue_drafted(
    run: Run,
    uow: UnitOfWork,
    drafted: Mapping[AccountKey, Outcome[PayerDrafts]],
    gathered: GatheredDrafts | None,
) -> Outcome[list[NumberedDocument]]:
    done = {payer: one.value for payer, one in drafted.items() if isinstance(one, Done)}
    by_entity: dict[str, list[Invoice]] = {}
    for one in done.values():
        for entity, of_entity in one.by_entity.items():
            by_entity.setdefault(entity, []).extend(of_entity)
    drafts = [draft for of_entity in by_entity.values() for draft in of_entity]
    # Before the books of any legal entity are held: whoever holds books waits for no payer.
    hold_credit(uow, drafts)
    uow.money.lock(draft.account for draft in drafts)
    if gathered is not None:
        gathered.store(all_but=[draft.id for draft in drafts])
    issued = _issue(run, uow, by_entity)
    if isinstance(issued, Done):
        uow.parked.release_all(list(done))
        uow.audit.append_all(_records(run, drafted, issued.value))
    return issued


def _broken(error: Exception) -> Problem:
    return Problem(code="broken_account", message=f"{type(error).__name__}: {error}"[:2000])


def _issue(
    run: Run, uow: UnitOfWork, drafts: Mapping[str, Sequence[Invoice]]
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
        issue = Issue(
            entity=entity.value,
            at=run.sources.clock.now(),
            writer=run.sources.writer,
            trace_id=run.caller.trace_id,
        )
        outcome = issue_drafts(uow, of_entity, issue)
        if isinstance(outcome, Refused):
            return outcome
        issued += outcome.value
    return Done(issued)


def _told(
    drafted: Mapping[AccountKey, Outcome[PayerDrafts]], issued: Iterable[NumberedDocument]
) -> dict[AccountKey, Outcome[PayerBilled]]:
    """Return what was done for each payer."""
    by_payer = _by_payer(drafted, issued)
    return {
        payer: one
        if isinstance(one, Refused)
        else Done(
            PayerBilled(
                issued=tuple(document.invoice.id for document in by_payer.get(payer, ())),
                held=one.value.held,
                waiting=one.value.waiting,
            )
        )
        for payer, one in drafted.items()
    }


def _by_payer(
    drafted: Mapping[AccountKey, Outcome[PayerDrafts]], issued: Iterable[NumberedDocument]
) -> dict[AccountKey, list[NumberedDocument]]:
    """Return documents by the payer for whom they were drafted, whoever pays them by now."""
    whose = {
        draft.id: payer
        for payer, one in drafted.items()
        if isinstance(one, Done)
        for drafts in one.value.by_entity.values()
        for draft in drafts
    }
    found: dict[AccountKey, list[NumberedDocument]] = {}
    for document in issued:
        found.setdefault(whose[document.invoice.id], []).append(document)
    return found


def _records(
    run: Run,
    drafted: Mapping[AccountKey, Outcome[PayerDrafts]],
    issued: Iterable[NumberedDocument],
) -> list[AuditRecord]:
    """Return the run's audit record of each payer; it holds the digest of each document."""
    return [
        audit_record(
            run.caller,
            run.command,
            subject=f"account:{payer}",
            at=run.at,
            details={
                "issued": {one.invoice.id: one.digest for one in documents},
                "position": run.position,
            },
        )
        for payer, documents in _by_payer(drafted, issued).items()
    ]
