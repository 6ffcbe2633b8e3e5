"""Who consumes, who pays, and who owns which resource when."""

from tallystick.accounts.account import (
    DEPTH_MAX,
    Account,
    ZoneChange,
    ancestors_of,
    payer_of,
    zone_at,
)
from tallystick.accounts.attribution import spans_of
from tallystick.accounts.resource import Ownership, Resource, Transfer, ownerships_of

__all__ = [
    "DEPTH_MAX",
    "Account",
    "Ownership",
    "Resource",
    "Transfer",
    "ZoneChange",
    "ancestors_of",
    "ownerships_of",
    "payer_of",
    "spans_of",
    "zone_at",
]
