"""
The limits of accounts, as they were resolved last, kept until anything about them changes.

Whether they still hold is asked with each batch of decisions by one statement: every change of a
contract, grant, restriction, feature or account sets a stamp in its own transaction. What was
resolved for an account is dropped when a stamp of it or of an account above it is another one, or
when time passes the next instant at which a known change takes effect.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tallystick.accounts import parent_at
from tallystick.app.entitlements import AccountEntitled, account_entitlements
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import FeatureKind, Subscription
from tallystick.kernel import AccountKey, MeterKey, WorkspaceId
from tallystick.metering import Meter
from tallystick.quotas import ALWAYS, RATE_TIME, Denied, Limit
from tallystick.subscriptions import plan_at
from tallystick.thresholds import Rule

KNOWN_MAX = 200_000
_RESOLVED_FOR = timedelta(days=1)
_EVERYBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLimit:
    """A limit, and the meter by which it is counted; None where nothing measures it."""

    limit: Limit
    meter: Meter | None


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
        if known.meter is None or known.limit.kind is not FeatureKind.METERED:
            return ()
        found = (one for key, one in sorted(self.limits.items()) if key != known.limit.feature)
        return tuple(
            one
            for one in found
            if one.limit.kind is FeatureKind.METERED and one.limit.denied is None
            if one.meter is not None and one.meter.key == known.meter.key
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

    def look_up(
        self, accounts: Iterable[str], *, at: datetime, uow: UnitOfWork
    ) -> dict[str, Standing]:
        """Return what accounts may use at an instant; called inside of a unit of work."""
        asked = sorted(set(accounts))
        known = {account: self._known.get((uow.workspace, account)) for account in asked}
        above = {each for one in known.values() if one is not None for each in one.above}
        stamps = uow.quotas.stamps({*asked, *above, _EVERYBODY})
        found: dict[str, Standing] = {}
        for account, standing in known.items():
            fresh = standing is not None and _is_fresh(standing, account, stamps, at)
            found[account] = (
                standing
                if standing is not None and fresh
                else resolve_standing(AccountKey(account), at=at, uow=uow)
            )
        self.put(uow.workspace, found)
        return found


def resolve_standing(account: AccountKey, *, at: datetime, uow: UnitOfWork) -> Standing:
    """Return what an account may use, resolved now."""
    chain = _chain(account, at, uow)
    stamps = uow.quotas.stamps({*chain, _EVERYBODY, account})
    everybody = stamps.get(_EVERYBODY, 0)
    entitled = account_entitlements(account, at=at, uow=uow) if chain else ()
    rules = _Rules(chain=chain, at=at, uow=uow)
    ends = [each.valid_until for each in entitled if each.valid_until is not None]
    return Standing(
        limits={each.entitled.feature.key: _known_limit(each, rules, uow) for each in entitled},
        exists=bool(chain),
        stamp=everybody + stamps.get(account, 0),
        above={each: everybody + stamps.get(each, 0) for each in chain if each != account},
        at=at,
        until=min(ends, default=None),
    )


def _is_fresh(standing: Standing, account: str, stamps: Mapping[str, int], at: datetime) -> bool:
    everybody = stamps.get(_EVERYBODY, 0)
    return (
        standing.holds(at)
        and standing.stamp == everybody + stamps.get(account, 0)
        and all(each == everybody + stamps.get(of, 0) for of, each in standing.above.items())
    )


def _chain(account: AccountKey, at: datetime, uow: UnitOfWork) -> tuple[AccountKey, ...]:
    """Return an account and those above it, the nearest first; none where it does not exist."""
    found: list[AccountKey] = []
    key: AccountKey | None = account
    while key is not None and key not in found:
        one = uow.accounts.load_account(key)
        if one is None:
            break
        found.append(key)
        key = parent_at(one, at)
    return tuple(found)


class _Rules:
    """The alert rules that watch accounts, looked up when they are resolved."""

    def __init__(self, *, chain: Iterable[AccountKey], at: datetime, uow: UnitOfWork) -> None:
        self._rules = [one for one in uow.catalog.load_alert_rules() if one.enabled]
        by_plan = any(one.plan is not None for one in self._rules)
        contracts = uow.standings.load_contracts(chain) if by_plan else ()
        self._plans = {
            account: {plan_at(one, at)[0] for one in contracts if _runs(one, account, at)}
            for account in chain
        }

    def of(self, holder: AccountKey, feature: str) -> tuple[Rule, ...]:
        """Return those that watch the counter of a feature."""
        plans = self._plans.get(holder, set())
        return tuple(one.rule for one in self._rules if one.watches(feature, holder, plans))


def _runs(contract: Subscription, account: AccountKey, at: datetime) -> bool:
    begun = contract.account == account and contract.start <= at
    return begun and (contract.end is None or at < contract.end)


def _known_limit(entitled: AccountEntitled, rules: "_Rules", uow: UnitOfWork) -> KnownLimit:
    feature = entitled.entitled.feature
    meter = None if feature.meter is None else uow.catalog.load_meter(MeterKey(feature.meter))
    limit = limit_of(entitled)
    watching = rules.of(limit.holder, feature.key)
    return KnownLimit(limit=replace(limit, rules=watching), meter=meter)


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
