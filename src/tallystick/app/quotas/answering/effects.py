"""What an answer does to a desk: uses, holds, and events on their way."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.app.quotas.asks import (
    Commit,
    Consume,
    Decision,
    HeldAnswer,
    Lease,
    Reserve,
    UsedEvent,
)
from tallystick.app.quotas.counting import counter_key
from tallystick.app.quotas.desk import Desk, less
from tallystick.app.quotas.limits import KnownLimit
from tallystick.app.quotas.phrasing import decision
from tallystick.app.quotas.ports import Consumption, Hold, HoldKind
from tallystick.app.quotas.use_event import Used, is_use, use_event
from tallystick.kernel import EXACT, Refused
from tallystick.quotas import Reason, Verdict, decide, settled, use

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """
    Whose use an event is.

    Attributes:
        account: who used.
        at: when.
        hold: of which reservation or lease; None: of none.
    """

    account: str
    at: datetime
    hold: Hold | None = None


def verdict_of(known: KnownLimit, quantity: Decimal, desk: Desk, operation: str) -> Verdict:
    """Return what the limit says of a quantity now."""
    limit = known.limit
    return decide(limit, desk.tally(limit), quantity=quantity, at=desk.at, operation=operation)


def use_now(
    known: KnownLimit, verdict: Verdict, quantity: Decimal, desk: Desk, *, at: datetime
) -> None:
    """Count a use that the verdict allows, at its instant."""
    limit = known.limit
    used = use(limit, desk.tally(limit), verdict, quantity=quantity, at=at)
    desk.put(limit, settled(limit, used, desk.at))


def use_beyond(known: KnownLimit, quantity: Decimal, desk: Desk, *, at: datetime) -> None:
    """Count a use that happened although the limit does not allow it, at its instant."""
    limit = known.limit
    tally = desk.tally(limit)
    recent = tally.recent
    if limit.rolling is not None:
        recent = recent.add(at, limit.rolling, quantity)
    after = replace(tally, used=EXACT.add(tally.used, quantity), recent=recent)
    desk.put(limit, settled(limit, after, desk.at))


def hold_more(known: KnownLimit, verdict: Verdict, quantity: Decimal, desk: Desk) -> None:
    """Count what is held anew; a throttle takes a reservation for a use."""
    limit = known.limit
    tally = desk.tally(limit)
    if verdict.reason is Reason.THROTTLE:
        passed = use(limit, tally, verdict, quantity=quantity, at=desk.at)
        tally = replace(passed, used=tally.used, recent=tally.recent)
    tally = replace(tally, held=EXACT.add(tally.held, quantity))
    desk.put(limit, settled(limit, tally, desk.at))


def new_hold(
    ask: Reserve | Lease, kind: HoldKind, granted: Decimal, known: KnownLimit, desk: Desk
) -> Hold:
    """
    Return a reservation or lease against every limit on the meter.

    It ends with the first of their windows at the latest: in the next one it would hold nothing.
    """
    beside = limits_beside(known, str(ask.account), at=desk.at, desk=desk)
    end = desk.at + timedelta(seconds=ask.seconds)
    ends = [one.limit.end for one in (known, *beside) if one.limit.end is not None]
    return Hold(
        kind=kind,
        key=ask.key,
        counter=counter_key(known.limit),
        asked_by=str(ask.account),
        granted=granted,
        spent=NOTHING,
        began_at=desk.at,
        expires_at=min(end, *ends) if ends else end,
        also=tuple(counter_key(one.limit) for one in beside),
    )


def held_again(ask: Reserve | Lease, known: KnownLimit, hold: Hold, desk: Desk) -> Decision:
    """
    Return the first answer again; a key that held something else is a conflict.

    A reservation held all that was asked for; a lease may have been granted less.
    """
    same = hold.asked_by == ask.account and hold.counter.feature == ask.feature
    if hold.kind is HoldKind.RESERVATION:
        same = same and hold.granted == ask.quantity
    is_open = hold.is_open(desk.at)
    reason = Reason.EXPIRED if same else Reason.CONFLICT
    verdict = Verdict(reason=Reason.WITHIN_LIMIT if same and is_open else reason)
    found = replace(decision(ask, known.limit, verdict, desk), duplicate=same)
    if not same:
        return found
    if hold.kind is HoldKind.LEASE:
        return replace(found, quantity=hold.granted, lease=held_answer(hold))
    return replace(found, reservation=held_answer(hold))


def close_hold(hold: Hold, known: KnownLimit, desk: Desk, *, spent: Decimal, outcome: str) -> Hold:
    """End a hold; what it still holds returns, and of a reservation ``spent`` is used."""
    left = less(hold.granted, hold.spent)
    used = spent if hold.kind is HoldKind.RESERVATION else NOTHING
    move(hold, known, desk, moved=Moved(used=used, held=left, at=desk.at))
    closed = replace(hold, spent=spent, closed_at=desk.at, outcome=outcome)
    desk.put_hold(closed)
    return closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What of a hold is used at an instant, and how much less it holds."""

    used: Decimal
    held: Decimal
    at: datetime


def move(hold: Hold, known: KnownLimit, desk: Desk, *, moved: Moved) -> None:
    """Let a part that was held be used, or return, in the window of the hold."""
    for one in desk.standing(hold.asked_by).beside(known):
        if counter_key(one.limit) in hold.also:
            _hold_less(one, moved.held, desk)
    limit = known.limit
    counter = desk.counters.get(hold.counter)
    if counter is None:
        return  # Of its window nothing is granted any longer.
    recent = counter.tally.recent
    if limit.rolling is not None and moved.used:
        recent = recent.add(moved.at, limit.rolling, moved.used)
    tally = replace(
        counter.tally,
        used=EXACT.add(counter.tally.used, moved.used),
        held=less(counter.tally.held, moved.held),
        recent=recent,
    )
    desk.counters[hold.counter] = replace(counter, tally=settled(limit, tally, desk.at))


def _hold_less(known: KnownLimit, quantity: Decimal, desk: Desk) -> None:
    tally = desk.tally(known.limit)
    tally = replace(tally, held=less(tally.held, quantity))
    desk.put(known.limit, settled(known.limit, tally, desk.at))


def answered_before(
    ask: Consume | Commit,
    event: UsedEvent,
    known: KnownLimit,
    desk: Desk,
    *,
    hold: Hold | None = None,
) -> Decision | None:
    """Return the answer to a use that was decided, or ingested, before; None: it is new."""
    before = desk.consumptions.get(identity_of(event))
    if before is not None:
        same = before.counter.feature == known.limit.feature and before.quantity == event.quantity
        same = same and before.counter.account == known.limit.holder
        reason = Reason.DUPLICATE if same else Reason.CONFLICT
        found = decision(ask, known.limit, Verdict(reason=reason), desk, hold=hold)
        return replace(found, duplicate=same)
    if identity_of(event) not in desk.logged:
        return None
    logged = desk.logged[identity_of(event)]
    account = ask.account if isinstance(ask, Consume) else "" if hold is None else hold.asked_by
    same = logged is None or is_use(logged, event, known.meter, account)
    reason = Reason.DUPLICATE if same else Reason.CONFLICT
    found = decision(ask, known.limit, Verdict(reason=reason), desk, hold=hold)
    return replace(found, duplicate=same)


def record(event: UsedEvent, known: KnownLimit, recording: Recording, desk: Desk) -> str:
    """Put a use's event on its way; return why it cannot be, empty if it can."""
    if known.meter is None:
        return "The feature has no meter."
    used = Used(workspace=desk.workspace, account=recording.account, at=recording.at)
    made = use_event(event, known.meter, used)
    if isinstance(made, Refused):
        return made.problems[0].message
    hold = recording.hold
    also = limits_beside(known, recording.account, at=recording.at, desk=desk)
    desk.consume(
        Consumption(
            source=event.source,
            id=event.id,
            counter=counter_key(known.limit) if hold is None else hold.counter,
            quantity=event.quantity,
            used_at=recording.at,
            body=made.value,
            also=tuple(counter_key(each.limit) for each in also),
        )
    )
    return ""


def limits_beside(
    known: KnownLimit, account: str, *, at: datetime, desk: Desk
) -> tuple[KnownLimit, ...]:
    """Return the other limits on the meter of one, in whose windows an instant lies."""
    found = desk.standing(account).beside(known)
    return tuple(
        one
        for one in found
        if one.limit.start <= at and (one.limit.end is None or at < one.limit.end)
    )


def use_beside(known: KnownLimit, quantity: Decimal, recording: Recording, desk: Desk) -> None:
    """Count what was held under one limit under the others on its meter, now that it is used."""
    for one in limits_beside(known, recording.account, at=recording.at, desk=desk):
        use_beyond(one, quantity, desk, at=recording.at)


def held_answer(hold: Hold) -> HeldAnswer:
    """Return a reservation or lease as it is told."""
    return HeldAnswer(
        key=hold.key, granted=hold.granted, spent=hold.spent, expires_at=hold.expires_at
    )


def identity_of(event: UsedEvent) -> tuple[str, str]:
    """Return under which identity an event is known."""
    return event.source, event.id
