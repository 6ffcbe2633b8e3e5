"""`/v1/retention` and `/v1/personal-data`."""

from tallystick.api.routes.retention.personal import personal_router
from tallystick.api.routes.retention.rules import retention_router

__all__ = ["personal_router", "retention_router"]
