"""What accounts may use: read, granted by hand, restricted, exported as flags."""

from tallystick.api.routes.entitled.accounts import entitled_router
from tallystick.api.routes.entitled.flags import feature_flags

__all__ = ["entitled_router", "feature_flags"]
