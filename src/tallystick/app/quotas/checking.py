"""
Limits as they are enforced, beside what is granted; counters beside what they are views of.

Compared are, for every open window: the limit by which was decided last, the limit that this
process remembers, what open leases and reservations hold, and the count made anew.  What differs is
told and, if asked, mended: the count replaced, the limit taken over, and of leases that hold more
than is left the unspent part recalled, the newest first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tallystick.app.quotas.counting import count_anew, holder_stamps, merged, seen_now
from tallystick.app.quotas.desk import Desks
from tallystick.app.quotas.holding import find_moved, move
from tallystick.app.quotas.limits import KnownLimit, Standing, counter_key, resolve_standings
from tallystick.app.quotas.ports import Counter, CounterKey, Hold, HoldKind
from tallystick.app.quotas.watching import CounterChange
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import FeatureKind
from tallystick.kernel import EXACT, plain
from tallystick.quotas import Limit

TOGETHER_MAX = 200


class Differs(StrEnum):
    """What is not as it should be."""

    COUNT = "count"
    LIMIT = "limit"
    REMEMBERED = "remembered"
    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaDifference:
    """One thing that is enforced otherwise than it should be; texts for people."""

    account: str
    feature: str
    starts_at: datetime
    what: Differs
    enforced: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuotas:
    """How many counters were looked at, and what differed."""

    counters: int
    differences: tuple[QuotaDifference, ...]
    mended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    at: datetime
    counter: Counter
    counted: Counter
    known: KnownLimit | None
    remembered: Limit | None
    holds: Sequence[Hold]
    held: Decimal


def check_quotas(
    keys: Sequence[CounterKey], *, at: datetime, uow: UnitOfWork, desks: Desks, mend: bool
) -> CheckedQuotas:
    """
    Compare counters with what they should be, and mend them if asked; call it in a unit of work.

    Args:
        keys: which; each whose window has not ended.
        at: the workspace's present.
        uow: entered; the caller commits.
        desks: what decisions are made with.
        mend: whether to put right what differs.
    """
    seen = seen_now(at=at, uow=uow, recount=desks.recount)
    standings = resolve_standings({key.account for key in keys}, at=at, uow=uow)
    remembered = desks.recount.known.all_remembered(uow.workspace)
    uow.hold_moves.let_none_be_taken(wait=True)
    locked = uow.counters.lock(keys, at=at)
    wanted = {key: known for key in locked if (known := _known(key, standings)) is not None}
    desks.recount.known.put(uow.workspace, standings)
    stamps = holder_stamps(wanted, at=at, uow=uow, known=desks.recount.known)
    moved = find_moved(keys, at=at, uow=uow, known=desks.recount.known)
    if mend:
        move(moved, uow=uow)
    counted = count_anew(wanted, seen=seen, stamps=stamps)
    found: list[QuotaDifference] = []
    compared: list[_Compared] = []
    for key, counter in sorted(locked.items()):
        one = _Compared(
            at=at,
            counter=counter,
            counted=replace(
                merged(counted.get(key, counter), counter),
                check_at=standings[key.account].until,
            ),
            known=wanted.get(key),
            remembered=_remembered(key, remembered, standings),
            holds=moved.concerning(key, _standing(counter, at=at, uow=uow)),
            held=counter.tally.held,
        )
        found += _differences(one)
        compared.append(one)
    if mend:
        _mend(compared, uow)
        desks.watching.changed(_as_they_stand(compared), at=at, uow=uow)
    return CheckedQuotas(counters=len(locked), differences=tuple(found), mended=mend)


def _standing(counter: Counter, *, at: datetime, uow: UnitOfWork) -> tuple[Hold, ...]:
    return uow.holds.open_of(counter.key, at=at) if counter.tally.held else ()


def _as_they_stand(compared: Sequence[_Compared]) -> list[CounterChange]:
    """Return counters as if they came from nothing: a new limit or rule tells what is passed."""
    return [
        CounterChange(limit=one.known.limit, before=Decimal(0), after=one.counted.tally.used)
        for one in compared
        if one.known is not None
    ]


def follow_changes(*, at: datetime, uow: UnitOfWork, desks: Desks) -> int:
    """Put right what a change of contracts, grants or time made stale; return how many counters."""
    with uow:
        keys = uow.counters.stale(at=at, limit=TOGETHER_MAX)
        if not keys:
            uow.commit()
            return 0
        check_quotas(keys, at=at, uow=uow, desks=desks, mend=True)
        uow.commit()
    return len(keys)


def _known(key: CounterKey, standings: Mapping[str, Standing]) -> KnownLimit | None:
    known = standings[key.account].limits.get(key.feature)
    return known if known is not None and counter_key(known.limit) == key else None


def _remembered(
    key: CounterKey, remembered: Mapping[str, Standing], standings: Mapping[str, Standing]
) -> Limit | None:
    """Return the limit that is remembered and still taken for true, where there is one."""
    one = remembered.get(key.account)
    if one is None or one.stamp != standings[key.account].stamp:
        return None
    known = one.limits.get(key.feature)
    return None if known is None else known.limit


def _differences(one: _Compared) -> Iterator[QuotaDifference]:
    key, limit = one.counter.key, None if one.known is None else one.known.limit
    if limit is None:
        yield _differs(key, Differs.ENDED, "a counter", "nothing is granted in this window")
        return
    enforced, expected = (_count(each, limit, one.at) for each in (one.counter, one.counted))
    if enforced != expected:
        yield _differs(key, Differs.COUNT, enforced, expected)
    decided = one.counter.enforced
    if decided is not None and one.counter.stamp == one.counted.stamp and decided != limit.most:
        yield _differs(key, Differs.LIMIT, _text(decided), _text(limit.most))
    if one.remembered is not None and one.remembered.most != limit.most:
        yield _differs(key, Differs.REMEMBERED, _text(one.remembered.most), _text(limit.most))
    over = _held_beyond(one)
    held = EXACT.subtract(_held(one), over)
    if over > 0 or (one.counter.stamp == one.counted.stamp and held != one.held):
        yield _differs(key, Differs.HELD, _text(one.held), _text(held))


def _mend(compared: Sequence[_Compared], uow: UnitOfWork) -> None:
    ended = [one.counter.key for one in compared if one.known is None]
    if ended:
        uow.counters.drop(ended)
    recalled = _recalled_once(compared)
    if recalled:
        uow.holds.save(recalled)
    uow.counters.save(
        [_mended(one.counted, one.known.limit) for one in compared if one.known is not None]
    )


def _mended(counted: Counter, limit: Limit) -> Counter:
    """Return a count made anew, as decided by the limit that is in force; of a rate as it was."""
    is_rate = limit.kind is FeatureKind.RATE
    return counted if is_rate else replace(counted, enforced=limit.most)


def _recalled_once(compared: Sequence[_Compared]) -> list[Hold]:
    """Return what is recalled, each hold once: what one counter recalled, the next one sees."""
    now: dict[tuple[HoldKind, str], Hold] = {}
    for one in compared:
        holds = [now.get((hold.kind, hold.key), hold) for hold in one.holds]
        now |= {(hold.kind, hold.key): hold for hold in _recalled(replace(one, holds=holds))}
    return list(now.values())


def _recalled(one: _Compared) -> Iterator[Hold]:
    """Yield leases and reservations without what they hold beyond the limit, the newest first."""
    over = _held_beyond(one)
    for hold in sorted(one.holds, key=lambda hold: hold.began_at, reverse=True):
        part = min(over, EXACT.subtract(hold.granted, hold.spent))
        if part > 0:
            yield replace(hold, granted=EXACT.subtract(hold.granted, part))
            over = EXACT.subtract(over, part)


def _held_beyond(one: _Compared) -> Decimal:
    """Return how much more is held than is left of a limit that nothing lets pass."""
    limit = None if one.known is None else one.known.limit
    if limit is None or limit.most is None or limit.kind is FeatureKind.RATE:
        return Decimal(0)
    passing = limit.overage is not None and limit.overage.action.value not in {"block", "throttle"}
    most = limit.overage.hard_limit if passing and limit.overage is not None else limit.most
    if most is None:
        return Decimal(0)
    held = _held(one)
    left = max(Decimal(0), EXACT.subtract(most, one.counted.tally.used))
    return max(Decimal(0), EXACT.subtract(held, left))


def _held(one: _Compared) -> Decimal:
    """Return what is held now, also where another counter of a hold was mended just before."""
    held = Decimal(0)
    for hold in one.holds:
        held = EXACT.add(held, EXACT.subtract(hold.granted, hold.spent))
    return held


def _count(counter: Counter, limit: Limit, at: datetime) -> str:
    """Return a count for comparison: of a rate what is decided alone, which nothing rebuilds."""
    if limit.kind is FeatureKind.RATE:
        return ""
    if limit.rolling is not None:
        recent = counter.tally.recent.counting(at, limit.rolling)
        return " ".join(f"{number}:{plain(amount)}" for number, amount in recent.slices)
    return plain(counter.tally.used)


def _text(amount: Decimal | None) -> str:
    return "unlimited" if amount is None else plain(amount)


def _differs(key: CounterKey, what: Differs, enforced: str, expected: str) -> QuotaDifference:
    return QuotaDifference(
        account=key.account,
        feature=key.feature,
        starts_at=key.starts,
        what=what,
        enforced=enforced,
        expected=expected,
    )
