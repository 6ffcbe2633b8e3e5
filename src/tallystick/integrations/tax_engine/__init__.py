"""An engine outside that knows tax rules, over HTTP."""

from tallystick.integrations.tax_engine.engine import HttpTaxEngine

__all__ = ["HttpTaxEngine"]
