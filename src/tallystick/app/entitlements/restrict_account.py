"""Restricts what an account may use, and lifts restrictions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.entitlements.ports import Ending
from tallystick.app.entitlements.standing import (
    Proposed,
    StandingChanged,
    brought_about,
    changed_features,
    ending_problems,
    take_effect,
    terms_problems,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import FeatureKind, Throttle, throttle_document
from tallystick.entitlements import Restriction, RestrictionSource
from tallystick.kernel import (
    AccountKey,
    Done,
    Outcome,
    Problem,
    Refused,
    derived_id,
    instant_text,
    plain,
    refuse,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictAccount:
    """
    Hold an account to less than it is granted.

    Attributes:
        account: whom.
        feature: which feature; empty: all.
        limit: the most it may use, 0 or more; None: nothing of it, or slowly.
        throttle: the rate to which a metered feature is slowed; None: it is not.
        source: who restricts.
        start: from when on; None: from now.
        end: until when; None: until it is lifted.
        reason: why, for people.
        dry_run: tell what it would change, and write nothing.
    """

    account: AccountKey
    feature: str = ""
    limit: Decimal | None = None
    throttle: Throttle | None = None
    source: RestrictionSource = RestrictionSource.MANUAL
    start: datetime | None = None
    end: datetime | None = None
    reason: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRestriction:
    """End a restriction before it would; ``at`` None: now."""

    restriction: str
    at: datetime | None = None
    reason: str
    dry_run: bool = False


def restrict_account(
    command: RestrictAccount, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[StandingChanged]:
    """
    Record a restriction.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_account, unknown_feature: there is none of this key.
        wrong_value: no reason, it ends before it begins, or a limit of what has none.
    """

    def propose(now: datetime) -> Outcome[Proposed]:
        return _restricting(command, by=caller.actor, uow=uow, now=now)

    return brought_about(command, propose, caller=caller, uow=uow, clock=clock)


def restrict_within(
    command: RestrictAccount, *, caller: Caller, uow: UnitOfWork, now: datetime
) -> Outcome[StandingChanged]:
    """
    Record a restriction in a unit of work that is open; whoever calls commits.

    Problems:
        Those of `restrict_account`, but for a scope.
    """
    proposed = _restricting(command, by=caller.actor, uow=uow, now=now)
    if isinstance(proposed, Refused):
        return proposed
    effect = take_effect(command, proposed.value, caller=caller, uow=uow, now=now)
    subject, details = effect.subject, effect.details
    uow.audit.append(audit_record(caller, command, subject=subject, at=now, details=details))
    return Done(effect.answer)


def lift_restriction(
    command: LiftRestriction, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[StandingChanged]:
    """
    End a restriction.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_value: no reason, or an instant that lies behind.
        unknown_restriction: there is none of this id.
        already_ended: it was lifted before, or ends sooner.
    """

    def propose(now: datetime) -> Outcome[Proposed]:
        at = command.at or now
        held = _held(command.restriction, uow)
        if held is None:
            message = f"there is no restriction {command.restriction}"
            return refuse("unknown_restriction", message, "restriction")
        problems = ending_problems(command.reason, at, end=held.end, now=now)
        if problems:
            return Refused(problems)
        ending = Ending(at=at, reason=command.reason, ended_by=caller.actor, recorded_at=now)
        return Done(
            Proposed(
                id=held.id,
                changed=_changed(command, replace(held, end=at), at=at, uow=uow),
                details={
                    "feature": held.feature,
                    "ends": instant_text(at),
                    "reason": command.reason,
                },
                store=lambda: uow.entitlements.end_restriction(held.id, ending),
            )
        )

    return brought_about(command, propose, caller=caller, uow=uow, clock=clock)


def _restricting(
    command: RestrictAccount, *, by: str, uow: UnitOfWork, now: datetime
) -> Outcome[Proposed]:
    start = command.start or now
    problems = (
        *terms_problems(command.reason, start=start, end=command.end, now=now),
        *_problems(command, uow),
    )
    if problems:
        return Refused(problems)
    restriction = _ordered(command, uow, start=start)
    return Done(
        Proposed(
            id=restriction.id,
            changed=_changed(command, restriction, at=max(start, now), uow=uow),
            details=_details(restriction),
            store=lambda: uow.entitlements.add_restriction(restriction, by=by, at=now),
        )
    )


def _held(id_: str, uow: UnitOfWork) -> Restriction | None:
    """Return a restriction whose account is held, as it stands then."""
    found = uow.entitlements.find_restriction(id_)
    if found is None:
        return None
    uow.entitlements.hold(found.account)
    return uow.entitlements.find_restriction(id_)


def _problems(command: RestrictAccount, uow: UnitOfWork) -> Iterator[Problem]:
    if uow.accounts.load_account(command.account) is None:
        message = f"there is no account {command.account}"
        yield Problem(code="unknown_account", message=message, field="account")
    if command.limit is not None and command.limit < 0:
        message = '"limit" must be a number of 0 or more'
        yield Problem(code="wrong_value", message=message, field="limit")
    if command.limit is not None and not command.feature:
        message = '"limit" is of a feature; name it, or leave the limit out'
        yield Problem(code="wrong_value", message=message, field="limit")
    if command.throttle is not None and (not command.feature or command.limit is not None):
        message = '"throttle" slows one feature; name it, and leave the limit out'
        yield Problem(code="wrong_value", message=message, field="throttle")
    if not command.feature:
        return
    feature = uow.standings.load_features([command.feature]).get(command.feature)
    if feature is None:
        message = f"there is no feature {command.feature}"
        yield Problem(code="unknown_feature", message=message, field="feature")
    elif command.limit is not None and not feature.kind.is_limited:
        message = f"a {feature.kind.value} has no limit; leave it out to switch it off"
        yield Problem(code="wrong_value", message=message, field="limit")
    elif command.throttle is not None and feature.kind is not FeatureKind.METERED:
        message = f"a metered feature is slowed; this is a {feature.kind.value}"
        yield Problem(code="wrong_value", message=message, field="throttle")


def _ordered(command: RestrictAccount, uow: UnitOfWork, *, start: datetime) -> Restriction:
    number = uow.entitlements.hold(command.account)
    return Restriction(
        id=derived_id("restricted", command.account, str(number)),
        account=command.account,
        feature=command.feature,
        limit=command.limit,
        throttle=command.throttle,
        reason=command.reason,
        source=command.source,
        start=start,
        end=command.end,
    )


def _details(restriction: Restriction) -> dict[str, object]:
    return {
        "feature": restriction.feature,
        "limit": None if restriction.limit is None else plain(restriction.limit),
        "throttle": None
        if restriction.throttle is None
        else throttle_document(restriction.throttle),
        "source": restriction.source.value,
        "reason": restriction.reason,
    }


def _changed(
    command: RestrictAccount | LiftRestriction,
    restriction: Restriction,
    *,
    at: datetime,
    uow: UnitOfWork,
) -> StandingChanged:
    is_tried = isinstance(command, RestrictAccount) and command.dry_run
    return StandingChanged(
        id=None if is_tried else restriction.id,
        account=restriction.account,
        start=restriction.start,
        end=restriction.end,
        features=changed_features(restriction.account, at, restriction, uow=uow),
        dry_run=command.dry_run,
    )
