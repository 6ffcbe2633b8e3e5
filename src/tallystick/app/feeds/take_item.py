"""Takes what other systems say of tenants, each item once, and carries it out by commands."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import msgspec

from tallystick.app.catalog import ApplyCatalog, apply_catalog
from tallystick.app.command import Caller, missing_scope
from tallystick.app.entitlements import GrantEntitlement, grant_entitlement
from tallystick.app.feeds.named import INSIGHT
from tallystick.app.feeds.read_told import feed_of
from tallystick.app.feeds.taken_items import (
    SCOPES,
    TAKEN,
    EditionAssignment,
    InfrastructureCost,
    QuotaDefinition,
    TakenItem,
    TenantConfiguration,
    UsageAnomaly,
    UsageInsight,
)
from tallystick.app.keys import Scope
from tallystick.app.outbox import Message
from tallystick.app.subscriptions import AgreeChange, agree_change
from tallystick.app.triggers import (
    Doors,
    Ended,
    Started,
    StartTrigger,
    TriggerTaken,
    investigate,
    run_once,
)
from tallystick.catalog import Documents
from tallystick.kernel import (
    AccountKey,
    Done,
    Outcome,
    Refused,
    SubscriptionKey,
    instant_text,
    refuse,
)

PERCENT_MAX = Decimal(100)


def take_item(
    feed: str, sent: StartTrigger, *, caller: Caller, doors: Doors
) -> Outcome[TriggerTaken]:
    """
    Carry out an item of a feed, once by its source and id.

    Problems:
        not_found: there is no such feed, or it takes no such kind.
        forbidden: the caller lacks the scope of the kind, or of what it leads to.
        wrong_value: the item does not say what its kind needs, or says more.
        trigger_conflict: another one was sent under this identity.
        Those of the command that it leads to.
    """
    item = _item(feed, sent, caller)
    if isinstance(item, Refused):
        return item
    said = item.value
    data: dict[str, object] = msgspec.to_builtins(said)
    command = replace(sent, kind=f"{feed}/{sent.kind}", data=data)
    return run_once(
        command, lambda started: _carried_out(started, said), caller=caller, doors=doors
    )


def _item(feed: str, sent: StartTrigger, caller: Caller) -> Outcome[TakenItem]:
    found = feed_of(feed)
    if isinstance(found, Refused):
        return found
    if sent.kind not in found.value.taken:
        known = ", ".join(found.value.taken) or "nothing"
        message = f"feed {feed} does not take {sent.kind[:80]!r}; it takes {known}"
        return refuse("not_found", message, "type")
    unpermitted = missing_scope(caller, SCOPES.get(sent.kind, Scope.BILLING))
    if unpermitted is not None:
        return Refused((unpermitted,))
    try:
        return Done(msgspec.convert(dict(sent.data), TAKEN[sent.kind]))
    except msgspec.ValidationError as error:
        return refuse("wrong_value", f"data of {sent.kind}: {error}", "data")


def _carried_out(started: Started, item: TakenItem) -> Outcome[Ended]:
    match item:
        case TenantConfiguration():
            return _configured(started, item)
        case EditionAssignment():
            return _assigned(started, item)
        case QuotaDefinition():
            return _defined(started, item)
        case InfrastructureCost():
            return _cost(started, item)
        case UsageInsight():
            return _insight(started, item)
        case UsageAnomaly():
            return investigate(started, item)


def _configured(started: Started, item: TenantConfiguration) -> Outcome[Ended]:
    account = {**item.account, "key": item.tenant_id}
    outcome = apply_catalog(
        ApplyCatalog(documents=Documents(lists={"accounts": [account]})),
        caller=started.sender("apply"),
        uow=started.unit(),
        clock=started.doors.billing.clock,
    )
    if isinstance(outcome, Refused):
        return outcome
    applied = outcome.value
    told = {"created": applied.created, "changed": applied.changed, "unchanged": applied.unchanged}
    return Done(Ended(told=told))


def _assigned(started: Started, item: EditionAssignment) -> Outcome[Ended]:
    key = SubscriptionKey(item.subscription_id)
    with started.unit() as uow:
        contract = uow.subscriptions.load_subscription(key)
    if contract is None or contract.account != item.tenant_id:
        message = f"account {item.tenant_id} has no subscription {item.subscription_id}"
        return refuse("unknown_subscription", message, "subscriptionId")
    outcome = agree_change(
        AgreeChange(subscription=key, change={"plan": item.plan, "version": item.version}),
        caller=started.sender("agree"),
        uow=started.unit(),
        sources=started.doors.billing,
    )
    if isinstance(outcome, Refused):
        return outcome
    agreed = outcome.value
    told = {"direction": agreed.direction.value, "effectiveAt": instant_text(agreed.at)}
    return Done(Ended(told=told))


def _defined(started: Started, item: QuotaDefinition) -> Outcome[Ended]:
    limit = {} if item.limit is None else {"limit": item.limit}
    outcome = grant_entitlement(
        GrantEntitlement(
            account=AccountKey(item.tenant_id),
            grant={"feature": item.resource_type, **limit},
            reason=item.reason,
        ),
        caller=started.sender("grant"),
        uow=started.unit(),
        clock=started.doors.billing.clock,
    )
    return (
        outcome if isinstance(outcome, Refused) else Done(Ended(told={"grant": outcome.value.id}))
    )


def _cost(started: Started, item: InfrastructureCost) -> Outcome[Ended]:
    """Keep a cost as it was said; it stands with the items that were taken."""
    if item.period_start.tzinfo is None or item.period_end.tzinfo is None:
        return refuse("wrong_value", "instants have a zone", "periodStart")
    if item.period_end <= item.period_start:
        return refuse("wrong_value", "the end of a period lies behind its start", "periodEnd")
    if item.efficiency_percent is not None and Decimal(item.efficiency_percent) > PERCENT_MAX:
        return refuse("wrong_value", "no more than 100 % can be used", "efficiencyPercent")
    known = Done(None) if item.tenant_id is None else _known(started, item.tenant_id)
    return known if isinstance(known, Refused) else Done(Ended(told={"kept": True}))


def _insight(started: Started, item: UsageInsight) -> Outcome[Ended]:
    """Tell a pattern or trend on, to whoever asks or is called."""
    known = _known(started, item.tenant_id)
    if isinstance(known, Refused):
        return known
    trace = started.trigger.trace_id
    message = Message(
        workspace=started.caller.workspace,
        id=started.id("insight"),
        topic=INSIGHT,
        payload=cast("dict[str, Any]", msgspec.to_builtins(item)),
        due_at=started.at,
        trace_id=trace,
    )
    return Done(Ended(told={"told": True}, close=lambda uow: uow.outbox.put(message)))


def _known(started: Started, tenant: str) -> Outcome[None]:
    with started.unit() as uow:
        account = uow.accounts.load_account(AccountKey(tenant))
    if account is None:
        return refuse("unknown_account", f"there is no account {tenant}", "tenantId")
    return Done(None)
