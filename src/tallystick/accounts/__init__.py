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
from tallystick.accounts.contact import Contact, PostalAddress
from tallystick.accounts.owner import Owner, Unowned, owner_at
from tallystick.accounts.resource import Ownership, Resource, Transfer, ownerships_of

__all__ = [
    "DEPTH_MAX",
    "Account",
    "Contact",
    "Owner",
    "Ownership",
    "PostalAddress",
    "Resource",
    "Transfer",
    "Unowned",
    "ZoneChange",
    "ancestors_of",
    "owner_at",
    "ownerships_of",
    "payer_of",
    "spans_of",
    "zone_at",
]
