"""`plan_upgrade_requested`, `plan_downgrade_requested`: what another plan changes, agreed on."""

import msgspec

from tallystick.app.subscriptions import AgreeChange, Direction, When, agree_change
from tallystick.app.triggers.asked import Kind, PlanRequested
from tallystick.app.triggers.started import Ended, Started
from tallystick.kernel import Done, Outcome, Refused, SubscriptionKey, instant_text


def change_plan(started: Started, asked: PlanRequested) -> Outcome[Ended]:
    """
    Agree on another plan in one transaction, with its money and entitlements.

    An upgrade holds from now, a downgrade from the end of the billing period that runs.

    Problems:
        wrong_direction: the fees come to less, of an upgrade, or to more, of a downgrade.
        Those of `agree_change`.
    """
    is_upgrade = started.trigger.kind == Kind.PLAN_UPGRADE_REQUESTED.value
    agreed = agree_change(
        AgreeChange(
            subscription=SubscriptionKey(asked.subscription_id),
            change={"plan": asked.plan, "version": asked.version},
            when=When.NOW if is_upgrade else When.PERIOD_END,
            unless=Direction.DOWNGRADE if is_upgrade else Direction.UPGRADE,
        ),
        caller=started.sender("agree"),
        uow=started.unit(),
        sources=started.doors.billing,
    )
    if isinstance(agreed, Refused):
        return agreed
    told = agreed.value
    return Done(
        Ended(
            told={
                "change": told.id,
                "effectiveAt": instant_text(told.at),
                "direction": told.direction.value,
                "credit": told.credit,
                "charge": told.charge,
                "currency": told.currency,
                "features": msgspec.to_builtins(told.features),
                "warnings": list(told.warnings),
            }
        )
    )
