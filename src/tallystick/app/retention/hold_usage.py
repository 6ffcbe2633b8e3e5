"""Places and releases legal holds."""

from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.audit import audit_record
from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    AccountKey,
    Done,
    Misuse,
    Outcome,
    Problem,
    Refused,
    canonical_json,
    derived_id,
    instant_text,
    refuse,
)
from tallystick.retention import LegalHold

REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """
    Keep what lies in all of these bounds at once; see `LegalHold`.

    Attributes:
        reason: why, as a case number.
    """

    reason: str
    account: AccountKey | None = None
    event_type: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    """Keep it no longer for this reason; other holds and the rules go on."""

    id: str
    reason: str


def place_hold(
    command: PlaceHold, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[LegalHold]:
    """
    Place a hold and return it; it binds every removal from its commit on.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        wrong_value: no reason, or an end that is not behind the start.
        unknown_account: there is no such account.
        Those of an idempotency key.
    """
    refused = missing_scope(caller, Scope.ADMIN) or _problem(command)
    if refused is not None:
        return Refused((refused,))
    now = clock.now()

    def decide() -> Decided[LegalHold]:
        if command.account is not None and uow.accounts.load_account(command.account) is None:
            return refuse("unknown_account", f"there is no account {command.account}", "account")
        uow.retention.lock()
        hold = LegalHold(
            id=_new_id(command, number=len(uow.retention.holds()), now=now),
            reason=command.reason,
            account=command.account,
            event_type=command.event_type,
            start=command.start,
            end=command.end,
            placed_at=now,
            placed_by=caller.actor,
        )
        uow.retention.save_hold(hold)
        details = {"reason": command.reason}
        return Effect(answer=hold, subject=f"hold:{hold.id}", at=now, details=details)

    kept = Kept(
        write=lambda hold: hold.id.encode(), read=lambda id: Done(_standing(uow, id.decode()))
    )
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def release_hold(
    command: ReleaseHold, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[LegalHold]:
    """
    Release a hold and return it; one that was released stays as it is, so it is its own repeat.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        wrong_value: no reason.
        unknown_hold: there is no such hold.
    """
    refused = missing_scope(caller, Scope.ADMIN) or _reason_problem(command.reason)
    if refused is not None:
        return Refused((refused,))
    now = clock.now()
    with uow:
        uow.retention.lock()
        hold = uow.retention.find_hold(command.id)
        if hold is None:
            return refuse("unknown_hold", f"there is no hold {command.id}", "hold")
        if not hold.stands:
            return Done(hold)
        released = replace(
            hold, released_at=now, released_by=caller.actor, release_reason=command.reason
        )
        uow.retention.save_hold(released)
        details = {"reason": command.reason}
        uow.audit.append(
            audit_record(caller, command, subject=f"hold:{hold.id}", at=now, details=details)
        )
        uow.commit()
    return Done(released)


def _standing(uow: UnitOfWork, id: str) -> LegalHold:
    hold = uow.retention.find_hold(id)
    if hold is None:
        raise Misuse(f"hold {id} was placed and is gone")
    return hold


def _new_id(command: PlaceHold, *, number: int, now: datetime) -> str:
    """Return an id that no other hold of the workspace has."""
    return derived_id("hold", canonical_json([command, number]).decode(), instant_text(now))


def _problem(command: PlaceHold) -> Problem | None:
    if command.start is not None and command.end is not None and command.end <= command.start:
        message = "the end of a hold lies behind its start"
        return Problem(code="wrong_value", message=message, field="end")
    return _reason_problem(command.reason)


def _reason_problem(reason: str) -> Problem | None:
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        message = f"say why, in 1 to {REASON_LENGTH_MAX} characters"
        return Problem(code="wrong_value", message=message, field="reason")
    return None
