"""Levels: what exists at once, by id."""

from dataclasses import replace
from decimal import Decimal

from tallystick.app.quotas.answering.effects import use_now, verdict_of
from tallystick.app.quotas.asks import Acquire, Decision, GiveBack
from tallystick.app.quotas.desk import Desk, less
from tallystick.app.quotas.limits import KnownLimit
from tallystick.app.quotas.phrasing import decision, unknown
from tallystick.app.quotas.ports import Unit
from tallystick.app.quotas.standing_rows import UnitKey
from tallystick.catalog import FeatureKind
from tallystick.kernel import plain
from tallystick.quotas import Reason, Verdict, settled


def acquire(ask: Acquire, desk: Desk) -> Decision:
    """Let a unit exist, if there is room."""
    known = desk.known_limit(ask.account, ask.feature)
    if known is None:
        return unknown(ask, desk)
    if known.limit.kind is not FeatureKind.LEVEL:
        return decision(ask, known.limit, Verdict(reason=Reason.NOT_CONSUMABLE), desk)
    unit: UnitKey = (str(known.limit.holder), ask.feature, ask.unit)
    if unit in desk.units:
        return _acquired_before(ask, desk.units[unit], known, desk)
    verdict = verdict_of(known, ask.quantity, desk, "")
    if verdict.allowed:
        desk.acquire(unit, Unit(quantity=ask.quantity, asked_by=str(ask.account)))
        use_now(known, verdict, ask.quantity, desk, at=desk.at)
    return decision(ask, known.limit, verdict, desk)


def _acquired_before(ask: Acquire, counted: Decimal, known: KnownLimit, desk: Desk) -> Decision:
    """Return the answer to a unit that exists: as it is counted a repeat, else a conflict."""
    if counted == ask.quantity:
        found = decision(ask, known.limit, Verdict(reason=Reason.DUPLICATE), desk)
        return replace(found, duplicate=True)
    found = decision(ask, known.limit, Verdict(reason=Reason.CONFLICT), desk)
    message = f"This unit is counted as {plain(counted)}; give it back to acquire it anew."
    return replace(found, message=message)


def give_back(ask: GiveBack, desk: Desk) -> Decision:
    """Let a unit be gone."""
    known = desk.known_limit(ask.account, ask.feature)
    if known is None:
        return unknown(ask, desk)
    if known.limit.kind is not FeatureKind.LEVEL:
        return decision(ask, known.limit, Verdict(reason=Reason.NOT_CONSUMABLE), desk)
    unit: UnitKey = (str(known.limit.holder), ask.feature, ask.unit)
    is_there = unit in desk.units
    if is_there:
        tally = desk.tally(known.limit)
        tally = replace(tally, used=less(tally.used, desk.give_back(unit)))
        desk.put(known.limit, settled(known.limit, tally, desk.at))
    found = decision(ask, known.limit, Verdict(reason=Reason.WITHIN_LIMIT), desk)
    return replace(found, duplicate=not is_there)
