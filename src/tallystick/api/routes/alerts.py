"""`/v1/alerts`: what crossed a threshold on the way of events, and what came back."""

from __future__ import annotations

from litestar import get

from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.pipeline import Alert
from tallystick.bootstrap.engines import Application


@get(
    "/alerts", opt=needs(Scope.READ), tags=["operation"], sync_to_thread=True, summary="List alerts"
)
def alerts(application: Application, caller: Caller, page: PageRequest) -> Page[Alert]:
    """List alerts about the pipeline, the last first; one that stands has no `closed_at`."""
    with application.units(caller.workspace) as uow:
        before = int(page.after) if page.after else None
        found = uow.alerts.page(before=before, limit=page.limit + 1)
    return page.page(found, lambda one: str(one.id), wire=lambda one: one)
