"""Previews of documents: contract by contract, or as a payer's documents come together."""

from tallystick.app.invoicing.previewing.preview_invoice import (
    Preview,
    PreviewInvoice,
    preview_invoice,
)

__all__ = ["Preview", "PreviewInvoice", "preview_invoice"]
