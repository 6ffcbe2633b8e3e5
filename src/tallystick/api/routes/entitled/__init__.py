"""What accounts may use: read, granted by hand, restricted, exported as flags and policies."""

from litestar import Router

from tallystick.api.routes.entitled.accounts import accounts_router
from tallystick.api.routes.entitled.config import config_router
from tallystick.api.routes.entitled.flags import feature_flags
from tallystick.api.routes.entitled.metrics import metrics_router
from tallystick.api.routes.entitled.policies import policies_router
from tallystick.api.routes.entitled.report import report_router

entitled_router = Router(
    path="/",
    route_handlers=[
        accounts_router,
        feature_flags,
        policies_router,
        metrics_router,
        report_router,
        config_router,
    ],
)

__all__ = ["entitled_router"]
