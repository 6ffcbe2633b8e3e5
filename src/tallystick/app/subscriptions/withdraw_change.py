"""Takes back a change of a subscription that has not taken effect yet."""

from dataclasses import dataclass

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope, remember, remembered
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, SubscriptionKey, canonical_json, refuse
from tallystick.subscriptions import change_id


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawChange:
    """Take back the change of an id."""

    subscription: SubscriptionKey
    id: str


def withdraw_change(
    command: WithdrawChange, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[None]:
    """
    Take a change back; what is in force can only be changed again.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_change: the subscription has none of this id.
        in_force: it has taken effect; agree on another one.
    """
    unpermitted = missing_scope(caller, Scope.BILLING)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    with uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        if told.value is not None:
            return Done(None)
        uow.invoices.lock(command.subscription)
        found = uow.subscriptions.load_subscription(command.subscription)
        changes = () if found is None else found.changes
        change = next(
            (one for one in changes if change_id(command.subscription, one) == command.id), None
        )
        if change is None:
            message = f"{command.subscription} has no change {command.id}"
            return refuse("unknown_change", message, "id")
        if change.at <= now:
            message = "the change is in force; agree on another one that undoes it"
            return refuse("in_force", message, "id")
        uow.subscriptions.withdraw_change(command.subscription, change)
        subject = f"subscription:{command.subscription}"
        uow.audit.append(audit_record(caller, command, subject=subject, at=now))
        remember(uow, caller, command, canonical_json(None))
        uow.commit()
    return Done(None)
