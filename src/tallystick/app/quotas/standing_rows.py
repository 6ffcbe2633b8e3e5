"""
What a batch of asks rests on, read at its beginning; its counters are locked from then on.

Most batches are uses and questions of accounts whose limits are known and whose counters exist.
For those one statement sees whether all is still as it is remembered, and locks the counters only
then.  Whatever is new, has changed, or concerns holds and units is read step by step: counters that
must be counted anew wait for the feed before any counter is locked; what is held is locked last.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tallystick.app.quotas.asks import (
    Acquire,
    Ask,
    Check,
    Commit,
    Consume,
    GiveBack,
    Lease,
    Release,
    Report,
    Reserve,
    UsedEvent,
)
from tallystick.app.quotas.counting import Recount, bring_up_to_date
from tallystick.app.quotas.limits import KnownLimit, Standing, counter_key
from tallystick.app.quotas.ports import (
    Consumption,
    Counter,
    CounterKey,
    Hold,
    HoldKind,
    Remembered,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, EngineBusy
from tallystick.metering import Event
from tallystick.quotas import Denied, Limit

UnitKey = tuple[str, str, str]
Identity = tuple[str, str]
Features = Iterable[tuple[str, str]]
Limits = dict[CounterKey, KnownLimit | None]
_HOLDING = (Reserve, Commit, Release, Lease, Report, Acquire, GiveBack)
_NAMED = (Check, Consume, Reserve, Lease, Acquire, GiveBack)


class LimitsChanged(EngineBusy):
    """What a batch rests on changed while it was read; nothing took effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRows:
    """
    What is stored about a batch, its counters and holds locked.

    Attributes:
        standings: what the accounts may use.
        consumptions: uses that were decided under an identity of the batch before.
        logged: what the log has under other identities of the batch; None: it is kept no more.
    """

    standings: Mapping[str, Standing]
    counters: dict[CounterKey, Counter]
    consumptions: dict[Identity, Consumption]
    logged: Mapping[Identity, Event | None]
    holds: dict[tuple[HoldKind, str], Hold]
    units: dict[UnitKey, Decimal]


def read_standing_rows(
    asks: Sequence[Ask], *, at: datetime, uow: UnitOfWork, recount: Recount
) -> StandingRows:
    """Return what a batch rests on at an instant."""
    found = _as_remembered(asks, at=at, uow=uow, recount=recount)
    return found or _step_by_step(asks, at=at, uow=uow, recount=recount)


def _as_remembered(
    asks: Sequence[Ask], *, at: datetime, uow: UnitOfWork, recount: Recount
) -> StandingRows | None:
    """Return what a batch rests on if nothing has changed; None: no row is locked then."""
    if not all(isinstance(ask, Consume | Check) for ask in asks):
        return None
    named = set(_named(asks))
    accounts = {account for account, _ in named}
    standings = recount.known.in_force(uow.workspace, accounts, at=at)
    if standings is None or any(
        feature not in standings[account].limits for account, feature in _happened(asks)
    ):
        return None
    wanted = _limits(named, standings)
    holders = recount.known.in_force(uow.workspace, {key.account for key in wanted}, at=at)
    if holders is None or not wanted:
        return None
    identities = _identities(asks)
    locked = uow.counters.lock_remembered(
        Remembered(
            counters={key: holders[key.account].stamp for key in wanted},
            stamps=_stamps(standings) | _stamps(holders),
            identities=frozenset(identities),
            at=at,
        )
    )
    if locked is None:
        return None
    if len(locked.counters) < len(wanted):
        raise EngineBusy("a counter went while it was waited for; ask again")
    consumptions = uow.consumptions.load(identities) if locked.identities_known else {}
    return StandingRows(
        standings=standings,
        counters=locked.counters,
        consumptions=consumptions,
        logged=recount.logged(uow.workspace, _others(identities, consumptions)),
        holds={},
        units={},
    )


def _step_by_step(
    asks: Sequence[Ask], *, at: datetime, uow: UnitOfWork, recount: Recount
) -> StandingRows:
    peeked = uow.holds.load(_holds_named(asks))
    asked_by = {(hold.asked_by, hold.counter.feature) for hold in peeked.values()}
    named = {*_named(asks), *asked_by}
    accounts = {account for account, _ in named}
    standings = recount.known.look_up(accounts, at=at, uow=uow)
    ended = _ended({*asked_by, *_happened(asks)}, standings, uow)
    extended = _extended(standings, ended)
    wanted: Limits = {key: None for hold in peeked.values() for key in hold.counters}
    wanted |= _limits(named, extended)
    for known in ended.values():
        del wanted[counter_key(known.limit)]
    bring_up_to_date(wanted, at=at, uow=uow, recount=recount, standings=standings)
    if any(isinstance(ask, _HOLDING) for ask in asks):
        _let_nothing_change(standings, at=at, uow=uow, recount=recount)
    counters = uow.counters.lock(wanted, at=at)
    if not all(key in counters for key, known in wanted.items() if known is not None):
        raise LimitsChanged("a counter went while it was waited for; ask again")
    identities = _identities(asks)
    consumptions = uow.consumptions.load(identities)
    return StandingRows(
        standings=extended,
        counters=counters,
        consumptions=consumptions,
        logged=recount.logged(uow.workspace, _others(identities, consumptions)),
        holds=uow.holds.lock(peeked) if peeked else {},
        units=uow.holds.units(_units_named(asks, standings)),
    )


def _let_nothing_change(
    standings: Mapping[str, Standing], *, at: datetime, uow: UnitOfWork, recount: Recount
) -> None:
    """
    Let limits that come from now on see what this batch takes, and see those that came before.

    Raises:
        LimitsChanged: something has changed since the limits were looked up.
    """
    uow.hold_moves.let_none_move()
    again = recount.known.look_up(standings, at=at, uow=uow)
    if _stamps(again) != _stamps(standings):
        raise LimitsChanged("a limit changed while something was taken of it; ask again")


def _ended(
    features: Iterable[tuple[str, str]], standings: Mapping[str, Standing], uow: UnitOfWork
) -> dict[tuple[str, str], KnownLimit]:
    """Return features that nothing grants any longer, by account, of which use is still told."""
    gone = {
        (account, feature)
        for account, feature in features
        if standings[account].exists and feature not in standings[account].limits
    }
    declared = uow.standings.load_features({feature for _, feature in gone}) if gone else {}
    found: dict[tuple[str, str], KnownLimit] = {}
    for account, key in gone:
        feature = declared.get(key)
        if feature is None or feature.meter is None:
            continue
        limit = Limit(
            holder=AccountKey(account), feature=key, kind=feature.kind, denied=Denied.NOT_ENTITLED
        )
        found[account, key] = KnownLimit(limit=limit, meter=uow.catalog.load_meter(feature.meter))
    return found


def _extended(
    standings: Mapping[str, Standing], ended: Mapping[tuple[str, str], KnownLimit]
) -> Mapping[str, Standing]:
    """Return standings with what has ended, for one batch."""
    found = dict(standings)
    for (account, feature), known in ended.items():
        standing = found[account]
        found[account] = replace(standing, limits={**standing.limits, feature: known})
    return found


def _stamps(standings: Mapping[str, Standing]) -> dict[str, int]:
    """Return by which stamps standings were resolved, those of accounts above included."""
    found = {account: one.stamp for account, one in standings.items()}
    for one in standings.values():
        found |= one.above
    return found


def _limits(named: Features, standings: Mapping[str, Standing]) -> Limits:
    """Return the limits that features of accounts name, and those beside them, by counter."""
    found: Limits = {}
    for account, feature in named:
        known = standings[account].limits.get(feature)
        if known is not None and known.limit.kind.is_limited:
            for each in (known, *standings[account].counting(known)):
                found[counter_key(each.limit)] = each
    return found


def _named(asks: Iterable[Ask]) -> Iterator[tuple[str, str]]:
    """Yield the accounts and features that asks name."""
    for ask in asks:
        if isinstance(ask, _NAMED):
            yield str(ask.account), ask.feature


def _happened(asks: Iterable[Ask]) -> Iterator[tuple[str, str]]:
    """Yield the accounts and features of uses that have happened, whatever is granted."""
    for ask in asks:
        if isinstance(ask, Consume) and ask.happened:
            yield str(ask.account), ask.feature


def _units_named(asks: Iterable[Ask], standings: Mapping[str, Standing]) -> Iterator[UnitKey]:
    for ask in asks:
        if isinstance(ask, Acquire | GiveBack):
            known = standings[str(ask.account)].limits.get(ask.feature)
            if known is not None:
                yield str(known.limit.holder), ask.feature, ask.unit


def _holds_named(asks: Iterable[Ask]) -> Iterator[tuple[HoldKind, str]]:
    for ask in asks:
        if isinstance(ask, Reserve | Commit | Release):
            yield HoldKind.RESERVATION, ask.key
        if isinstance(ask, Lease | Report):
            yield HoldKind.LEASE, ask.key


def _events(ask: Ask) -> tuple[UsedEvent, ...]:
    if isinstance(ask, Report):
        return ask.events
    if isinstance(ask, Consume | Commit) and ask.event is not None:
        return (ask.event,)
    return ()


def _identities(asks: Iterable[Ask]) -> list[Identity]:
    return [(event.source, event.id) for ask in asks for event in _events(ask)]


def _others(
    identities: Iterable[Identity], known: Mapping[Identity, Consumption]
) -> list[Identity]:
    return [one for one in identities if one not in known]
