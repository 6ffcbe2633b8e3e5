"""Decisions as they are told: with what stands, when to come back, and words for people."""

from datetime import datetime
from decimal import Decimal

from tallystick.app.quotas.asks import Ask, Decision, Offer, Report
from tallystick.app.quotas.desk import Desk
from tallystick.app.quotas.ports import Hold
from tallystick.catalog import FeatureKind, Overage, Throttle
from tallystick.kernel import instant_text, plain
from tallystick.quotas import Limit, Reason, Verdict, remaining

_MESSAGES = {
    Reason.GRACE: "The limit is passed; this is let through for a while.",
    Reason.OVERAGE: "The limit is passed; this counts as overage.",
    Reason.THROTTLE: "This is let through slowly.",
    Reason.NOT_ENTITLED: "Nothing grants this feature to the account.",
    Reason.RESTRICTED: "The feature is restricted for the account.",
    Reason.LIMIT_REACHED: "The limit is reached.",
    Reason.HARD_LIMIT: "The hard limit is reached.",
    Reason.RATE_EXCEEDED: "Too much in too short a time.",
    Reason.NOT_CONSUMABLE: "This feature cannot be used so: consume metered features of count "
    "and sum meters and rates, acquire levels, check the others.",
    Reason.CONFLICT: "The same id stands for something else.",
    Reason.EXPIRED: "What was held has returned; ask anew.",
}
_OFFERED = frozenset(
    {
        Reason.GRACE,
        Reason.OVERAGE,
        Reason.THROTTLE,
        Reason.LIMIT_REACHED,
        Reason.HARD_LIMIT,
        Reason.RATE_EXCEEDED,
    }
)
"""What a larger plan would help against."""
_SLOWED = frozenset({Reason.THROTTLE, Reason.RATE_EXCEEDED})


def decision(
    ask: Ask, limit: Limit, verdict: Verdict, desk: Desk, *, hold: Hold | None = None
) -> Decision:
    """Return the decision on an ask with what stands against the limit now."""
    tally = desk.tally(limit)
    known_at = _comes_back(verdict, desk.at)
    return Decision(
        reason=verdict.reason,
        account=_account(ask, hold),
        feature=limit.feature,
        quantity=_quantity(ask),
        limit=limit.most,
        used=tally.used,
        held=tally.held,
        remaining=remaining(limit, tally, desk.at),
        overage=verdict.overage,
        resets_at=limit.end,
        retry_at=known_at,
        value=limit.value,
        offer=_offer(limit, verdict),
        message=_message(verdict, limit, known_at),
    )


def unknown(ask: Ask, desk: Desk) -> Decision:
    """Return the decision on an ask about an account, feature, reservation or lease not known."""
    account = _account(ask, None)
    feature = str(getattr(ask, "feature", ""))
    if account and desk.standing(account).exists:
        return Decision(
            reason=Reason.NOT_ENTITLED,
            account=account,
            feature=feature,
            quantity=_quantity(ask),
            message=_MESSAGES[Reason.NOT_ENTITLED],
        )
    what = f"account {account!r}" if account else f"{_kind(ask)} {getattr(ask, 'key', '')!r}"
    return Decision(
        reason=Reason.UNKNOWN,
        account=account,
        feature=feature,
        quantity=_quantity(ask),
        message=f"There is no {what}.",
    )


def _kind(ask: Ask) -> str:
    return "lease" if isinstance(ask, Report) else "reservation"


def _account(ask: Ask, hold: Hold | None) -> str:
    return str(getattr(ask, "account", "" if hold is None else hold.asked_by))


def _quantity(ask: Ask) -> Decimal:
    event = getattr(ask, "event", None)
    found = getattr(ask, "quantity", None if event is None else event.quantity)
    return Decimal(0) if found is None else Decimal(found)


def _comes_back(verdict: Verdict, at: datetime) -> datetime | None:
    if verdict.allowed:
        return None
    return None if verdict.retry_at is not None and verdict.retry_at <= at else verdict.retry_at


def _offer(limit: Limit, verdict: Verdict) -> Offer | None:
    policy = limit.overage
    if policy is None or verdict.reason not in _OFFERED:
        return None
    if not (policy.offer or policy.upgrade_to):
        return None
    return Offer(plan=policy.upgrade_to, text=_offer_text(policy, limit))


def _offer_text(policy: Overage, limit: Limit) -> str:
    if policy.upgrade_to:
        return f"Plan {policy.upgrade_to} grants more of {limit.feature}."
    return f"A larger plan grants more of {limit.feature}."


def _message(verdict: Verdict, limit: Limit, retry_at: datetime | None) -> str:
    text = _MESSAGES.get(verdict.reason, "")
    throttle = None if limit.overage is None else limit.overage.throttle
    if limit.kind is FeatureKind.METERED and throttle is not None and verdict.reason in _SLOWED:
        text += f" {_slowed_text(throttle, limit)}"
    elif limit.most is not None and verdict.reason in {Reason.LIMIT_REACHED, Reason.RATE_EXCEEDED}:
        per = "" if limit.per is None else f" each {limit.per.value}"
        at_once = "" if limit.burst is None else f", {plain(limit.burst)} at once"
        text += f" It is {plain(limit.most)}{per}{at_once}."
    if verdict.reason is Reason.RATE_EXCEEDED and retry_at is None:
        text += " So much at once never passes; ask for less."
    if retry_at is not None:
        text += f" Try again from {instant_text(retry_at)} on."
    return text


def _slowed_text(throttle: Throttle, limit: Limit) -> str:
    """Return the rate to which use is slowed; a limit of 0 slows it from the first use on."""
    use = f"Use beyond {plain(limit.most)}" if limit.most else "Use"
    at_once = "" if throttle.burst is None else f", {plain(throttle.burst)} at once"
    return f"{use} is slowed to {plain(throttle.limit)} each {throttle.per.value}{at_once}."
