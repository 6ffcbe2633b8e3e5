"""The HTTP interface: translate a request, call one use case, translate the outcome back."""

from tallystick.api.app import create_app

__all__ = ["create_app"]
