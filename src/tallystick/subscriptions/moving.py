"""Contracts on their way to another plan version: agreed on, not in effect yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tallystick.catalog import ContractChange, Subscription
from tallystick.kernel import AccountKey, PlanKey, SubscriptionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMove:
    """
    One contract's step from one plan version to another.

    Attributes:
        origin: the plan, with its version, that holds until then.
        target: what holds from ``change.at`` on.
    """

    subscription: SubscriptionKey
    account: AccountKey
    origin: tuple[PlanKey, int]
    target: tuple[PlanKey, int]
    change: ContractChange


def moves_ahead(subscription: Subscription, at: datetime) -> Iterator[PlanMove]:
    """Yield the steps to other plan versions that take effect behind an instant, in their order."""
    held = subscription.plan, subscription.version
    for change in subscription.changes:
        if change.plan is None or change.version is None:
            continue
        target = change.plan, change.version
        ended = subscription.end is not None and change.at >= subscription.end
        if change.at > at and target != held and not ended:
            yield PlanMove(
                subscription=subscription.key,
                account=subscription.account,
                origin=held,
                target=target,
                change=change,
            )
        held = target
