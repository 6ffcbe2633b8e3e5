"""Documents with taxes: what each line bears, and how it is written down."""

from tallystick.invoicing.taxed.taxing import documents_before, taxed
from tallystick.invoicing.taxed.wire import (
    LineTaxDocument,
    TaxDocument,
    applied_from_wire,
    line_taxes_from_wire,
    wire_from_line_taxes,
    wire_from_subtotal,
)

__all__ = [
    "LineTaxDocument",
    "TaxDocument",
    "applied_from_wire",
    "documents_before",
    "line_taxes_from_wire",
    "taxed",
    "wire_from_line_taxes",
    "wire_from_subtotal",
]
