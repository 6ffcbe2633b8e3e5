"""
Counters made anew from what they are views of: events, consumptions on their way, and units.

What was ingested is asked of the projection up to the position that it covers.  A use that was
decided and that the log lacks, or has beyond that position, is added.  The feed cannot pass while
this is done: it waits for the position that is held here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from tallystick.app.metering import UsageReader
from tallystick.app.quotas.holding import settle_holds
from tallystick.app.quotas.limits import KnownLimit, KnownLimits, Standing
from tallystick.app.quotas.metered import Seen, metered_tallies, with_use
from tallystick.app.quotas.ports import Counter, CounterKey
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import FeatureKind
from tallystick.kernel import EngineUnavailable, WorkspaceId
from tallystick.metering import RULES, Event
from tallystick.quotas import Tally, settled

Identity = tuple[str, str]
Find = Callable[[WorkspaceId, Sequence[Identity]], list[int | None]]
_COVER_SECONDS = 2.0


class LoggedEvents(Protocol):
    """The events of the log, by identity."""

    def find(self, workspace: WorkspaceId, identities: Sequence[Identity]) -> list[int | None]:
        """Return at which position the log holds each identity."""
        ...

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return the events at positions, of those that are still kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """
    Who knows what was ingested.

    Attributes:
        usage: reads the projection.
        log: what it has under an identity.
        known: the limits of accounts.
    """

    usage: UsageReader
    log: LoggedEvents
    known: KnownLimits

    def logged(
        self, workspace: WorkspaceId, identities: Sequence[Identity]
    ) -> Mapping[Identity, Event | None]:
        """Return what the log holds under identities; None: it was there, and is kept no more."""
        if not identities:
            return {}
        found = zip(identities, self.log.find(workspace, identities), strict=True)
        places = {identity: position for identity, position in found if position}
        events = self.log.events_at(places.values()) if places else {}
        return {identity: events.get(position) for identity, position in places.items()}


def counters_now(
    wanted: Mapping[CounterKey, KnownLimit | None],
    *,
    at: datetime,
    uow: UnitOfWork,
    recount: Recount,
    standings: Mapping[str, Standing] | None = None,
) -> dict[CounterKey, Counter]:
    """
    Return the counters of limits, up to date and locked; those without a limit as they stand.

    One that does not exist yet, or was counted before something about its account changed, is
    counted anew; for that the feed is kept from moving, before any counter is locked.
    """
    bring_up_to_date(wanted, at=at, uow=uow, recount=recount, standings=standings)
    found = uow.counters.lock(wanted, at=at)
    if all(key in found for key, known in wanted.items() if known is not None):
        return found
    # One went while it was waited for: whoever dropped it looked at an earlier instant.
    bring_up_to_date(wanted, at=at, uow=uow, recount=recount, standings=standings)
    return uow.counters.lock(wanted, at=at)


def bring_up_to_date(
    wanted: Mapping[CounterKey, KnownLimit | None],
    *,
    at: datetime,
    uow: UnitOfWork,
    recount: Recount,
    standings: Mapping[str, Standing] | None = None,
) -> None:
    """Count anew counters that do not exist yet, or that a change made stale; no other is made."""
    limited = {key: one for key, one in wanted.items() if one is not None}
    stamps = holder_stamps(limited, at=at, uow=uow, known=recount.known, standings=standings)
    standing = uow.counters.stamped(limited)
    stale = {key: one for key, one in limited.items() if standing.get(key) != stamps[key]}
    if not stale:
        return
    levels = {key: one for key, one in stale.items() if one.limit.kind is FeatureKind.LEVEL}
    others = {key: one for key, one in stale.items() if key not in levels}
    seen = seen_now(at=at, uow=uow, recount=recount)
    counted = count_anew(others, seen=seen, stamps=stamps)
    uow.hold_moves.let_none_be_taken(wait=True)
    found = uow.counters.lock(wanted, at=at)
    filled = settle_holds(stale, at=at, uow=uow, known=recount.known) or frozenset()
    counted |= count_anew(levels, seen=seen, stamps=stamps)
    counted = still_over(counted, found, known=stale, uow=uow)
    due = {key: still_due(one, found.get(key), at) for key, one in counted.items()}
    uow.counters.save(list(looked_at_soon(due, filled, at).values()))


def looked_at_soon(
    counters: Mapping[CounterKey, Counter], filled: Collection[CounterKey], at: datetime
) -> dict[CounterKey, Counter]:
    """Return counters, those due now against which something came to be held."""
    return {
        key: replace(one, check_at=at) if key in filled else one for key, one in counters.items()
    }


def still_over(
    counted: Mapping[CounterKey, Counter],
    before: Mapping[CounterKey, Counter],
    *,
    known: Mapping[CounterKey, KnownLimit],
    uow: UnitOfWork,
) -> dict[CounterKey, Counter]:
    """
    Return counts made anew, of which some were passed already as the window before ended.

    What does not add, as what is stored, goes on over the boundary, and so does its grace: a limit
    that is passed by the first that is counted in a window is passed since it was in the last one.
    """
    first = [
        key
        for key, one in counted.items()
        if one.tally.over_since is not None and not _is_begun(before.get(key))
        if (meter := known[key].meter) is not None and not RULES[meter.aggregation].adds
    ]
    since = uow.counters.over_before(first) if first else {}
    return {
        key: replace(one, tally=replace(one.tally, over_since=since[key])) if key in since else one
        for key, one in counted.items()
    }


def _is_begun(before: Counter | None) -> bool:
    """Tell whether something was counted in a window before."""
    return before is not None and (before.tally.taken > 0 or before.tally.over_since is not None)


def still_due(counted: Counter, before: Counter | None, at: datetime) -> Counter:
    """
    Return a count made anew, to be looked at when the old one would have been.

    Where something about its account has changed since, that is now: what it enforces, and what
    leases hold of it, may no longer be what is granted.
    """
    now = merged(counted, before)
    if before is None:
        return now
    if before.stamp != counted.stamp:
        return replace(now, check_at=at)
    dues = [due for due in (before.check_at, counted.check_at) if due is not None]
    return replace(now, check_at=min(dues, default=None))


def holder_stamps(
    wanted: Mapping[CounterKey, KnownLimit],
    *,
    at: datetime,
    uow: UnitOfWork,
    known: KnownLimits,
    standings: Mapping[str, Standing] | None = None,
) -> dict[CounterKey, int]:
    """Return the stamps of the accounts whose counters these are; some may be looked up already."""
    found = dict(standings or {})
    others = {key.account for key in wanted} - set(found)
    if others:
        found |= known.look_up(others, at=at, uow=uow)
    return {key: found[key.account].stamp for key in wanted}


def merged(counted: Counter, before: Counter | None) -> Counter:
    """Return a count made anew with what only the old one knows."""
    if before is None:
        return counted
    tally = replace(
        counted.tally,
        full_at=before.tally.full_at,
        passed=before.tally.passed,
        passed_full_at=before.tally.passed_full_at,
        over_since=_over_since(counted.tally, before.tally),
    )
    return replace(counted, tally=tally, enforced=before.enforced)


def _over_since(counted: Tally, before: Tally) -> datetime | None:
    """Return since when a limit is passed, if it still is; a count leaves out what is held."""
    is_over = counted.over_since is not None or before.held > 0
    return before.over_since or counted.over_since if is_over else None


def seen_now(*, at: datetime, uow: UnitOfWork, recount: Recount) -> Seen:
    """
    Return what is known now: the feed is kept from moving, and everything covered is counted.

    Raises:
        EngineUnavailable: the projection is behind the position that counters have reached.
    """
    fed = uow.quotas.feed_position()
    through = recount.usage.covered_position()
    if through < fed and not recount.usage.wait_covered(fed, _COVER_SECONDS):
        raise EngineUnavailable("the projection is loaded anew; counters wait for it")
    through = max(through, fed)
    return Seen(at=at, through=through, uow=uow, usage=recount.usage, known=recount.known)


def count_anew(
    keys: Mapping[CounterKey, KnownLimit], *, seen: Seen, stamps: Mapping[CounterKey, int]
) -> dict[CounterKey, Counter]:
    """Return counters as their events, consumptions and units make them, without what is held."""
    uow = seen.uow
    levels = [key for key, known in keys.items() if known.limit.kind is FeatureKind.LEVEL]
    units = uow.holds.units_in_all(levels) if levels else {}
    metered = [key for key, known in keys.items() if known.limit.kind is FeatureKind.METERED]
    consumed = uow.consumptions.consumed(metered, after=seen.through) if metered else {}
    counted = metered_tallies({key: keys[key] for key in metered}, seen)
    found = {}
    for key, known in keys.items():
        tally = counted.get(key, Tally())
        if known.limit.kind is FeatureKind.LEVEL:
            tally = Tally(used=units.get(key, Decimal(0)))
        elif known.meter is not None:
            for used_at, quantity in sorted(consumed.get(key, {}).items()):
                tally = with_use(tally, known.limit, quantity, used_at)
        found[key] = Counter(
            key=key,
            ends=known.limit.end,
            tally=settled(known.limit, tally, seen.at),
            counted_through=seen.through,
            stamp=stamps[key],
            check_at=seen.known.until(uow.workspace, key.account),
        )
    return found
