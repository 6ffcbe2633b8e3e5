"""
What an account may use: of its own contracts and grants, or of those of an account above it.

The **holder** of a feature is the nearest account, from the asking one up to its payer, at which a
contract or a manual grant names the feature; its counter counts, so that all who have no grant of
their own share one pool.

    corp (invoiced): contract corp-pro, 50 users      holder of users for corp and for team
      team:          no contract                      may use of corp's 50
      lab:           manual grant, 5 users            holder of its own 5

Nothing is looked for above the payer: what another party pays for is not this account's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.accounts import Account, zone_at
from tallystick.catalog import Feature, FeatureKind, PlanVersion, Subscription
from tallystick.entitlements.grants import ManualGrant, grant_layers
from tallystick.entitlements.layers import layers_at
from tallystick.entitlements.pooling import pooled
from tallystick.entitlements.resolve import Entitled, resolve
from tallystick.entitlements.restrictions import Restriction, restricted
from tallystick.entitlements.windows import MONTH, billing_window, calendar_window
from tallystick.kernel import AccountKey, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    What is known of one account.

    Attributes:
        account: itself.
        contracts: its own, in the order of their keys.
        grants: manual ones, in the order in which they were recorded.
        restrictions: of it.
    """

    account: Account
    contracts: tuple[Subscription, ...] = ()
    grants: tuple[ManualGrant, ...] = ()
    restrictions: tuple[Restriction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """
    All that decides what an account may use, at any instant.

    Attributes:
        line: the account, then each above it, up to its payer.
        plans: at least every plan version that a contract names.
        features: at least every feature that something grants.
    """

    line: tuple[Standing, ...]
    plans: tuple[PlanVersion, ...]
    features: Mapping[str, Feature]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntitled:
    """
    What an account may use of a feature at an instant.

    Attributes:
        entitled: what all layers grant, after restrictions.
        holder: the account whose counter counts.
        contract: key of the holder's first contract that grants it; empty: a manual grant alone.
        zone: the payer's, in which windows are counted.
        window_start: of the billing period or calendar window that holds the instant; None: no
            window, or one that rolls.
        window_end: its end.
        valid_until: the next instant at which anything that is known changes this; None: none is.
        restriction: what holds it below what is granted; None: nothing does.
    """

    entitled: Entitled
    holder: AccountKey
    contract: str
    zone: str
    window_start: datetime | None = None
    window_end: datetime | None = None
    valid_until: datetime | None = None
    restriction: Restriction | None = None


def entitled_at(facts: AccountFacts, at: datetime) -> tuple[AccountEntitled, ...]:
    """
    Return what the account may use at an instant, in the order of the features' keys.

    A feature that nothing names at or above the account is not there, and is not granted.
    """
    payer = facts.line[-1].account
    changes = next_change(facts, at)
    holding = [one for standing in facts.line for one in standing.restrictions if one.holds(at)]
    found: dict[str, AccountEntitled] = {}
    for standing in facts.line:
        for key, one in _held(standing, facts, at).items():
            if key not in found:
                entitled, restriction = restricted(one.entitled, holding)
                found[key] = _windowed(
                    replace(one, entitled=entitled, restriction=restriction, valid_until=changes),
                    _window(one, standing, facts, at),
                    payer,
                    at,
                )
    return tuple(found[key] for key in sorted(found))


def next_change(facts: AccountFacts, at: datetime) -> datetime | None:
    """Return the next instant after one at which anything known may grant otherwise."""
    return min((one for one in _instants(facts) if one > at), default=None)


def _held(standing: Standing, facts: AccountFacts, at: datetime) -> dict[str, AccountEntitled]:
    """Return what contracts and grants of one account name."""
    parts: dict[str, list[tuple[str, Entitled]]] = {}
    for contract in standing.contracts:
        for one in resolve(facts.features, layers_at(contract, facts.plans, at)):
            parts.setdefault(one.feature.key, []).append((str(contract.key), one))
    together = {key: pooled(part for _, part in named) for key, named in parts.items()}
    granted = resolve(
        facts.features, grant_layers(standing.grants, at), onto=tuple(together.values())
    )
    return {
        one.feature.key: AccountEntitled(
            entitled=one,
            holder=standing.account.key,
            contract=_first_granting(parts.get(one.feature.key, [])),
            zone="",
        )
        for one in granted
    }


def _first_granting(named: Iterable[tuple[str, Entitled]]) -> str:
    """Return the first contract that grants; where none does, the first that names the feature."""
    known = list(named)
    return next((key for key, one in known if one.enabled), known[0][0] if known else "")


def _window(
    one: AccountEntitled, standing: Standing, facts: AccountFacts, at: datetime
) -> Period | None:
    feature, payer = one.entitled.feature, facts.line[-1].account
    if feature.kind is not FeatureKind.METERED or feature.window.rolling is not None:
        return None
    if feature.window.every is not None:
        return calendar_window(feature.window.every, payer, at)
    contract = next((each for each in standing.contracts if each.key == one.contract), None)
    if contract is None:
        return calendar_window(MONTH, payer, at)
    return billing_window(contract, facts.plans, payer, at)


def _windowed(
    one: AccountEntitled, window: Period | None, payer: Account, at: datetime
) -> AccountEntitled:
    zone = zone_at(payer, at)
    if window is None:
        return replace(one, zone=zone)
    ends = [each for each in (one.valid_until, window.end) if each is not None]
    return replace(
        one, zone=zone, window_start=window.start, window_end=window.end, valid_until=min(ends)
    )


def _instants(facts: AccountFacts) -> Iterator[datetime]:
    """Yield every instant at which facts begin, change or end."""
    for standing in facts.line:
        yield from (change.at for change in standing.account.zone_changes)
        yield from (change.at for change in standing.account.payer_changes)
        for contract in standing.contracts:
            yield from _turns(contract)
        spans = [(one.start, one.end) for one in standing.grants]
        spans += [(one.start, one.end) for one in standing.restrictions]
        yield from (at for span in spans for at in span if at is not None)


def _turns(contract: Subscription) -> Iterator[datetime]:
    yield contract.start
    yield from (at for at in (contract.usable_from, contract.end) if at is not None)
    yield from (change.at for change in contract.changes)
    for agreed in contract.agreed:
        yield from (one.until for one in agreed.add_ons if one.until is not None)
