"""
Decisions while the store of counters is away, as each feature declares.

A feature that fails open is let through by what was resolved last: the use is written to the log,
which does not need the store, and counts like any ingested event as soon as counters follow again;
what it then comes to beyond a limit is told like all overage.  One that fails closed is refused,
and so is a use that counts towards another limit on its meter that fails closed: the strictest of
them decides, as far as they are known.
Whatever holds or gives back is not decided without the store, nor is anything about an account that
this process has not seen before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from tallystick.app.quotas.asks import Ask, Check, Consume, Decision
from tallystick.app.quotas.carrying import Submit
from tallystick.app.quotas.limits import KnownLimit, KnownLimits, Standing
from tallystick.app.quotas.use_event import Used, is_consumable, use_event
from tallystick.catalog import FeatureKind, Unreachable
from tallystick.kernel import EngineUnavailable, Refused, WorkspaceId
from tallystick.quotas import Reason

_MESSAGES = {
    Reason.UNCHECKED: "Counters cannot be reached; it is let through, as the feature declares.",
    Reason.UNAVAILABLE: "Counters cannot be reached; it is refused, as the feature declares.",
    Reason.NOT_ENTITLED: "Nothing granted this feature to the account when it was last known.",
    Reason.NOT_CONSUMABLE: "This feature cannot be consumed.",
}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """What is left to decide with: what was resolved last, and the way into the log."""

    known: KnownLimits
    submit: Submit


def answer_degraded(
    asks: Sequence[Ask], *, workspace: WorkspaceId, at: datetime, degraded: Degraded
) -> list[Decision]:
    """
    Return the decisions on checks and uses without the store; uses let through are durable.

    Raises:
        EngineUnavailable: something else is asked, an account is not known here, or the log is
            away, too.
    """
    decisions: list[Decision] = []
    bodies: list[bytes] = []
    for ask in asks:
        named, standing = _named(ask, workspace, degraded.known)
        known = standing.limits.get(named.feature)
        closed = None if known is None else _closed_by(known, standing)
        used = Used(workspace=workspace, account=str(named.account), at=at)
        reason, body = _decided(named, known, closed, used)
        bodies += [body] if body else []
        decisions.append(_decision(named, known, reason, closed))
    if bodies:
        report = degraded.submit(workspace, bodies)
        if not report.taken:
            raise EngineUnavailable("the log did not take the uses")
    _log.warning("decided_without_counters", asks=len(asks), let_through=len(bodies))
    return decisions


def _named(
    ask: Ask, workspace: WorkspaceId, known: KnownLimits
) -> tuple[Check | Consume, Standing]:
    """Return what is asked, and what was known last of who asks."""
    if not isinstance(ask, Check | Consume):
        raise EngineUnavailable("this cannot be decided without the store")
    standing = known.remembered(workspace, str(ask.account))
    if standing is None or not standing.exists:
        raise EngineUnavailable("the account is not known without the store")
    return ask, standing


def _closed_by(known: KnownLimit, standing: Standing) -> KnownLimit | None:
    """
    Return the limit that refuses a use while the store is away; None: all let it through.

    That is the one that is asked for if it fails closed, else the first by feature of those beside
    it.  One beside it that is granted without a limit refuses nothing, here as elsewhere.
    """
    beside = (one for one in standing.beside(known) if one.limit.most is not None)
    for one in (known, *beside):
        if one.limit.if_unreachable is Unreachable.FAIL_CLOSED:
            return one
    return None


def _decided(
    ask: Check | Consume, known: KnownLimit | None, closed: KnownLimit | None, used: Used
) -> tuple[Reason, bytes]:
    """Return why, and the event of a use that is let through; empty for none."""
    if known is None or known.limit.denied is not None:
        return Reason.NOT_ENTITLED, b""
    if not known.limit.kind.is_limited:
        return Reason.SWITCHED_ON, b""
    if closed is not None:
        return Reason.UNAVAILABLE, b""
    if not isinstance(ask, Consume) or known.limit.kind is FeatureKind.RATE:
        return Reason.UNCHECKED, b""
    made = _event(ask, known, used)
    return (Reason.UNCHECKED, made) if made else (Reason.NOT_CONSUMABLE, b"")


def _event(ask: Consume, known: KnownLimit, used: Used) -> bytes:
    """Return the event of a use; empty where it cannot be one."""
    if known.meter is None or ask.event is None or not is_consumable(known.meter):
        return b""
    made = use_event(ask.event, known.meter, used)
    return b"" if isinstance(made, Refused) else made.value.encode()


def _decision(
    ask: Check | Consume, known: KnownLimit | None, reason: Reason, closed: KnownLimit | None
) -> Decision:
    by = closed if reason is Reason.UNAVAILABLE else known
    other = "" if by is None or by is known else by.limit.feature
    message = _MESSAGES.get(reason, "")
    return Decision(
        reason=reason,
        account=str(ask.account),
        feature=ask.feature,
        quantity=ask.quantity,
        limit=None if by is None else by.limit.most,
        limited_by=other,
        value="" if known is None else known.limit.value,
        degraded=True,
        message=f"{message} This is the limit of {other}." if other else message,
    )
