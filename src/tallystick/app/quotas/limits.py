"""
The limits of accounts, as they were resolved last, kept until anything about them changes.

Whether they still hold is asked with each batch of decisions by one statement: every change of a
contract, grant, restriction, feature or account sets a stamp in its own transaction. What was
resolved for an account is dropped when a stamp of it or of an account above it is another one, or
when time passes the next instant at which a known change takes effect.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tallystick.accounts import Account, parent_at
from tallystick.app.entitlements import AccountEntitled, entitlements_of
from tallystick.app.quotas.ports import CounterKey
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import FeatureKind
from tallystick.kernel import AccountKey, MeterKey, PlanKey, WorkspaceId
from tallystick.metering import Meter
from tallystick.quotas import ALWAYS, RATE_TIME, Denied, Limit
from tallystick.subscriptions import plan_at
from tallystick.thresholds import Rule

KNOWN_MAX = 200_000
TOGETHER_MAX = 500
"""So many accounts are resolved by one set of questions."""
_RESOLVED_FOR = timedelta(days=1)
_EVERYBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLimit:
    """
    A limit, and the meter by which it is counted; None where nothing measures it.

    Attributes:
        until: the next instant at which anything known changes it; None: none is known.
    """

    limit: Limit
    meter: Meter | None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether an instant lies in its window."""
        return self.limit.start <= at and (self.limit.end is None or at < self.limit.end)


def counter_key(limit: Limit) -> CounterKey:
    """Return the counter of a limit."""
    return CounterKey(str(limit.holder), limit.feature, limit.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    What an account may use, by feature.

    Attributes:
        exists: whether there is such an account.
        stamp: of the account, together with that of all; it only grows.
        above: the accounts on which it rests beside itself.
        until: when it must be resolved anew; None: whenever a day has passed.
    """

    limits: Mapping[str, KnownLimit]
    exists: bool
    stamp: int
    above: Mapping[str, int]
    at: datetime
    until: datetime | None

    def beside(self, known: KnownLimit) -> tuple[KnownLimit, ...]:
        """Return the other limits in force of which a use of this one is a use, by feature."""
        return tuple(one for one in self.counting(known) if one.limit.denied is None)

    def counting(self, known: KnownLimit) -> tuple[KnownLimit, ...]:
        """Return the other limits on its meter, those that are not in force too, by feature."""
        if known.meter is None or known.limit.kind is not FeatureKind.METERED:
            return ()
        found = self.on_meter(known.meter.key)
        return tuple(one for one in found if one.limit.feature != known.limit.feature)

    def on_meter(self, meter: MeterKey) -> tuple[KnownLimit, ...]:
        """Return the limits on a meter, by feature."""
        return tuple(
            one
            for _, one in sorted(self.limits.items())
            if one.limit.kind is FeatureKind.METERED
            if one.meter is not None and one.meter.key == meter
        )

    def holds(self, at: datetime) -> bool:
        """Tell whether nothing that was known when it was resolved has changed by an instant."""
        end = self.at + _RESOLVED_FOR if self.until is None else self.until
        return self.at <= at < end


class KnownLimits:
    """What was resolved last; used from several threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[WorkspaceId, str], Standing] = {}
        self._lock = threading.Lock()

    def remembered(self, workspace: WorkspaceId, account: str) -> Standing | None:
        """Return what was resolved last, whether or not it still holds."""
        return self._known.get((workspace, account))

    def all_remembered(self, workspace: WorkspaceId) -> Mapping[str, Standing]:
        """Return what was resolved last of each account of a workspace."""
        with self._lock:
            return {account: one for (of, account), one in self._known.items() if of == workspace}

    def until(self, workspace: WorkspaceId, account: str) -> datetime | None:
        """Return when what is remembered of an account changes by itself; None: nothing known."""
        one = self._known.get((workspace, account))
        return None if one is None else one.until

    def put(self, workspace: WorkspaceId, found: Mapping[str, Standing]) -> None:
        """Remember what was resolved."""
        with self._lock:
            if len(self._known) > KNOWN_MAX:
                self._known.clear()
            self._known |= {(workspace, account): one for account, one in found.items()}

    def in_force(
        self, workspace: WorkspaceId, accounts: Iterable[str], *, at: datetime
    ) -> dict[str, Standing] | None:
        """Return what is remembered of accounts unless time has changed it; their stamps may."""
        found = {}
        for account in accounts:
            one = self._known.get((workspace, account))
            if one is None or not one.holds(at):
                return None
            found[account] = one
        return found

    def look_up(
        self, accounts: Iterable[str], *, at: datetime, uow: UnitOfWork
    ) -> dict[str, Standing]:
        """Return what accounts may use at an instant; called inside of a unit of work."""
        asked = sorted(set(accounts))
        known = {account: self._known.get((uow.workspace, account)) for account in asked}
        above = {each for one in known.values() if one is not None for each in one.above}
        stamps = uow.quotas.stamps({*asked, *above, _EVERYBODY})
        found = {
            account: standing
            for account, standing in known.items()
            if standing is not None and _is_fresh(standing, account, stamps, at)
        }
        stale = [account for account in asked if account not in found]
        found |= resolve_standings(stale, at=at, uow=uow)
        self.put(uow.workspace, found)
        return found


def resolve_standings(
    accounts: Iterable[str], *, at: datetime, uow: UnitOfWork
) -> dict[str, Standing]:
    """Return what accounts may use, resolved now; a few questions for `TOGETHER_MAX` of them."""
    asked = sorted(set(accounts))
    meters: dict[str, Meter | None] = {}
    found: dict[str, Standing] = {}
    for first in range(0, len(asked), TOGETHER_MAX):
        page = [AccountKey(account) for account in asked[first : first + TOGETHER_MAX]]
        found |= _resolve(page, at=at, uow=uow, meters=meters)
    return found


def _resolve(
    accounts: Sequence[AccountKey],
    *,
    at: datetime,
    uow: UnitOfWork,
    meters: dict[str, Meter | None],
) -> dict[str, Standing]:
    # Stamps are read before what they stand for: what changes meanwhile is resolved once more.
    stamps = dict(uow.quotas.stamps({*accounts, _EVERYBODY}))
    chains = _chains(accounts, at, uow)
    above = {each for chain in chains.values() for each in chain} - set(accounts)
    if above:
        stamps |= uow.quotas.stamps(above)
    everybody = stamps.get(_EVERYBODY, 0)
    entitled = entitlements_of(chains, at=at, uow=uow)
    rules = _Rules({each for chain in chains.values() for each in chain}, at=at, uow=uow)
    found: dict[str, Standing] = {}
    for account in accounts:
        chain, granted = chains.get(account, ()), entitled.get(account, ())
        ends = [each.valid_until for each in granted if each.valid_until is not None]
        found[account] = Standing(
            limits={
                each.entitled.feature.key: _known_limit(each, rules, meters, uow)
                for each in granted
            },
            exists=bool(chain),
            stamp=everybody + stamps.get(account, 0),
            above={each: everybody + stamps.get(each, 0) for each in chain if each != account},
            at=at,
            until=min(ends, default=None),
        )
    return found


def _is_fresh(standing: Standing, account: str, stamps: Mapping[str, int], at: datetime) -> bool:
    everybody = stamps.get(_EVERYBODY, 0)
    return (
        standing.holds(at)
        and standing.stamp == everybody + stamps.get(account, 0)
        and all(each == everybody + stamps.get(of, 0) for of, each in standing.above.items())
    )


def _chains(
    accounts: Iterable[AccountKey], at: datetime, uow: UnitOfWork
) -> dict[AccountKey, tuple[AccountKey, ...]]:
    """Return accounts, each with those above it, the nearest first; none that does not exist."""
    declared = uow.standings.load_lines(accounts)
    known: dict[AccountKey, Account | None] = {
        one.key: one for line in declared.values() for one in line
    }
    found = {}
    for account in declared:
        chain: list[AccountKey] = []
        key: AccountKey | None = account
        while key is not None and key not in chain:
            if key not in known:
                known[key] = uow.accounts.load_account(key)
            one = known[key]
            if one is None:
                break
            chain.append(key)
            key = parent_at(one, at)
        found[account] = tuple(chain)
    return found


class _Rules:
    """The alert rules that watch accounts, looked up when they are resolved."""

    def __init__(self, accounts: Iterable[AccountKey], *, at: datetime, uow: UnitOfWork) -> None:
        self._rules = [one for one in uow.catalog.load_alert_rules() if one.enabled]
        by_plan = any(one.plan is not None for one in self._rules)
        self._plans: dict[AccountKey, set[PlanKey]] = {}
        for one in uow.standings.load_contracts(accounts) if by_plan else ():
            if one.start <= at and (one.end is None or at < one.end):
                self._plans.setdefault(one.account, set()).add(plan_at(one, at)[0])

    def of(self, holder: AccountKey, feature: str) -> tuple[Rule, ...]:
        """Return those that watch the counter of a feature."""
        plans = self._plans.get(holder, set())
        return tuple(one.rule for one in self._rules if one.watches(feature, holder, plans))


def _known_limit(
    entitled: AccountEntitled, rules: "_Rules", meters: dict[str, Meter | None], uow: UnitOfWork
) -> KnownLimit:
    feature = entitled.entitled.feature
    if feature.meter is not None and feature.meter not in meters:
        meters[feature.meter] = uow.catalog.load_meter(MeterKey(feature.meter))
    limit = limit_of(entitled)
    watching = rules.of(limit.holder, feature.key)
    meter = None if feature.meter is None else meters[feature.meter]
    limit = replace(limit, rules=watching)
    return KnownLimit(limit=limit, meter=meter, until=entitled.valid_until)


def limit_of(found: AccountEntitled) -> Limit:
    """Return the limit as it is enforced, of what is resolved."""
    entitled = found.entitled
    feature = entitled.feature
    rolling = feature.window.rolling
    if feature.kind is FeatureKind.RATE and feature.per is not None:
        rolling = RATE_TIME[feature.per]
    denied = None
    if not entitled.enabled:
        restricted = found.restriction is not None
        denied = Denied.RESTRICTED if restricted else Denied.NOT_ENTITLED
    return Limit(
        holder=found.holder,
        feature=feature.key,
        kind=feature.kind,
        denied=denied,
        value=entitled.value,
        most=entitled.limit,
        start=found.window_start or ALWAYS,
        end=found.window_end,
        rolling=rolling,
        per=feature.per,
        burst=entitled.burst,
        overage=entitled.overage,
        sources=tuple(f"{source.text} from {source.layer}" for source in entitled.sources),
        if_unreachable=feature.if_unreachable,
    )
