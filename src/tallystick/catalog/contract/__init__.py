"""How what a contract agrees on in time is read from documents, and what it may not agree on."""

from tallystick.catalog.contract.problems import contract_problems
from tallystick.catalog.contract.reading import (
    contract_change_from_document,
    read_changes,
    read_quantities,
)

__all__ = [
    "contract_change_from_document",
    "contract_problems",
    "read_changes",
    "read_quantities",
]
