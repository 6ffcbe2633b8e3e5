"""
Decisions while the store of counters is away, as each feature declares.

A feature that fails open is let through by what was resolved last: the use is written to the log,
which does not need the store, and counts like any ingested event as soon as counters follow again;
what it then comes to beyond a limit is told like all overage.  One that fails closed is refused.
Whatever holds or gives back is not decided without the store, nor is anything about an account that
this process has not seen before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog

from tallystick.app.quotas.asks import Ask, Check, Consume, Decision
from tallystick.app.quotas.carrying import Submit
from tallystick.app.quotas.limits import KnownLimit, KnownLimits
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
        known = _known(ask, workspace, degraded.known)
        reason, body = _decided(ask, known, workspace, at)
        bodies += [body] if body else []
        decisions.append(_decision(ask, known, reason))
    if bodies:
        report = degraded.submit(workspace, bodies)
        if not report.taken:
            raise EngineUnavailable("the log did not take the uses")
    _log.warning("decided_without_counters", asks=len(asks), let_through=len(bodies))
    return decisions


def _known(ask: Ask, workspace: WorkspaceId, known: KnownLimits) -> KnownLimit | None:
    if not isinstance(ask, Check | Consume):
        raise EngineUnavailable("this cannot be decided without the store")
    standing = known.remembered(workspace, str(ask.account))
    if standing is None or not standing.exists:
        raise EngineUnavailable("the account is not known without the store")
    return standing.limits.get(ask.feature)


def _decided(
    ask: Ask, known: KnownLimit | None, workspace: WorkspaceId, at: datetime
) -> tuple[Reason, bytes]:
    """Return why, and the event of a use that is let through; empty for none."""
    if known is None or known.limit.denied is not None:
        return Reason.NOT_ENTITLED, b""
    if not known.limit.kind.is_limited:
        return Reason.SWITCHED_ON, b""
    if known.limit.if_unreachable is Unreachable.FAIL_CLOSED:
        return Reason.UNAVAILABLE, b""
    if not isinstance(ask, Consume) or known.limit.kind is FeatureKind.RATE:
        return Reason.UNCHECKED, b""
    made = _event(ask, known, Used(workspace=workspace, account=str(ask.account), at=at))
    return (Reason.UNCHECKED, made) if made else (Reason.NOT_CONSUMABLE, b"")


def _event(ask: Consume, known: KnownLimit, used: Used) -> bytes:
    """Return the event of a use; empty where it cannot be one."""
    if known.meter is None or ask.event is None or not is_consumable(known.meter):
        return b""
    made = use_event(ask.event, known.meter, used)
    return b"" if isinstance(made, Refused) else made.value.encode()


def _decision(ask: Ask, known: KnownLimit | None, reason: Reason) -> Decision:
    named = ask if isinstance(ask, Check | Consume) else None
    return Decision(
        reason=reason,
        account="" if named is None else str(named.account),
        feature="" if named is None else named.feature,
        quantity=Decimal(0) if named is None else named.quantity,
        limit=None if known is None else known.limit.most,
        value="" if known is None else known.limit.value,
        degraded=True,
        message=_MESSAGES.get(reason, ""),
    )
