"""How what a contract agrees on in time is read from documents, and what it may not agree on."""

from tallystick.catalog.contract.agreed_prices import own_prices, own_quantities, qualified
from tallystick.catalog.contract.granting import grant_problems
from tallystick.catalog.contract.phases import Counted, read_term
from tallystick.catalog.contract.problems import contract_problems, newly_unfit
from tallystick.catalog.contract.reading import (
    Reading,
    contract_change_from_document,
    read_add_ons,
    read_changes,
    read_own_prices,
    read_quantities,
    stored_terms,
)

__all__ = [
    "Counted",
    "Reading",
    "contract_change_from_document",
    "contract_problems",
    "grant_problems",
    "newly_unfit",
    "own_prices",
    "own_quantities",
    "qualified",
    "read_add_ons",
    "read_changes",
    "read_own_prices",
    "read_quantities",
    "read_term",
    "stored_terms",
]
