"""Who pays for contracts, over time: which payers a billing run goes through, and with what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from tallystick.accounts import (
    Account,
    PaidBy,
    ZoneChange,
    ancestors_of,
    payers_of,
    zones_of_payers,
)
from tallystick.app.accounts import accounts_of_payers, path_to_payer
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import PlanVersion, Subscription
from tallystick.kernel import AccountKey, SubscriptionKey
from tallystick.subscriptions import timeline, walk_periods


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """
    Who pays for an account.

    Attributes:
        payer: the one that was asked for, or else the last one that is declared.
        zone: of whoever pays, before all changes; with its changes.
        payers: since when who pays, where that was ever declared to change; else empty.
        holders: the accounts from the subscriber up to the payer, whose credit pays for it.
    """

    payer: Account
    zone: str
    holders: tuple[AccountKey, ...]
    zone_changes: tuple[ZoneChange, ...] = ()
    payers: tuple[PaidBy, ...] = ()


def load_paying(
    uow: UnitOfWork, subscriber: Account, *, payer: AccountKey | None = None
) -> Paying | None:
    """Return who pays for a subscriber, None if nobody does or the payer is not known."""
    accounts = accounts_of_payers(uow, subscriber)
    if not any(one.payer_changes for one in accounts.values()):
        return _always_paying(path_to_payer(uow, subscriber))
    payers = payers_of(subscriber.key, accounts)
    known = [one.payer for one in payers if one.payer is not None]
    wanted = payer or (known[-1] if known else None)
    found = None if wanted is None else accounts.get(wanted) or uow.accounts.load_account(wanted)
    if found is None or not known:
        return None
    zone, changes = zones_of_payers(payers, accounts)
    return Paying(
        payer=found,
        zone=zone,
        holders=_holders(subscriber.key, found.key, payers, accounts),
        zone_changes=changes,
        payers=payers,
    )


def _always_paying(path: Sequence[Account]) -> Paying | None:
    if not path:
        return None
    payer, holders = path[-1], tuple(one.key for one in path)
    return Paying(payer=payer, zone=payer.zone, holders=holders, zone_changes=payer.zone_changes)


def _holders(
    subscriber: AccountKey,
    payer: AccountKey,
    payers: Sequence[PaidBy],
    accounts: Mapping[AccountKey, Account],
) -> tuple[AccountKey, ...]:
    """Return the subscriber, those between him and a payer while he pays, and the payer."""
    found = {subscriber: None}
    for paid in payers:
        path = [one.key for one in ancestors_of(subscriber, accounts, at=paid.since)]
        if paid.payer == payer:
            found |= dict.fromkeys(path[: path.index(payer)])
    return tuple(dict.fromkeys([*found, payer]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidContracts:
    """
    All contracts by payer, in order of keys.

    ``moving``: those that several are billed for; each of these is billed by himself.
    """

    by_payer: Mapping[AccountKey, Sequence[SubscriptionKey]]
    moving: frozenset[SubscriptionKey] = field(default_factory=frozenset)


def contracts_by_payer(
    uow: UnitOfWork, account: AccountKey | None, *, through: datetime
) -> PaidContracts:
    """
    Return all subscriptions by payer, in order of keys; without a payer, under the account.

    Who paid before a change, or was billed before one was dated back, is among the payers: what he
    was charged may have to be corrected.

    Args:
        uow: not open yet.
        account: whose payers they must be; None: anybody's.
        through: changes up to this instant count.
    """
    with uow:
        found = contracts_paid(uow, through=through)
        if account is None:
            return found
        wanted = _payers_of(uow, account)
    chosen = {payer: of_payer for payer, of_payer in found.by_payer.items() if payer in wanted}
    return PaidContracts(by_payer=chosen, moving=found.moving)


def payers_of_contract(
    uow: UnitOfWork, subscription: Subscription, *, through: datetime
) -> tuple[AccountKey | None, ...]:
    """Return everybody who is billed for a contract, in order of time; (None,): its one payer."""
    subscriber = uow.accounts.load_account(subscription.account)
    paying = None if subscriber is None else load_paying(uow, subscriber)
    if paying is None or not paying.payers:
        return (None,)
    billed = uow.payers.billed([subscription.key]).get(subscription.key, ())
    return _concerned(paying.payers, subscription.start, through=through, billed=billed)


def contracts_paid(uow: UnitOfWork, *, through: datetime) -> PaidContracts:
    """Return all contracts by payer, as `contracts_by_payer`; in a unit of work that is open."""
    by_payer = {payer: list(keys) for payer, keys in uow.subscriptions.keys_by_payer().items()}
    moved = uow.payers.moving()
    contracts = uow.payers.begun_below(moved) if moved else ()
    if not contracts:
        return PaidContracts(by_payer=by_payer)
    accounts = uow.accounts.load_accounts()
    billed = uow.payers.billed(key for key, _, _ in contracts)
    dated = {key for key, _, _ in contracts}
    by_payer = {
        payer: [key for key in keys if key not in dated] for payer, keys in by_payer.items()
    }
    moving: set[SubscriptionKey] = set()
    for key, subscriber, start in contracts:
        payers = _concerned(
            payers_of(subscriber, accounts), start, through=through, billed=billed.get(key, ())
        )
        moving |= {key} if len(payers) > 1 else set()
        for payer in payers:
            by_payer.setdefault(payer, []).append(key)
    in_order = {payer: sorted(keys) for payer, keys in sorted(by_payer.items()) if keys}
    return PaidContracts(by_payer=in_order, moving=frozenset(moving))


def _concerned(
    payers: Sequence[PaidBy], start: datetime, *, through: datetime, billed: Iterable[AccountKey]
) -> tuple[AccountKey, ...]:
    """Return who pays at a time of a contract that has begun, and who was billed for it."""
    found: dict[AccountKey, None] = {}
    for paid, following in zip_longest(payers, payers[1:]):
        ends = None if following is None else following.since
        is_over = ends is not None and ends <= start
        is_ahead = paid.since is not None and paid.since > through
        if paid.payer is not None and not is_over and not is_ahead:
            found[paid.payer] = None
    return tuple(dict.fromkeys([*found, *sorted(billed)]))


def _payers_of(uow: UnitOfWork, account: AccountKey) -> frozenset[AccountKey]:
    """Return who ever pays for an account; itself, if nobody does."""
    known = uow.accounts.load_account(account)
    paying = None if known is None else load_paying(uow, known)
    if paying is None:
        return frozenset({account})
    return frozenset(
        {paying.payer.key, *(one.payer for one in paying.payers if one.payer is not None)}
    )


def paid_times(
    paying: Paying, contract: Subscription, plans: Sequence[PlanVersion]
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return when a payer pays for a contract, by its boundaries; half-open, None: open."""
    last = max((one.since for one in paying.payers if one.since), default=contract.start)
    segments = timeline(contract, plans)
    times: list[tuple[datetime, datetime | None]] = []
    for period in walk_periods(contract, segments, paying.zone, zone_changes=paying.zone_changes):
        start, end = period.span.start, None if period.span.start >= last else period.span.end
        since = [one for one in paying.payers if one.since is None or one.since <= start]
        if since[-1].payer == paying.payer.key:
            if times and times[-1][1] == start:
                start, _ = times.pop()
            times.append((start, end))
        if end is None:
            break
    return tuple(times)
