"""Routes about documents: invoices, and what becomes of them after their issue."""

from tallystick.api.routes.documents.invoices import invoices_router
from tallystick.api.routes.documents.notes import notes_router

__all__ = ["invoices_router", "notes_router"]
