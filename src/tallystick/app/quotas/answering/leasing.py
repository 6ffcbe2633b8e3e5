"""Leases: a slice that a process spends by itself, and what it reports of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tallystick.app.quotas.answering.effects import (
    NOTHING,
    Recording,
    close_hold,
    ends_at,
    held_again,
    held_answer,
    hold_less,
    hold_more,
    identity_of,
    limits_held,
    new_hold,
    record,
    use_held,
)
from tallystick.app.quotas.answering.together import decide_together, grantable_together
from tallystick.app.quotas.asks import Check, Decision, Lease, NotCounted, Report, UsedEvent
from tallystick.app.quotas.desk import Desk, less
from tallystick.app.quotas.limits import KnownLimit, counter_key
from tallystick.app.quotas.phrasing import decision, unknown
from tallystick.app.quotas.ports import Hold, HoldKind
from tallystick.app.quotas.use_event import is_consumable, is_use
from tallystick.catalog import FeatureKind
from tallystick.kernel import EXACT
from tallystick.metering import Aggregation
from tallystick.quotas import Reason, Verdict

PARTS_MAX = 1_000
"""So many events at most are made of one use that was spent of a meter that counts events."""

_ONE_BY_ONE = "What passes beyond the limit is not leased; consume it one by one."


def lease(ask: Lease, desk: Desk) -> Decision:
    """Grant a slice: what is wanted, or what is left."""
    known = desk.known_limit(ask.account, ask.feature)
    if known is None:
        return unknown(ask, desk)
    standing = desk.holds.get((HoldKind.LEASE, ask.key))
    if standing is not None:
        return held_again(ask, known, standing, desk)
    if known.limit.kind is not FeatureKind.METERED or not is_consumable(known.meter):
        return decision(ask, known.limit, Verdict(reason=Reason.NOT_CONSUMABLE), desk)
    granted = grantable_together(known, str(ask.account), wanted=ask.quantity, desk=desk)
    if granted:
        verdict = Verdict(reason=Reason.WITHIN_LIMIT)
        hold = new_hold(ask, HoldKind.LEASE, granted, known, desk)
        for one in limits_held(known, str(ask.account), desk):
            hold_more(one, verdict, granted, desk)
        desk.put_hold(hold)
        found = replace(ask, quantity=granted)
        return replace(decision(found, known.limit, verdict, desk), lease=held_answer(hold))
    return _nothing_granted(ask, known, desk)


def report(ask: Report, desk: Desk) -> Decision:
    """
    Take what was spent of a lease, then end or prolong it.

    Each use is taken or refused by itself, as events of a batch are: one that its meter cannot
    read keeps neither the others from counting nor the lease from its end.
    """
    hold = desk.holds.get((HoldKind.LEASE, ask.key))
    known = None if hold is None else desk.known_limit(hold.asked_by, hold.counter.feature)
    if hold is None or known is None:
        return unknown(ask, desk)
    refused: list[NotCounted] = []
    for one in ask.events:
        problem, hold = _take(one, hold, known, desk)
        if problem:
            refused.append(NotCounted(source=one.source, id=one.id, message=problem))
    if ask.close and hold.is_open(desk.at):
        hold = close_hold(hold, known, desk, spent=hold.spent, outcome="closed")
    elif hold.is_open(desk.at):
        hold = _prolong(hold, known, ask, desk)
    return _told(ask, hold, known, refused, desk)


def _take(use: UsedEvent, hold: Hold, known: KnownLimit, desk: Desk) -> tuple[str, Hold]:
    """Count a use that was spent, once; return why it cannot be, and the lease as it is then."""
    # What was told before is told by its first part: all were recorded in one transaction.
    if _is_known(use, desk):
        return _conflict(use, hold, known, desk), hold
    for event in _parts(use, known):
        if _is_known(event, desk):
            continue
        at = min(max(event.used_at or desk.at, hold.began_at), desk.at)
        recording = Recording(account=hold.asked_by, at=at, hold=hold)
        problem = record(event, known, recording, desk)
        if problem:
            return problem, hold
        use_held(known, event.quantity, recording, desk)
        hold = _spend(hold, known, event.quantity, desk)
    return "", hold


def _conflict(use: UsedEvent, hold: Hold, known: KnownLimit, desk: Desk) -> str:
    """Return what the identity of a use stands for, where that is not this use; else nothing."""
    first = next(_parts(use, known))
    before = desk.consumptions.get(identity_of(use))
    if before is not None:
        same = before.quantity == first.quantity
    else:
        logged = desk.logged[identity_of(use)]
        same = logged is None or is_use(logged, first, known.meter, hold.asked_by)
    return "" if same else "The same id stands for something else."


def _told(
    ask: Report, hold: Hold, known: KnownLimit, refused: Sequence[NotCounted], desk: Desk
) -> Decision:
    is_there = hold.is_open(desk.at) or ask.close
    reason = Reason.WITHIN_LIMIT if is_there else Reason.EXPIRED
    found = decision(ask, known.limit, Verdict(reason=reason), desk, hold=hold)
    found = replace(found, lease=held_answer(hold))
    if refused:
        message = (
            f"{len(refused)} of {len(ask.events)} uses cannot be counted, the others are; "
            f"{refused[0].source}/{refused[0].id}: {refused[0].message}"
        )
        reason = Reason.NOT_CONSUMABLE
        return replace(found, reason=reason, not_counted=tuple(refused), message=message)
    if reason is Reason.EXPIRED:
        return replace(found, message="What was held has returned; what was spent of it counts.")
    return found


def _is_known(event: UsedEvent, desk: Desk) -> bool:
    return identity_of(event) in desk.consumptions or identity_of(event) in desk.logged


def _parts(event: UsedEvent, known: KnownLimit) -> Iterator[UsedEvent]:
    """
    Yield a use that was spent, of a meter that counts events as one event for each.

    The first has the identity that was told, further ones add their number to its id.
    """
    counts = known.meter is not None and known.meter.aggregation is Aggregation.COUNT
    times = int(event.quantity) if counts and event.quantity % 1 == 0 else 1
    if not 1 < times <= PARTS_MAX:
        yield event
        return
    for number in range(1, times + 1):
        id_ = event.id if number == 1 else f"{event.id}/{number}-of-{times}"
        yield replace(event, id=id_, quantity=Decimal(1))


def _nothing_granted(ask: Lease, known: KnownLimit, desk: Desk) -> Decision:
    """Return why no slice is granted, by whichever of the limits on the meter leaves none."""
    one = Check(account=ask.account, feature=ask.feature, quantity=Decimal(1))
    together = decide_together(one, known, desk)
    if ask.quantity and not together.allowed:
        return replace(together.decision(one, desk), quantity=ask.quantity)
    reason = Reason.LIMIT_REACHED if ask.quantity else Reason.NOT_CONSUMABLE
    message = _ONE_BY_ONE if ask.quantity else "Ask for more than 0."
    return replace(decision(ask, known.limit, Verdict(reason=reason), desk), message=message)


def _spend(hold: Hold, known: KnownLimit, quantity: Decimal, desk: Desk) -> Hold:
    """Let what was used be held no longer; of what was spent beyond the lease nothing was."""
    part = min(quantity, less(hold.granted, hold.spent)) if hold.is_open(desk.at) else NOTHING
    spent = replace(hold, spent=EXACT.add(hold.spent, part))
    hold_less(hold, known, part, desk)
    desk.put_hold(spent)
    return spent


def _prolong(hold: Hold, known: KnownLimit, ask: Report, desk: Desk) -> Hold:
    """Let a lease grow and hold longer, as far as there is room."""
    more = NOTHING
    limits = limits_held(known, hold.asked_by, desk)
    if ask.more and hold.counters == tuple(counter_key(one.limit) for one in limits):
        more = grantable_together(known, hold.asked_by, wanted=ask.more, desk=desk)
    expires_at = hold.expires_at
    if ask.seconds is not None:
        expires_at = ends_at(limits, desk.at + timedelta(seconds=ask.seconds))
    if not more and expires_at == hold.expires_at:
        return hold
    if more:
        for one in limits:
            hold_more(one, Verdict(reason=Reason.WITHIN_LIMIT), more, desk)
    longer = replace(hold, granted=EXACT.add(hold.granted, more), expires_at=expires_at)
    desk.put_hold(longer)
    return longer
