"""Reservations: held for a time, then used or given back."""

from dataclasses import replace

from tallystick.app.quotas.answering.effects import (
    NOTHING,
    Recording,
    answered_before,
    close_hold,
    held_again,
    held_answer,
    hold_more,
    limits_held,
    new_hold,
    record,
    use_held,
)
from tallystick.app.quotas.answering.together import decide_together
from tallystick.app.quotas.asks import Commit, Decision, Release, Reserve
from tallystick.app.quotas.desk import Desk
from tallystick.app.quotas.limits import KnownLimit, counter_key
from tallystick.app.quotas.phrasing import decision, unknown
from tallystick.app.quotas.ports import Hold, HoldKind
from tallystick.app.quotas.use_event import is_consumable
from tallystick.catalog import FeatureKind
from tallystick.quotas import Reason, Verdict

_PLAIN = Verdict(reason=Reason.WITHIN_LIMIT)
"""What is said of a limit that is not in force: it decides nothing."""


def reserve(ask: Reserve, desk: Desk) -> Decision:
    """Hold so much, if there is room."""
    known = desk.known_limit(ask.account, ask.feature)
    if known is None:
        return unknown(ask, desk)
    standing = desk.holds.get((HoldKind.RESERVATION, ask.key))
    if standing is not None:
        return held_again(ask, known, standing, desk)
    if known.limit.kind is not FeatureKind.METERED or not is_consumable(known.meter):
        return decision(ask, known.limit, Verdict(reason=Reason.NOT_CONSUMABLE), desk)
    together = decide_together(ask, known, desk)
    if not together.allowed:
        return together.decision(ask, desk)
    verdict = together.parts[0][1]
    hold = new_hold(ask, HoldKind.RESERVATION, ask.quantity, known, desk)
    verdicts = {counter_key(one.limit): found for one, found in together.parts}
    for one in limits_held(known, str(ask.account), desk):
        hold_more(one, verdicts.get(counter_key(one.limit), _PLAIN), ask.quantity, desk)
    desk.put_hold(hold)
    return replace(decision(ask, known.limit, verdict, desk), reservation=held_answer(hold))


def commit(ask: Commit, desk: Desk) -> Decision:
    """Use what is held, or a part; the rest returns."""
    hold = desk.holds.get((HoldKind.RESERVATION, ask.key))
    known = None if hold is None else desk.known_limit(hold.asked_by, hold.counter.feature)
    if hold is None or known is None:
        return unknown(ask, desk)
    again = answered_before(ask, ask.event, known, desk, hold=hold)
    if again is not None:
        return again
    if not hold.is_open(desk.at):
        return _gone(ask, hold, known, desk)
    if ask.event.quantity > hold.granted:
        refused = decision(ask, known.limit, Verdict(reason=Reason.LIMIT_REACHED), desk, hold=hold)
        return replace(refused, message="It is more than was reserved; reserve the rest first.")
    recording = Recording(account=hold.asked_by, at=desk.at, hold=hold)
    problem = record(ask.event, known, recording, desk)
    verdict = Verdict(reason=Reason.NOT_CONSUMABLE if problem else Reason.WITHIN_LIMIT)
    if problem:
        return replace(decision(ask, known.limit, verdict, desk, hold=hold), message=problem)
    use_held(known, ask.event.quantity, recording, desk)
    close_hold(hold, known, desk, spent=ask.event.quantity, outcome="committed")
    return decision(ask, known.limit, verdict, desk, hold=hold)


def _gone(ask: Commit, hold: Hold, known: KnownLimit, desk: Desk) -> Decision:
    """Return what is told of a reservation that holds nothing any longer, and why it does not."""
    found = decision(ask, known.limit, Verdict(reason=Reason.EXPIRED), desk, hold=hold)
    if not hold.outcome:
        return found
    message = f"The reservation was {hold.outcome} before; ask anew."
    return replace(found, message=message)


def release(ask: Release, desk: Desk) -> Decision:
    """Give back what is held."""
    hold = desk.holds.get((HoldKind.RESERVATION, ask.key))
    known = None if hold is None else desk.known_limit(hold.asked_by, hold.counter.feature)
    if hold is None or known is None:
        return unknown(ask, desk)
    if hold.is_open(desk.at):
        close_hold(hold, known, desk, spent=NOTHING, outcome="released")
    is_again = hold.closed_at is not None
    found = decision(ask, known.limit, Verdict(reason=Reason.WITHIN_LIMIT), desk, hold=hold)
    return replace(found, duplicate=is_again)
