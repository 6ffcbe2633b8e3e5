"""
Counters follow the log: what was ingested behind the position they reached, added in one step.

    position 100: counters hold what the first 100 events come to
    position 180 is covered: events 101 to 180 are asked of the projection, by subject and second;
    what consumptions put there is taken off, since it was counted when it was decided

Meters whose parts do not make the whole (a maximum, a level, unique values), and whatever a
correction or a backfill touches, are counted anew for the accounts concerned.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.accounts import Ownership
from tallystick.app.quotas.counting import (
    count_anew,
    holder_stamps,
    looked_at_soon,
    still_due,
    still_over,
)
from tallystick.app.quotas.desk import Desks
from tallystick.app.quotas.holding import UNSETTLED, settle_holds
from tallystick.app.quotas.limits import KnownLimit, Standing, counter_key
from tallystick.app.quotas.metered import Seen, with_use
from tallystick.app.quotas.ports import Counter, CounterKey, Use, UseReader
from tallystick.app.quotas.telling import tell_usage
from tallystick.app.quotas.use_event import is_consumable
from tallystick.app.quotas.watching import CounterChange
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import FeatureKind
from tallystick.kernel import EXACT, AccountKey, MeterKey
from tallystick.metering import Meter, event_types
from tallystick.quotas import settled

KEPT = timedelta(hours=1)
"""How long a consumption is remembered behind the feed; the log knows its identity for longer."""
_REACH = timedelta(days=400)

Uses = dict[CounterKey, list[tuple[datetime, Decimal]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Who reads what was ingested and knows the request behind it, and what decides."""

    reader: UseReader
    desks: Desks
    trace_of: Callable[[int], str]


@dataclass(slots=True, kw_only=True)
class _Step:
    """One step of the feed: from a position to another."""

    fed: int
    through: int
    at: datetime
    uow: UnitOfWork
    following: Following
    uses: Uses
    anew: set[CounterKey]
    known: dict[CounterKey, KnownLimit]
    standings: dict[str, Standing]
    traces: dict[CounterKey, tuple[int, str]] = field(default_factory=dict)

    def trace(self, key: CounterKey, position: int) -> None:
        """Remember which request brought the last of what a counter takes up."""
        trace_id = self.following.trace_of(position)
        if trace_id:
            self.traces[key] = max(self.traces.get(key, (0, "")), (position, trace_id))

    def trace_of(self, key: CounterKey) -> str:
        """Return the trace of that request; empty: none is known."""
        return self.traces.get(key, (0, ""))[1]


def follow_log(
    *,
    at: datetime,
    uow: UnitOfWork,
    following: Following,
) -> int:
    """
    Bring the counters of a workspace up to what the projection covers; return the position.

    Args:
        at: the workspace's present.
        uow: of the workspace, not entered.
        following: who reads, and what decisions are made with.
    """
    with uow:
        fed = uow.quotas.feed_position()
        through = following.desks.recount.usage.covered_position()
        if through <= fed:
            uow.commit()
            return fed
        step = _Step(
            fed=fed,
            through=through,
            at=at,
            uow=uow,
            following=following,
            uses=defaultdict(list),
            anew=set(),
            known={},
            standings={},
        )
        meters = _meters(uow)
        corrected = (
            following.reader.corrected(uow.workspace, known=(fed, through))
            if meters
            else frozenset()
        )
        for meter in meters:
            _read(meter, step, corrected)
        _apply(step)
        uow.quotas.move_feed(through)
        uow.commit()
    return through


def forget_consumptions(*, at: datetime, uow: UnitOfWork) -> None:
    """Drop the consumptions that the feed passed a while ago; called once in a while."""
    with uow:
        uow.consumptions.forget(before=at - KEPT)
        uow.commit()


def _meters(uow: UnitOfWork) -> list[Meter]:
    keys = uow.quotas.limited_meters()
    known = uow.catalog.load_meters() if keys else {}
    return [known[key] for key in keys if key in known]


def _read(meter: Meter, step: _Step, corrected: frozenset[str]) -> None:
    """Take what a meter counts of the events of a step."""
    reader, workspace = step.following.reader, step.uow.workspace
    known = (step.fed, step.through)
    if event_types(meter) & corrected:
        for counter in step.uow.counters.open(None, at=step.at):
            _count_anew(meter, counter.key.account, step)
        return
    if is_consumable(meter) and not meter.later:
        uses = reader.uses(workspace, meter, known=known, since=step.at - _REACH)
        for account, found in _by_account(uses, step):
            for feature in _counted_by(meter.key, account, step):
                _add(feature, found, step)
        return
    touched = reader.touched(workspace, event_types(meter), known=known)
    subjects = {subject for each in touched.values() for subject in each}
    for owner in step.uow.quotas.owners(subjects).values():
        accounts = {owner} if isinstance(owner, str) else {str(one.account) for one in owner}
        for account in accounts:
            _count_anew(meter, account, step)


def _by_account(uses: Iterable[Use], step: _Step) -> Iterator[tuple[str, list[Use]]]:
    """Yield uses by the account to which they belong at their instants."""
    listed = list(uses)
    owners = step.uow.quotas.owners({use.subject for use in listed})
    found: dict[str, list[Use]] = defaultdict(list)
    for use in listed:
        account = _owner_at(owners, use)
        if account is not None:
            found[account].append(use)
    step.standings |= _look_up(found, step)
    yield from found.items()


def _owner_at(owners: Mapping[str, tuple[Ownership, ...] | AccountKey], use: Use) -> str | None:
    owner = owners.get(use.subject)
    if owner is None or isinstance(owner, str):
        return owner
    for one in owner:
        begun = one.start is None or one.start <= use.at
        if begun and (one.end is None or use.at < one.end):
            return str(one.account)
    return None


def _look_up(accounts: Iterable[str], step: _Step) -> Mapping[str, Standing]:
    return step.following.desks.recount.known.look_up(accounts, at=step.at, uow=step.uow)


def _counted_by(meter: MeterKey, account: str, step: _Step) -> Iterator[KnownLimit]:
    """Yield the limits of an account that a meter counts."""
    if account not in step.standings:
        step.standings |= _look_up([account], step)
    for known in step.standings[account].limits.values():
        metered = known.limit.kind is FeatureKind.METERED and known.meter is not None
        if metered and known.meter is not None and known.meter.key == meter:
            step.known[counter_key(known.limit)] = known
            yield known


def _count_anew(meter: Meter, account: str, step: _Step) -> None:
    for known in _counted_by(meter.key, account, step):
        step.anew.add(counter_key(known.limit))


def _add(known: KnownLimit, uses: Iterable[Use], step: _Step) -> None:
    limit = known.limit
    for use in uses:
        inside = limit.start <= use.at and (limit.end is None or use.at < limit.end)
        if inside:
            key = counter_key(limit)
            step.uses[key].append((use.at, use.quantity))
            step.trace(key, use.position)


def _apply(step: _Step) -> None:
    """Add what was used to the counters, and store them."""
    consumed = step.uow.consumptions.consumed_between(step.fed, step.through)
    new = {key for key, uses in step.uses.items() if not _were_decided(uses, consumed.get(key))}
    keys = new | step.anew
    found = step.uow.counters.lock(keys, at=step.at)
    late = {key for key, one in found.items() if step.fed < one.counted_through < step.through}
    # Of a step that mixes them, nothing tells in which slices of a rolling window decided uses lie.
    mixed = {key for key in new if consumed.get(key) and step.known[key].limit.rolling is not None}
    anew = {key: step.known[key] for key in {*step.anew, *(keys - set(found)), *late, *mixed}}
    recount = step.following.desks.recount
    stamps = holder_stamps(anew, at=step.at, uow=step.uow, known=recount.known)
    # Up to where the step leads and no further: the next one would find what lies behind it late.
    seen = Seen(
        at=step.at,
        through=step.through,
        uow=step.uow,
        usage=recount.usage,
        known=recount.known,
    )
    counted = count_anew(anew, seen=seen, stamps=stamps)
    counted = still_over(counted, found, known=anew, uow=step.uow)
    after: dict[CounterKey, Counter] = {
        key: still_due(one, found.get(key), step.at) for key, one in counted.items()
    }
    after = _with_holds(after, found, step)
    for key in new:
        if key not in after and found[key].counted_through < step.through:
            after[key] = _more(found[key], step.uses[key], consumed.get(key, Decimal(0)), step)
    step.uow.counters.save(list(after.values()))
    changes = [
        CounterChange(
            limit=step.known[key].limit,
            before=found[key].tally.used if key in found else Decimal(0),
            after=one.tally.used,
            trace_id=step.trace_of(key),
        )
        for key, one in after.items()
    ]
    step.following.desks.watching.changed(changes, at=step.at, uow=step.uow)
    recounted = [one for one in changes if counter_key(one.limit) in step.anew]
    tell_usage(step.uses, recounted, through=step.through, at=step.at, uow=step.uow)


def _with_holds(
    counted: Mapping[CounterKey, Counter], before: Mapping[CounterKey, Counter], step: _Step
) -> dict[CounterKey, Counter]:
    """Return counts made anew, those that are new or changed with what is held of them settled."""
    changed = {
        key for key, one in counted.items() if key not in before or before[key].stamp != one.stamp
    }
    known = step.following.desks.recount.known
    filled = settle_holds(changed, at=step.at, uow=step.uow, known=known) if changed else ()
    if filled is None:
        return dict(counted) | {key: replace(counted[key], stamp=UNSETTLED) for key in changed}
    return looked_at_soon(counted, filled, step.at)


def _were_decided(uses: Sequence[tuple[datetime, Decimal]], consumed: Decimal | None) -> bool:
    """Tell whether uses come to what was counted when it was decided: nothing is left to add."""
    total = Decimal(0)
    for _, quantity in uses:
        if quantity <= 0:
            return False
        total = EXACT.add(total, quantity)
    return total == consumed


def _more(
    counter: Counter, uses: list[tuple[datetime, Decimal]], consumed: Decimal, step: _Step
) -> Counter:
    """Return a counter with what was ingested, without what was counted when it was decided."""
    limit = step.known[counter.key].limit
    tally, counted = counter.tally, consumed
    for at, quantity in uses:
        part = min(counted, quantity) if quantity > 0 else Decimal(0)
        counted = EXACT.subtract(counted, part)
        tally = with_use(tally, limit, EXACT.subtract(quantity, part), at)
    return Counter(
        key=counter.key,
        ends=counter.ends,
        tally=settled(limit, tally, step.at),
        counted_through=step.through,
        stamp=counter.stamp,
        enforced=counter.enforced,
        check_at=counter.check_at,
    )
