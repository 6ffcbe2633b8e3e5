"""
Moves an account below another payer, or makes it one, from an instant on.

The move is one more entry of the account's `payer_changes`, read and checked as a catalog file is.
It can be tried first: then everything that a billing run would issue for it at once is told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.app.carrying_out import Decided, Effect, Preview, as_json, carried_out
from tallystick.app.catalog import load_catalog
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing import (
    BillingSources,
    draft_missing,
    load_basis,
    load_books,
    load_running_basis,
    payers_of_contract,
    with_rates_due,
)
from tallystick.app.keys import Scope
from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import (
    Catalog,
    Documents,
    Subscription,
    account_document,
    payer_changes_document,
    plan_catalog,
)
from tallystick.invoicing import (
    Basis,
    Invoice,
    InvoiceDocument,
    asked_at,
    wire_from_invoice,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    Outcome,
    Refused,
    SubscriptionKey,
    derived_id,
    instant_text,
    refuse,
)

TOPIC = "payer.changed"
CONTRACTS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePayer:
    """
    Say below whom an account stands from an instant on.

    Attributes:
        at: the instant, ahead or back; None: now.
        parent: the account above; empty: none.
        invoiced: whether the account itself is invoiced.
        dry_run: tell what it would do, and write nothing.
    """

    account: AccountKey
    at: datetime | None = None
    parent: str = ""
    invoiced: bool = False
    dry_run: bool = False


class PaidContract(msgspec.Struct, frozen=True, kw_only=True):
    """A contract that another account pays for from a boundary on; RFC 3339."""

    subscription: SubscriptionKey
    at: str
    before: AccountKey | None
    after: AccountKey | None


class ChangedPayer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a move does.

    Attributes:
        at: from when on the account stands elsewhere; RFC 3339.
        contracts: those that another one pays for, each from its next boundary on.
        documents: of a dry run, what would be issued at once.
    """

    account: AccountKey
    at: str
    contracts: tuple[PaidContract, ...]
    documents: tuple[InvoiceDocument, ...] = ()
    dry_run: bool = False


def change_payer(
    command: ChangePayer, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[ChangedPayer]:
    """
    Add a move to an account's, in one transaction; a dry run is taken back.

    Problems:
        forbidden: the caller lacks the scope ``admin``.
        unknown_account: there is none of this key.
        too_many_contracts: more than a hundred contracts are concerned; a dry run cannot tell.
        Those of `plan_catalog`; on a dry run those of drafting.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = sources.clock.now()

    def decide() -> Decided[ChangedPayer]:
        uow.catalog.lock()
        changed = _change(command, uow, sources, now=now)
        if isinstance(changed, Refused):
            return changed
        if command.dry_run:
            return Preview(answer=changed.value)
        return _effect_of(command, changed.value, caller=caller, uow=uow, now=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(ChangedPayer))


def _change(
    command: ChangePayer, uow: UnitOfWork, sources: BillingSources, *, now: datetime
) -> Outcome[ChangedPayer]:
    stored, at = load_catalog(uow), command.at or now
    account = stored.accounts.get(command.account)
    if account is None:
        return refuse("unknown_account", f"there is no account {command.account}", "account")
    planned = plan_catalog(_documents(command, stored, at=at), stored=stored, at=now)
    if isinstance(planned, Refused):
        return planned
    below = [key for key, _, _ in uow.payers.begun_below([command.account])]
    if command.dry_run and len(below) > CONTRACTS_MAX:
        message = f"{len(below)} contracts stand below {command.account}; {CONTRACTS_MAX} are told"
        return refuse("too_many_contracts", message, "account")
    contracts = uow.subscriptions.load_many(below)
    before = dict(_paid(contracts.values(), stored, uow, at=at))
    uow.accounts.save_accounts(planned.value.stores.accounts.values())
    after = dict(_paid(contracts.values(), stored, uow, at=at))
    told = ChangedPayer(
        account=command.account,
        at=instant_text(at),
        contracts=tuple(
            PaidContract(subscription=key, at=boundary, before=before[key][1], after=payer)
            for key, (boundary, payer) in after.items()
            if key in before and before[key][1] != payer
        ),
        dry_run=command.dry_run,
    )
    if not command.dry_run:
        return Done(told)
    moved = [contracts[key] for key in sorted(contracts)]
    return _with_documents(told, moved, uow, sources, known=stored)


def _documents(command: ChangePayer, stored: Catalog, *, at: datetime) -> Documents:
    """Return the account's document with the move behind those at its instant or before."""
    document = account_document(stored.accounts[command.account])
    entry: dict[str, object] = {"at": instant_text(at)}
    entry |= {"parent": command.parent} if command.parent else {}
    entry |= {"invoiced": True} if command.invoiced else {}
    stands = stored.accounts[command.account].payer_changes
    moves = payer_changes_document(stands)
    behind = sum(one.at <= at for one in stands)
    document["payer_changes"] = [*moves[:behind], entry, *moves[behind:]]
    return Documents(lists={"accounts": [document]})


def _paid(
    contracts: Iterable[Subscription], known: Catalog, uow: UnitOfWork, *, at: datetime
) -> Iterator[tuple[SubscriptionKey, tuple[str, AccountKey]]]:
    """Yield who pays for each contract from its first boundary at or after an instant, if any."""
    for contract in sorted(contracts, key=lambda one: one.key):
        whole = load_basis(uow, known, contract)
        boundary = None if isinstance(whole, Refused) else _boundary(whole.value, at)
        if boundary is None:
            continue
        paid = load_running_basis(uow, known, contract, at=boundary)
        if isinstance(paid, Done):
            yield contract.key, (instant_text(boundary), paid.value.payer)


def _boundary(basis: Basis, at: datetime) -> datetime | None:
    begun = basis.billing_periods(through=max(at, basis.subscription.start))
    if not begun:
        return None
    last = begun[-1].span
    boundary = last.start if last.start >= at else last.end
    ends = basis.subscription.end
    return None if ends is not None and ends <= boundary else boundary


def _with_documents(
    told: ChangedPayer,
    contracts: Iterable[Subscription],
    uow: UnitOfWork,
    sources: BillingSources,
    *,
    known: Catalog,
) -> Outcome[ChangedPayer]:
    """Add what a billing run would issue at once, contract by contract, payer by payer."""
    now, made = sources.clock.now(), list[Invoice]()
    for contract in contracts:
        for payer in payers_of_contract(uow, contract, through=now):
            loaded = load_basis(uow, known, contract, payer=payer)
            if isinstance(loaded, Refused):
                return loaded
            basis = asked_at(loaded.value, now)
            books = load_books(uow, basis)
            drafts = draft_missing(
                with_rates_due(uow, basis, books, through=now, now=now),
                books,
                sources,
                through=now,
                position=sources.usage.covered_position(),
            )
            if isinstance(drafts, Refused):
                return drafts
            made += drafts.value
    return Done(msgspec.structs.replace(told, documents=tuple(map(wire_from_invoice, made))))


def _effect_of(
    command: ChangePayer, changed: ChangedPayer, *, caller: Caller, uow: UnitOfWork, now: datetime
) -> Effect[ChangedPayer]:
    """Put the message of what was declared into the outbox; the audit says the same."""
    details: dict[str, object] = {
        "at": changed.at,
        "parent": command.parent,
        "invoiced": command.invoiced,
        "contracts": [one.subscription for one in changed.contracts[:CONTRACTS_MAX]],
    }
    uow.outbox.put(
        Message(
            workspace=caller.workspace,
            id=derived_id("payer", command.account, changed.at, instant_text(now)),
            topic=TOPIC,
            payload={"account": command.account, **details},
            due_at=now,
            trace_id=caller.trace_id,
        )
    )
    return Effect(answer=changed, subject=f"account:{command.account}", at=now, details=details)
