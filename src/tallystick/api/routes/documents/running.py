"""`GET /v1/invoices/runs`: how far the billing runs are that this server works on."""

from __future__ import annotations

from litestar import Router, get

from tallystick.api.authentication import needs
from tallystick.api.running import RunsUnderWay, RunUnderWay
from tallystick.app.command import Caller
from tallystick.app.keys import Scope


@get("/runs", opt=needs(Scope.READ), sync_to_thread=False, summary="Show runs under way")
def runs_under_way(runs: RunsUnderWay, caller: Caller) -> list[RunUnderWay]:
    """Show how far billing runs are; one that has ended is told by its own answer."""
    return runs.of(caller.workspace)


runs_router = Router(path="/invoices", route_handlers=[runs_under_way], tags=["invoices"])
