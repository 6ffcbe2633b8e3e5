"""Voids a grant: what is left of it is gone, and earned if it was paid for."""

from dataclasses import dataclass

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.credits.booking import book_lapses
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import GrantKey, Void, VoidDocument
from tallystick.kernel import Outcome, Problem, Refused, instant_text, refuse

REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidCredit:
    """End a grant now; ``reason`` stands with it."""

    grant: GrantKey
    reason: str


def void_credit(
    command: VoidCredit, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[VoidDocument]:
    """
    End a grant; what was used of it stays used.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_reason: no reason, or one that cannot be printed.
        unknown_grant: there is none of this key.
        already_void: it was voided before.
    """
    problem = missing_scope(caller, "billing") or _reason_problem(command.reason)
    if problem is not None:
        return Refused((problem,))
    now = clock.now()

    def decide() -> Decided[VoidDocument]:
        grant = uow.credits.find(command.grant)
        if grant is None:
            return refuse("unknown_grant", f"there is no grant {command.grant}", "grant")
        uow.credits.hold(grant.account)
        if uow.credits.load(grant.account).void_of(grant.key) is not None:
            return refuse("already_void", f"{grant.key} was voided before", "grant")
        void = Void(grant=grant.key, at=now, reason=command.reason)
        uow.credits.add_void(grant.account, void, at=now)
        book_lapses(uow, grant.account, now=now)
        details = {"grant": grant.key, "reason": command.reason}
        subject = f"account:{grant.account}"
        answer = VoidDocument(grant=grant.key, at=instant_text(now), reason=command.reason)
        return Effect(answer=answer, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(VoidDocument))


def _reason_problem(reason: str) -> Problem | None:
    if reason.strip() and reason.isprintable() and len(reason) <= REASON_LENGTH_MAX:
        return None
    message = f"give a reason, of at most {REASON_LENGTH_MAX} printable characters"
    return Problem(code="wrong_reason", message=message, field="reason")
