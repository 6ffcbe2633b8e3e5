"""Use cases of taxes: checks of tax numbers."""

from tallystick.app.tax.ports import TaxIdChecks

__all__ = ["TaxIdChecks"]
