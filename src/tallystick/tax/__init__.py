"""Taxes: which rules apply to a supply, what they come to, and how lines share it."""

from tallystick.tax.applied import (
    AppliedTax,
    LineTax,
    TaxSubtotal,
    gross_of,
    net_of,
    subtotals,
)
from tallystick.tax.facts import (
    Buyer,
    Seller,
    TaxFacts,
    TaxIdCheck,
    TaxIdState,
    tax_facts,
)
from tallystick.tax.levy import TaxableLine, TaxedLine, levy
from tallystick.tax.resolution import taxes_for

__all__ = [
    "AppliedTax",
    "Buyer",
    "LineTax",
    "Seller",
    "TaxFacts",
    "TaxIdCheck",
    "TaxIdState",
    "TaxSubtotal",
    "TaxableLine",
    "TaxedLine",
    "gross_of",
    "levy",
    "net_of",
    "subtotals",
    "tax_facts",
    "taxes_for",
]
