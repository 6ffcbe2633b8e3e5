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
from tallystick.accounts.gathering import PERIODS_CARRIED_MAX, Consolidation, LeastInvoice
from tallystick.accounts.owner import Owner, Unowned, owner_at
from tallystick.accounts.resource import Ownership, Resource, Transfer, ownerships_of
from tallystick.accounts.tax_number import (
    compact_tax_number,
    is_eu_number,
    tax_number_problem,
)
from tallystick.accounts.taxpayer import TaxExemption, Taxpayer

__all__ = [
    "DEPTH_MAX",
    "PERIODS_CARRIED_MAX",
    "Account",
    "Consolidation",
    "Contact",
    "LeastInvoice",
    "Owner",
    "Ownership",
    "PostalAddress",
    "Resource",
    "TaxExemption",
    "Taxpayer",
    "Transfer",
    "Unowned",
    "ZoneChange",
    "ancestors_of",
    "compact_tax_number",
    "is_eu_number",
    "owner_at",
    "ownerships_of",
    "payer_of",
    "spans_of",
    "tax_number_problem",
    "zone_at",
]
