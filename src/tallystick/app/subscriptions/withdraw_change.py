"""Takes back a change of a subscription that has not taken effect yet."""

from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.carrying_out import NOTHING, Decided, Effect, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import newly_unfit
from tallystick.kernel import (
    Done,
    Outcome,
    Refused,
    SubscriptionKey,
    instant_text,
    refuse,
)
from tallystick.subscriptions import ContractChange, change_id


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
        needed: a change agreed on for later does not fit without it.
    """
    unpermitted = missing_scope(caller, Scope.BILLING)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()

    def decide() -> Decided[None]:
        uow.catalog.hold()
        uow.invoices.lock(command.subscription)
        found = _found(command, uow, now=now)
        if isinstance(found, Refused):
            return found
        uow.subscriptions.withdraw_change(command.subscription, found.value)
        subject = f"subscription:{command.subscription}"
        return Effect(answer=None, subject=subject, at=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=NOTHING)


def _found(command: WithdrawChange, uow: UnitOfWork, *, now: datetime) -> Outcome[ContractChange]:
    """Return the change, if it may be taken back."""
    contract = uow.subscriptions.load_subscription(command.subscription)
    changes = () if contract is None else contract.changes
    change = next(
        (one for one in changes if change_id(command.subscription, one) == command.id), None
    )
    if contract is None or change is None:
        message = f"{command.subscription} has no change {command.id}"
        return refuse("unknown_change", message, "id")
    if change.at <= now:
        message = "the change is in force; agree on another one that undoes it"
        return refuse("in_force", message, "id")
    without = replace(contract, changes=tuple(one for one in changes if one != change))
    plans = uow.catalog.load_definitions().plan_versions
    for later, why in newly_unfit(contract, without, plans):
        message = (
            f"what was agreed for {instant_text(later.at)} does not fit without it: {why}; "
            f"withdraw {change_id(command.subscription, later)} first"
        )
        return refuse("needed", message, "id")
    return Done(change)
