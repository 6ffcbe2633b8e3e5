"""What is published of a change that was agreed on."""

from decimal import Decimal

from tallystick.app.command import Caller
from tallystick.app.facts import PlanMigrated, fact_message
from tallystick.app.subscriptions.agreed import AgreedChange
from tallystick.app.subscriptions.asked_change import Contract
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EXACT, derived_id, instant_text, plain


def tell_migration(
    agreed: AgreedChange, contract: Contract, *, caller: Caller, uow: UnitOfWork
) -> None:
    """Put the fact that a contract is to be of another plan version, if it is."""
    after = uow.subscriptions.load_subscription(agreed.subscription)
    change = next((one for one in after.changes if one.at == agreed.at), None) if after else None
    if change is None or change.plan is None or change.version is None or agreed.id is None:
        return
    before = contract.basis.terms_at(agreed.at).plan
    if (before.plan, before.version) == (change.plan, change.version):
        return
    more = EXACT.subtract(Decimal(agreed.charge), Decimal(agreed.credit))
    fact = PlanMigrated(
        tenant_id=contract.subscription.account,
        trace_id=caller.trace_id,
        subscription_id=agreed.subscription,
        from_plan=before.plan,
        from_version=before.version,
        to_plan=change.plan,
        to_version=change.version,
        prorated_amount=plain(more),
        currency=agreed.currency,
        direction=agreed.direction.value,
        effective_at=instant_text(agreed.at),
        timestamp=instant_text(contract.now),
    )
    uow.outbox.put(
        fact_message(
            fact,
            workspace=caller.workspace,
            id=derived_id("migrated", agreed.subscription, agreed.id),
            at=contract.now,
            trace_id=caller.trace_id,
        )
    )
