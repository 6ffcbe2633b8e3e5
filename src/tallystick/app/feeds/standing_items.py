"""What feeds tell of what stands now; over the wire in camel case, as facts are."""

from datetime import datetime
from typing import Annotated

import msgspec

Exact = Annotated[str, msgspec.Meta(description="An exact decimal number.", examples=["1250.5"])]


class _Item(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What every item has in common."""


class TenantConsumption(_Item, frozen=True, kw_only=True, rename="camel"):
    """
    What a tenant used of a feature in the window that runs.

    Attributes:
        window_start, window_end: half-open; null where nothing begins or ends it.
    """

    tenant_id: str
    resource_type: str
    used: Exact
    window_start: datetime | None
    window_end: datetime | None


class OverageRisk(_Item, frozen=True, kw_only=True, rename="camel"):
    """
    A tenant who used 80 % of a limit, or more.

    Attributes:
        percent: of the limit, with one decimal.
        beyond: what becomes of use beyond the limit: ``block``, ``charge``, ...
        upgrade_to: key of the plan that is offered; null where none is named.
    """

    tenant_id: str
    resource_type: str
    used: Exact
    limit: Exact
    percent: Exact
    window_end: datetime | None
    beyond: str
    upgrade_to: str | None


class PlanFeature(_Item, frozen=True, kw_only=True, rename="camel"):
    """
    What a plan grants of a feature.

    Attributes:
        value: of a feature that has one, else null.
        limit: null where there is none.
    """

    feature: str
    kind: str
    enabled: bool
    value: str | None
    limit: Exact | None


class PlanFeatures(_Item, frozen=True, kw_only=True, rename="camel"):
    """What a plan version grants by itself, by feature; features that it does not name are off."""

    plan: str
    version: int
    features: tuple[PlanFeature, ...]
