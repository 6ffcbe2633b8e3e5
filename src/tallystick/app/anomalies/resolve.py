"""Lists investigations, and takes what came of them."""

from dataclasses import dataclass

from tallystick.app.anomalies.ports import InvestigationRecord, InvestigationState, Resolution
from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, account_seen, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse
from tallystick.payments import card_number_problem

RESPONSE_CHARS_MAX = 1_000
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveInvestigation:
    """
    Say what came of an investigation; it is over then.

    Attributes:
        id: of the investigation.
        response: what was found and done, for people.
    """

    id: str
    response: str


def resolve_investigation(
    command: ResolveInvestigation, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Resolution]:
    """
    Add what came of an investigation, once.

    A restriction that protects stays until its time is over, or until it is lifted.

    Problems:
        forbidden: the caller lacks the scope ``quota``.
        not_found: no such investigation.
        already_decided: it was resolved before.
        wrong_value: no response, or one that is too long.
        card_number: the response holds what looks like one; it is not told back.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.QUOTA)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if not 0 < len(command.response.strip()) <= len(command.response) <= RESPONSE_CHARS_MAX:
        message = f"say what came of it, in at most {RESPONSE_CHARS_MAX} characters"
        return refuse("wrong_value", message, "response")
    card = card_number_problem(command.response, "response")
    if card is not None:
        return Refused((card,))
    now = clock.now()

    def decide() -> Decided[Resolution]:
        made = Resolution(response=command.response, resolved_by=caller.actor, resolved_at=now)
        refused = _resolved(command.id, made, uow)
        if refused is not None:
            return refused
        subject = f"investigation:{command.id}"
        return Effect(answer=made, subject=subject, at=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(Resolution))


def _resolved(id_: str, made: Resolution, uow: UnitOfWork) -> Refused | None:
    """Store what came of an investigation, or tell why that cannot be."""
    if uow.investigations.load(id_) is None:
        return refuse("not_found", f"there is no investigation {id_[:80]!r}", "id")
    if not uow.investigations.resolve(id_, made):
        return refuse("already_decided", "it was resolved before", "id")
    return None


def list_investigations(
    caller: Caller,
    *,
    uow: UnitOfWork,
    before: int | None = None,
    account: AccountKey | None = None,
    state: InvestigationState | None = None,
) -> Outcome[tuple[InvestigationRecord, ...]]:
    """
    Return a page of investigations, the latest first; a caller bound to an account sees its own.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: another account than the caller's.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    seen = account_seen(caller, account)
    if isinstance(seen, Refused):
        return seen
    with uow:
        found = uow.investigations.page(before=before, limit=PAGE, account=seen.value, state=state)
    return Done(found)
