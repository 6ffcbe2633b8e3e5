"""Levels: what exists at once, by id."""

from dataclasses import replace

from tallystick.app.quotas.answering.effects import use_now, verdict_of
from tallystick.app.quotas.asks import Acquire, Decision, GiveBack
from tallystick.app.quotas.desk import Desk, less
from tallystick.app.quotas.phrasing import decision, unknown
from tallystick.app.quotas.standing_rows import UnitKey
from tallystick.catalog import FeatureKind
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
        found = decision(ask, known.limit, Verdict(reason=Reason.DUPLICATE), desk)
        return replace(found, duplicate=True)
    verdict = verdict_of(known, ask.quantity, desk, "")
    if verdict.allowed:
        desk.acquire(unit, ask.quantity)
        use_now(known, verdict, ask.quantity, desk, at=desk.at)
    return decision(ask, known.limit, verdict, desk)


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
