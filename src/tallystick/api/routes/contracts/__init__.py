"""Routes about contracts."""

from litestar import Router

from tallystick.api.routes.contracts.lines import lines_router
from tallystick.api.routes.contracts.migrations import migrations_router
from tallystick.api.routes.contracts.payers import payers_router
from tallystick.api.routes.contracts.subscriptions import subscriptions_router

contracts_router = Router(
    path="/", route_handlers=[lines_router, migrations_router, payers_router, subscriptions_router]
)

__all__ = ["contracts_router"]
