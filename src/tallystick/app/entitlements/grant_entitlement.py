"""Grants an account a feature by hand, beside its contracts, and takes such grants back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.entitlements.ports import Ending
from tallystick.app.entitlements.standing import (
    Proposed,
    StandingChanged,
    brought_about,
    changed_features,
    ending_problems,
    terms_problems,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Entitlement, Featured, entitlement_document, entitlement_of
from tallystick.entitlements import ManualGrant
from tallystick.kernel import (
    AccountKey,
    Done,
    Outcome,
    Refused,
    derived_id,
    instant_text,
    refuse,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEntitlement:
    """
    Grant an account a feature.

    Attributes:
        account: who is granted.
        grant: what, as ``entitlements`` of a plan have it.
        start: from when on; None: from now.
        end: until when; None: until it is withdrawn.
        reason: why, for people.
        dry_run: tell what it would change, and write nothing.
    """

    account: AccountKey
    grant: Mapping[str, object]
    start: datetime | None = None
    end: datetime | None = None
    reason: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawGrant:
    """End a grant before it would; ``at`` None: now."""

    grant: str
    at: datetime | None = None
    reason: str
    dry_run: bool = False


def grant_entitlement(
    command: GrantEntitlement, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[StandingChanged]:
    """
    Record a manual grant.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_account: there is no such account.
        wrong_value: no reason, or it ends before it begins.
        Those of what a catalog document grants.
    """

    def propose(now: datetime) -> Outcome[Proposed]:
        start = command.start or now
        problems = terms_problems(command.reason, start=start, end=command.end, now=now)
        granted = Refused(problems) if problems else _asked(command, uow)
        if isinstance(granted, Refused):
            return granted
        number = uow.entitlements.hold(command.account)
        grant = ManualGrant(
            id=derived_id("granted", command.account, str(number)),
            account=command.account,
            grant=granted.value,
            start=start,
            end=command.end,
            reason=command.reason,
            granted_by=caller.actor,
        )
        return Done(
            Proposed(
                id=grant.id,
                changed=_changed(command, grant, at=max(start, now), uow=uow),
                details={"grant": entitlement_document(grant.grant), "reason": grant.reason},
                store=lambda: uow.entitlements.add_grant(grant, at=now),
            )
        )

    return brought_about(command, propose, caller=caller, uow=uow, clock=clock)


def withdraw_grant(
    command: WithdrawGrant, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[StandingChanged]:
    """
    End a manual grant; what it granted till then stands.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_value: no reason, or an instant that lies behind.
        unknown_grant: there is none of this id.
        already_ended: it was withdrawn before, or ends sooner.
    """

    def propose(now: datetime) -> Outcome[Proposed]:
        at = command.at or now
        grant = _held(command.grant, uow)
        if grant is None:
            return refuse("unknown_grant", f"there is no grant {command.grant}", "grant")
        problems = ending_problems(command.reason, at, end=grant.end, now=now)
        if problems:
            return Refused(problems)
        ending = Ending(at=at, reason=command.reason, ended_by=caller.actor, recorded_at=now)
        return Done(
            Proposed(
                id=grant.id,
                changed=_changed(command, replace(grant, end=at), at=at, uow=uow),
                details={
                    "feature": grant.grant.feature,
                    "ends": instant_text(at),
                    "reason": command.reason,
                },
                store=lambda: uow.entitlements.end_grant(grant.id, ending),
            )
        )

    return brought_about(command, propose, caller=caller, uow=uow, clock=clock)


def _held(id_: str, uow: UnitOfWork) -> ManualGrant | None:
    """Return a grant whose account is held, as it stands then."""
    found = uow.entitlements.find_grant(id_)
    if found is None:
        return None
    uow.entitlements.hold(found.account)
    return uow.entitlements.find_grant(id_)


def _asked(command: GrantEntitlement, uow: UnitOfWork) -> Outcome[Entitlement]:
    if uow.accounts.load_account(command.account) is None:
        return refuse("unknown_account", f"there is no account {command.account}", "account")
    features = uow.standings.load_features()
    plans = frozenset(str(one.plan) for one in uow.standings.load_granting())
    known = Featured(features=features, keys=frozenset(features), plans=plans)
    return entitlement_of(command.grant, known)


def _changed(
    command: GrantEntitlement | WithdrawGrant, grant: ManualGrant, *, at: datetime, uow: UnitOfWork
) -> StandingChanged:
    is_tried = isinstance(command, GrantEntitlement) and command.dry_run
    return StandingChanged(
        id=None if is_tried else grant.id,
        account=grant.account,
        start=grant.start,
        end=grant.end,
        features=changed_features(grant.account, at, grant, uow=uow),
        dry_run=command.dry_run,
    )
