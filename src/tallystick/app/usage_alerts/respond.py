"""Lists usage alerts, and takes what people did about them."""

from dataclasses import dataclass

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, account_seen, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.ports import (
    AlertRecord,
    AlertResponse,
    ResponseKind,
)
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse
from tallystick.payments import card_number_problem

RESPONSE_CHARS_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondToAlert:
    """
    Acknowledge or resolve an alert.

    Attributes:
        id: of the alert.
        kind: what is done.
        response: what was done about it, for people; may be empty.
    """

    id: str
    kind: ResponseKind
    response: str = ""


def respond_to_alert(
    command: RespondToAlert, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[AlertResponse]:
    """
    Add what was done about an alert; of each kind once.

    Problems:
        forbidden: the caller lacks the scope ``quota``.
        not_found: no such alert.
        already_decided: it was acknowledged, or resolved, before.
        wrong_value: the response is too long.
        card_number: the response holds what looks like one; it is not told back.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.QUOTA)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if len(command.response) > RESPONSE_CHARS_MAX:
        message = f"a response has at most {RESPONSE_CHARS_MAX} characters"
        return refuse("wrong_value", message, "response")
    card = card_number_problem(command.response, "response")
    if card is not None:
        return Refused((card,))
    now = clock.now()

    def decide() -> Decided[AlertResponse]:
        refused = _refusal(command, uow.usage_alerts.load(command.id))
        if refused is not None:
            return refused
        made = AlertResponse(
            kind=command.kind.value,
            response=command.response,
            responded_by=caller.actor,
            responded_at=now,
        )
        uow.usage_alerts.respond(command.id, made)
        subject = f"usage-alert:{command.id}"
        return Effect(answer=made, subject=subject, at=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(AlertResponse))


def _refusal(command: RespondToAlert, record: AlertRecord | None) -> Refused | None:
    if record is None:
        return refuse("not_found", f"there is no usage alert {command.id[:80]!r}", "id")
    said = {response.kind for response in record.responses}
    if command.kind.value in said or ResponseKind.RESOLVED.value in said:
        return refuse("already_decided", "it was answered so before, or resolved", "id")
    return None


def list_usage_alerts(
    caller: Caller,
    *,
    uow: UnitOfWork,
    before: int | None = None,
    limit: int = 100,
    account: AccountKey | None = None,
) -> Outcome[tuple[AlertRecord, ...]]:
    """
    Return alerts, the latest first; a caller bound to an account sees its own.

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
        return Done(uow.usage_alerts.page(before=before, limit=limit, account=seen.value))
