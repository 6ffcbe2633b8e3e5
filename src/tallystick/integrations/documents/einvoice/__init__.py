"""E-invoices by EN 16931: CII, UBL 2.1, and Factur-X, which is CII inside a PDF."""

from tallystick.integrations.documents.einvoice.hybrid import (
    XML_NAME,
    Metadata,
    with_invoice_metadata,
)
from tallystick.integrations.documents.einvoice.obstacles import obstacles
from tallystick.integrations.documents.einvoice.terms import terms_of
from tallystick.integrations.documents.einvoice.xml import Syntax, einvoice

__all__ = [
    "XML_NAME",
    "Metadata",
    "Syntax",
    "einvoice",
    "obstacles",
    "terms_of",
    "with_invoice_metadata",
]
