"""Routes about documents: invoices, and what becomes of them after their issue."""

from tallystick.api.routes.documents.disputes import disputes_router
from tallystick.api.routes.documents.invoices import invoices_router
from tallystick.api.routes.documents.notes import notes_router
from tallystick.api.routes.documents.payments import payments_router
from tallystick.api.routes.documents.review import drafts_router
from tallystick.api.routes.documents.running import runs_router
from tallystick.api.routes.documents.selling import selling_router

__all__ = [
    "disputes_router",
    "drafts_router",
    "invoices_router",
    "notes_router",
    "payments_router",
    "runs_router",
    "selling_router",
]
