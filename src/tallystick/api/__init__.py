"""The HTTP interface: translate a request, call one use case, translate the outcome back."""

from tallystick.api.app import create_app
from tallystick.api.rates import RateLimit, paced

__all__ = ["RateLimit", "create_app", "paced"]
