"""Billing periods of a subscription (types first; see `periods`)."""

from datetime import datetime

from tallystick.accounts import ZoneChange
from tallystick.catalog import PlanVersion, Subscription
from tallystick.kernel import Period


def periods(
    subscription: Subscription,
    plan: PlanVersion,
    zone: str,
    *,
    through: datetime,
    zone_changes: tuple[ZoneChange, ...] = (),
) -> tuple[Period, ...]:
    """Give the periods that begin at or before ``through``, oldest first."""
    raise NotImplementedError


def whole_period(
    part: Period,
    subscription: Subscription,
    plan: PlanVersion,
    zone: str,
    *,
    zone_changes: tuple[ZoneChange, ...] = (),
) -> Period:
    """Give the whole anchor-aligned period around a part."""
    raise NotImplementedError
