"""Amounts of several prices or documents, as a catalog says them: how they are read."""

from tallystick.catalog.amounts.gathering import (
    consolidated_document,
    least_invoice_document,
    read_consolidated,
    read_least_invoice,
    stored_gathering,
)
from tallystick.catalog.amounts.reading import check_spend, read_thresholds

__all__ = [
    "check_spend",
    "consolidated_document",
    "least_invoice_document",
    "read_consolidated",
    "read_least_invoice",
    "read_thresholds",
    "stored_gathering",
]
