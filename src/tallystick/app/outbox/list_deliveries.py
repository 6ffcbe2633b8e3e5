"""Lists what left the system, and tries again what was given up."""

from dataclasses import dataclass

import msgspec

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.outbox.ports import DeliveryRecord, DeliveryState
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    Done,
    Outcome,
    Refused,
    derived_id,
    instant_text,
    refuse,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDelivery:
    """Try a message again that was given up."""

    id: str


class RetriedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """The id under which it is tried again."""

    id: str


def list_deliveries(
    caller: Caller,
    *,
    uow: UnitOfWork,
    after: str = "",
    limit: int = 100,
    state: DeliveryState | None = None,
) -> Outcome[list[DeliveryRecord]]:
    """
    Return messages by id, those behind ``after``; of one state if named.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
    """
    unpermitted = missing_scope(caller, Scope.BILLING)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(uow.outbox.page(after=after, limit=limit, state=state))


def retry_delivery(
    command: RetryDelivery, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[RetriedDelivery]:
    """
    Put a message again that was given up, under an id of its own; the old one stays as it is.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_delivery: there is none of this id.
        not_parked: it was delivered, or is tried again by itself.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.BILLING)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()

    def decide() -> Decided[RetriedDelivery]:
        state = uow.outbox.state_of(command.id)
        if state is None:
            return refuse("unknown_delivery", f"there is no delivery {command.id[:80]!r}", "id")
        if state is not DeliveryState.PARKED:
            message = f"it is {state.value}, and is not to be tried again by hand"
            return refuse("not_parked", message, "id")
        again = RetriedDelivery(
            id=derived_id("again", command.id, instant_text(now), caller.idempotency_key or "")
        )
        uow.outbox.put_again(command.id, as_id=again.id, due_at=now)
        return Effect(answer=again, subject=f"delivery:{command.id}", at=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(RetriedDelivery))
