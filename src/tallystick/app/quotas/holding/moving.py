"""
What is held follows the limits on its meter: those that come later see it, those that go lose it.

    calls, 9 a month:      a lease of 3 is held of the month
    a grant of 4 a day:    3 of the 4 are held from the first decision of the day's limit on
    the lease spends 1:    used 1, held 2, of both; it ends, and both get 2 back

A limit stands over what an account asked for if it is one of that account's limits on the meter,
whether it is in force now or held off by a restriction: when that is lifted, nothing was lost.
Counters are looked at when they are made and when anything about their account has changed, which
is whenever an account may come to count in another one.  Units of levels follow their holder.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.quotas.limits import KnownLimits, Standing, counter_key
from tallystick.app.quotas.ports import CounterKey, Hold, UnitPlace
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Feature
from tallystick.kernel import AccountKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """
    What stands elsewhere than it should.

    Attributes:
        holds: as they should stand.
        units: with the holders under which they should count.
    """

    holds: tuple[Hold, ...] = ()
    units: Mapping[UnitPlace, str]

    def concerning(self, key: CounterKey, holds: Iterable[Hold]) -> tuple[Hold, ...]:
        """Return what should stand against a counter, of what stands there and what is moved."""
        now = {(one.kind, one.key): one for one in (*holds, *self.holds)}
        return tuple(one for one in now.values() if key in one.counters)


UNSETTLED = -1
"""The stamp of a counter of which it is not known what is held: it is looked at again."""
_NOTHING_MOVED = Moved(units={})


def settle_holds(
    keys: Iterable[CounterKey], *, at: datetime, uow: UnitOfWork, known: KnownLimits
) -> frozenset[CounterKey] | None:
    """
    Let what is held stand against counters, and not where it no longer belongs.

    Return the counters against which more may be held now than their limits leave; they are to be
    looked at soon.  None: others take or end something now, so nothing moved, and the counters must
    be counted anew before anything is decided by them.

    Args:
        keys: counters that are counted anew; they are locked.
        at: the workspace's present.
        uow: entered; the caller commits.
        known: the limits of accounts.
    """
    if not uow.hold_moves.let_none_be_taken(wait=False):
        return None
    moved = find_moved(keys, at=at, uow=uow, known=known)
    move(moved, uow=uow)
    return frozenset(key for hold in moved.holds for key in hold.counters)


def move(moved: Moved, *, uow: UnitOfWork) -> None:
    """Let what was found stand where it should."""
    if moved.holds:
        uow.hold_moves.move(moved.holds)
    if moved.units:
        uow.hold_moves.move_units(moved.units)


def find_moved(
    keys: Iterable[CounterKey], *, at: datetime, uow: UnitOfWork, known: KnownLimits
) -> Moved:
    """Return what of the accounts that count in counters stands elsewhere than it should."""
    if not uow.hold_moves.has_any(at=at):
        return _NOTHING_MOVED
    holders = {AccountKey(key.account) for key in keys}
    accounts = holders.union(*uow.quotas.below(holders).values())
    holds = uow.hold_moves.asked_by(accounts, at=at)
    places = uow.hold_moves.unit_places(accounts)
    asking = {hold.asked_by for hold in holds} | {place.asked_by for place in places}
    standings = known.look_up(asking, at=at, uow=uow) if asking else {}
    features = uow.standings.load_features({hold.counter.feature for hold in holds})
    found = ((hold, _as_it_should(hold, standings[hold.asked_by], features, at)) for hold in holds)
    return Moved(
        holds=tuple(now for was, now in found if was.counters != now.counters),
        units={
            place: holder
            for place in places
            if (holder := _holder(place, standings[place.asked_by])) != place.holder
        },
    )


def _as_it_should(
    hold: Hold, standing: Standing, features: Mapping[str, Feature], at: datetime
) -> Hold:
    """Return a hold against what it would be taken of now; it keeps the feature of its name."""
    feature = features.get(hold.counter.feature)
    if feature is None or feature.meter is None:
        return hold
    limits = [one for one in standing.on_meter(feature.meter) if one.holds(at)]
    own = [counter_key(one.limit) for one in limits if one.limit.feature == feature.key]
    others = [counter_key(one.limit) for one in limits if one.limit.feature != feature.key]
    return replace(hold, counter=own[0] if own else hold.counter, also=tuple(others))


def _holder(place: UnitPlace, standing: Standing) -> str:
    known = standing.limits.get(place.feature)
    return place.holder if known is None else str(known.limit.holder)
