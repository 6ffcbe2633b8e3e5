"""
The declaration of a subscription.

It stands in the catalog because a catalog document declares it and a `Catalog` holds it; what
follows from it in time (periods, proration) is the subject of package ``subscriptions``, which
re-exports the type.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tallystick.kernel import AccountKey, PlanKey, SubscriptionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """
    An account's contract for one plan version, from ``start`` until before ``end`` (None: open).

    ``anchor`` is the local date, in the payer's zone, from which anniversary boundaries are
    counted.
    """

    key: SubscriptionKey
    account: AccountKey
    plan: PlanKey
    version: int
    legal_entity: str
    start: datetime
    end: datetime | None = None
    anchor: date
