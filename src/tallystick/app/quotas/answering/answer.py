"""One ask after the other, decided on a desk."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tallystick.app.quotas.answering.effects import (
    Recording,
    answered_before,
    record,
)
from tallystick.app.quotas.answering.leasing import lease, report
from tallystick.app.quotas.answering.levels import acquire, give_back
from tallystick.app.quotas.answering.reserving import commit, release, reserve
from tallystick.app.quotas.answering.together import decide_together
from tallystick.app.quotas.asks import (
    Acquire,
    Ask,
    Check,
    Commit,
    Consume,
    Decision,
    GiveBack,
    Lease,
    Release,
    Report,
    Reserve,
)
from tallystick.app.quotas.desk import Desk
from tallystick.app.quotas.limits import KnownLimit
from tallystick.app.quotas.phrasing import decision, unknown
from tallystick.app.quotas.use_event import is_consumable
from tallystick.catalog import FeatureKind
from tallystick.quotas import Reason, Verdict

_UNNAMED = "A use of this feature becomes an event: name it by source and id."


def answer(ask: Ask, desk: Desk) -> Decision:
    """Return the decision on an ask, and leave its effect on the desk."""
    return _ANSWERS[type(ask)](ask, desk)


def check(ask: Check, desk: Desk) -> Decision:
    """Decide without an effect."""
    known = desk.known_limit(ask.account, ask.feature)
    if known is None:
        return unknown(ask, desk)
    return decide_together(ask, known, desk).decision(ask, desk)


def consume(ask: Consume, desk: Desk) -> Decision:
    """Use so much now; of a metered feature it becomes an event."""
    known = desk.known_limit(ask.account, ask.feature)
    if known is None:
        return unknown(ask, desk)
    if not _can_be_consumed(ask, known):
        told = decision(ask, known.limit, Verdict(reason=Reason.NOT_CONSUMABLE), desk)
        return replace(told, message=_UNNAMED) if _is_unnamed(ask, known) else told
    is_metered = known.limit.kind is FeatureKind.METERED
    if is_metered and ask.event is not None:
        again = answered_before(ask, ask.event, known, desk)
        if again is not None:
            return again
    at = desk.at
    if ask.event is not None:
        at = min(max(ask.event.used_at or desk.at, known.limit.start), desk.at)
    together = decide_together(ask, known, desk, at=at)
    is_used = together.allowed or (ask.happened and is_metered)
    if not is_used or not known.limit.kind.is_limited:
        return together.decision(ask, desk)
    if is_metered and ask.event is not None:
        problem = record(ask.event, known, Recording(account=str(ask.account), at=at), desk)
        if problem:
            refused = Verdict(reason=Reason.NOT_CONSUMABLE)
            return replace(decision(ask, known.limit, refused, desk), message=problem)
    together.count(ask.quantity, desk)
    return together.decision(ask, desk)


def _can_be_consumed(ask: Consume, known: KnownLimit) -> bool:
    kind = known.limit.kind
    if kind is FeatureKind.METERED:
        return ask.event is not None and is_consumable(known.meter)
    return kind is not FeatureKind.LEVEL


def _is_unnamed(ask: Consume, known: KnownLimit) -> bool:
    """Tell whether the only thing that a use lacks is the identity of its event."""
    metered = known.limit.kind is FeatureKind.METERED
    return metered and ask.event is None and is_consumable(known.meter)


_ANSWERS: Mapping[type, Callable[[Any, Desk], Decision]] = {
    Check: check,
    Consume: consume,
    Reserve: reserve,
    Commit: commit,
    Release: release,
    Lease: lease,
    Report: report,
    Acquire: acquire,
    GiveBack: give_back,
}
