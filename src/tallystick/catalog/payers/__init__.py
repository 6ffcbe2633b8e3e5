"""Who pays over time, as a catalog says it: read, written, checked, kept and permitted."""

from tallystick.catalog.payers.checking import payer_problems
from tallystick.catalog.payers.reading import (
    payer_changes_document,
    read_payer_changes,
    stored_payer_changes,
)
from tallystick.catalog.payers.standing import bound_accounts, lost_changes, with_changes_kept

__all__ = [
    "bound_accounts",
    "lost_changes",
    "payer_changes_document",
    "payer_problems",
    "read_payer_changes",
    "stored_payer_changes",
    "with_changes_kept",
]
