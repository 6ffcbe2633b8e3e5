"""What an answer does to a desk: uses, holds, and events on their way."""

from collections.abc import Iterable
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
from tallystick.app.quotas.desk import Desk, less
from tallystick.app.quotas.limits import KnownLimit, counter_key
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
    if counter_key(limit) not in desk.counters:
        return  # Nothing is granted, and so nothing counts.
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

    It ends with the first of their windows, or when anything known changes them, at the latest:
    from then on it would hold nothing, or what nobody asked for.
    """
    limits = limits_held(known, str(ask.account), desk)
    return Hold(
        kind=kind,
        key=ask.key,
        counter=counter_key(known.limit),
        asked_by=str(ask.account),
        granted=granted,
        spent=NOTHING,
        began_at=desk.at,
        expires_at=ends_at(limits, desk.at + timedelta(seconds=ask.seconds)),
        also=tuple(counter_key(one.limit) for one in limits if one is not known),
    )


def ends_at(limits: Iterable[KnownLimit], wanted: datetime) -> datetime:
    """Return until when something may be held of limits, wanted or earlier."""
    return min((wanted, *(one.until for one in limits if one.until is not None)))


def limits_held(known: KnownLimit, account: str, desk: Desk) -> tuple[KnownLimit, ...]:
    """
    Return a limit and all others on its meter, by feature, against which a hold stands now.

    Those that are not in force decide nothing, and see what is held once they are.
    """
    others = (one for one in desk.standing(account).counting(known) if one.holds(desk.at))
    return (known, *others)


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
    """End a hold; what it still holds returns."""
    hold_less(hold, known, less(hold.granted, hold.spent), desk)
    closed = replace(hold, spent=spent, closed_at=desk.at, outcome=outcome)
    desk.put_hold(closed)
    return closed


def hold_less(hold: Hold, known: KnownLimit, quantity: Decimal, desk: Desk) -> None:
    """Let a part of what is held return, to every limit against which it stands."""
    limits = {counter_key(one.limit): one.limit for one in limits_held(known, hold.asked_by, desk)}
    for key in hold.counters:
        counter = desk.counters.get(key)
        if counter is None:
            continue  # Of its window nothing is granted any longer.
        tally = replace(counter.tally, held=less(counter.tally.held, quantity))
        if key in limits:
            tally = settled(limits[key], tally, desk.at)
        desk.counters[key] = replace(counter, tally=tally)


def use_held(known: KnownLimit, quantity: Decimal, recording: Recording, desk: Desk) -> None:
    """Count a use of what was held under every limit on the meter, in the windows it lies in."""
    counted = _counted(known, recording, desk)
    for one in counted:
        use_beyond(one, quantity, desk, at=recording.at)
    hold = recording.hold
    counter = None if hold is None or known in counted else desk.counters.get(hold.counter)
    if counter is not None:  # of a window that has ended, or of one who held it before
        tally = replace(counter.tally, used=EXACT.add(counter.tally.used, quantity))
        desk.counters[counter.key] = replace(counter, tally=tally)


def _counted(known: KnownLimit, recording: Recording, desk: Desk) -> list[KnownLimit]:
    """Return the limits on the meter of one under which a use of what was held counts now."""
    limits = (known, *desk.standing(recording.account).counting(known))
    return [
        one for one in limits if one.holds(recording.at) and counter_key(one.limit) in desk.counters
    ]


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
    if hold is None:
        counted = [known, *limits_beside(known, recording.account, at=recording.at, desk=desk)]
    else:
        counted = _counted(known, recording, desk)
    own = counter_key(known.limit) if hold is None or known in counted else hold.counter
    desk.consume(
        Consumption(
            source=event.source,
            id=event.id,
            counter=own,
            quantity=event.quantity,
            used_at=recording.at,
            body=made.value,
            also=tuple(counter_key(one.limit) for one in counted if one is not known),
        )
    )
    return ""


def limits_beside(
    known: KnownLimit, account: str, *, at: datetime, desk: Desk
) -> tuple[KnownLimit, ...]:
    """Return the other limits on the meter of one, in whose windows an instant lies."""
    return tuple(one for one in desk.standing(account).beside(known) if one.holds(at))


def held_answer(hold: Hold) -> HeldAnswer:
    """Return a reservation or lease as it is told."""
    return HeldAnswer(
        key=hold.key, granted=hold.granted, spent=hold.spent, expires_at=hold.expires_at
    )


def identity_of(event: UsedEvent) -> tuple[str, str]:
    """Return under which identity an event is known."""
    return event.source, event.id
