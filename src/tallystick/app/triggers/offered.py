"""What is told where a tenant nears a limit and a larger plan is there."""

from typing import Annotated

import msgspec

OFFERED = "upgrade.offered"
"""The topic of its messages."""
Exact = Annotated[str, msgspec.Meta(description="An exact decimal number.", examples=["1250.5"])]


class UpgradeOffered(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A tenant nears a limit, and a larger plan is there for him."""

    tenant_id: str
    resource_type: str
    used: Exact
    limit: Exact
    percent: Exact
    plan: str
    trace_id: str
