"""
What a batch of asks rests on, read at its beginning; its counters are locked from then on.

Most batches are uses and questions of accounts whose limits are known and whose counters exist.
For those one statement sees whether all is still as it is remembered, and locks the counters only
then.  Whatever is new, has changed, or concerns holds and units is read step by step: counters that
must be counted anew wait for the feed before any counter is locked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from tallystick.app.quotas.counting import Recount, counter_key, counters_now
from tallystick.app.quotas.limits import KnownLimit, Standing
from tallystick.app.quotas.ports import (
    Consumption,
    Counter,
    CounterKey,
    Hold,
    HoldKind,
    Remembered,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EngineBusy
from tallystick.metering import Event

UnitKey = tuple[str, str, str]
Identity = tuple[str, str]
Features = Iterable[tuple[str, str]]
Limits = dict[CounterKey, KnownLimit | None]
_NAMED = (Check, Consume, Reserve, Lease, Acquire, GiveBack)


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
    if standings is None:
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
    holds = uow.holds.load(_holds_named(asks))
    asked_by = {(hold.asked_by, hold.counter.feature) for hold in holds.values()}
    named = {*_named(asks), *asked_by}
    standings = recount.known.look_up({account for account, _ in named}, at=at, uow=uow)
    identities = _identities(asks)
    consumptions = uow.consumptions.load(identities)
    units = uow.holds.units(_units_named(asks, standings))
    wanted: Limits = {key: None for hold in holds.values() for key in hold.counters}
    wanted |= _limits(named, standings)
    return StandingRows(
        standings=standings,
        counters=counters_now(wanted, at=at, uow=uow, recount=recount, standings=standings),
        consumptions=consumptions,
        logged=recount.logged(uow.workspace, _others(identities, consumptions)),
        holds=holds,
        units=units,
    )


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
            for each in (known, *standings[account].beside(known)):
                found[counter_key(each.limit)] = each
    return found


def _named(asks: Iterable[Ask]) -> Iterator[tuple[str, str]]:
    """Yield the accounts and features that asks name."""
    for ask in asks:
        if isinstance(ask, _NAMED):
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
