"""Reads subscriptions; a caller bound to one account sees that account's alone."""

from datetime import datetime

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.own_rows import own_rows
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.entitlements import Entitled, layers_at, resolve
from tallystick.kernel import AccountKey, Done, Outcome, Refused, SubscriptionKey, refuse
from tallystick.subscriptions import Subscription


def get_subscription(
    key: SubscriptionKey, *, caller: Caller, uow: UnitOfWork
) -> Outcome[Subscription]:
    """
    Return one subscription.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        not_found: no such subscription, or not of the caller's account.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = uow.subscriptions.load_subscription(key)
    if found is None or caller.account not in (None, found.account):
        return refuse("not_found", f"no subscription {key!r}")
    return Done(found)


def subscription_entitlements(
    key: SubscriptionKey, *, at: datetime, caller: Caller, uow: UnitOfWork
) -> Outcome[tuple[Entitled, ...]]:
    """
    Return what a contract grants of each feature at an instant, in the order of the features' keys.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        not_found: no such subscription, or not of the caller's account.
    """
    found = get_subscription(key, caller=caller, uow=uow)
    if isinstance(found, Refused):
        return found
    with uow:
        definitions = uow.catalog.load_definitions()
    layers = layers_at(found.value, definitions.plan_versions.values(), at)
    return Done(resolve(definitions.features, layers))


def list_subscriptions(
    caller: Caller,
    *,
    uow: UnitOfWork,
    after: str = "",
    limit: int = 100,
    account: AccountKey | None = None,
) -> Outcome[list[Subscription]]:
    """
    Return subscriptions by key, ascending, those after the given key; of one account if named.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
    """
    return own_rows(
        lambda of: uow.subscriptions.list_subscriptions(after=after, limit=limit, account=of),
        caller=caller,
        uow=uow,
        account=account,
    )
