"""Who consumes, who pays, and who owns which resource when."""

from tallystick.accounts.account import (
    DEPTH_MAX,
    Account,
    PayerChange,
    ZoneChange,
    ancestors_of,
    is_invoiced_at,
    parent_at,
    payer_of,
    zone_at,
)
from tallystick.accounts.attribution import spans_of
from tallystick.accounts.contact import Contact, PostalAddress
from tallystick.accounts.gathering import PERIODS_CARRIED_MAX, Consolidation, LeastInvoice
from tallystick.accounts.owner import Owner, Unowned, owner_at
from tallystick.accounts.paying import (
    PaidBy,
    accounts_above,
    is_ever_invoiced,
    payers_of,
    zones_of_payers,
)
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
    "PaidBy",
    "PayerChange",
    "PostalAddress",
    "Resource",
    "TaxExemption",
    "Taxpayer",
    "Transfer",
    "Unowned",
    "ZoneChange",
    "accounts_above",
    "ancestors_of",
    "compact_tax_number",
    "is_eu_number",
    "is_ever_invoiced",
    "is_invoiced_at",
    "owner_at",
    "ownerships_of",
    "parent_at",
    "payer_of",
    "payers_of",
    "spans_of",
    "tax_number_problem",
    "zone_at",
    "zones_of_payers",
]
