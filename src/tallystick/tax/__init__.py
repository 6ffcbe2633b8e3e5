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
    EngineAnswer,
    Seller,
    TaxFacts,
    TaxIdCheck,
    TaxIdState,
    TaxQuestion,
    buyer_of,
    seller_of,
    tax_facts,
)
from tallystick.tax.levy import TaxableLine, TaxedLine, levy
from tallystick.tax.resolution import taxes_for

__all__ = [
    "AppliedTax",
    "Buyer",
    "EngineAnswer",
    "LineTax",
    "Seller",
    "TaxFacts",
    "TaxIdCheck",
    "TaxIdState",
    "TaxQuestion",
    "TaxSubtotal",
    "TaxableLine",
    "TaxedLine",
    "buyer_of",
    "gross_of",
    "levy",
    "net_of",
    "seller_of",
    "subtotals",
    "tax_facts",
    "taxes_for",
]
