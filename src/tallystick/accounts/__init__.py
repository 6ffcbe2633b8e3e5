"""Who consumes, who pays, and who owns which resource when."""

from tallystick.accounts.account import Account, ZoneChange, ancestors_of, payer_of
from tallystick.accounts.attribution import spans_of
from tallystick.accounts.resource import Ownership, Resource, Transfer, ownerships_of

__all__ = [
    "Account",
    "Ownership",
    "Resource",
    "Transfer",
    "ZoneChange",
    "ancestors_of",
    "ownerships_of",
    "payer_of",
    "spans_of",
]
