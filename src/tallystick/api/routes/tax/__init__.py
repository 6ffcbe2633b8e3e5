"""`/v1/tax`."""

from tallystick.api.routes.tax.checks import tax_router

__all__ = ["tax_router"]
