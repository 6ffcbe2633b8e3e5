"""Use cases of taxes: checks of tax numbers."""

from tallystick.app.tax.check_tax_id import CheckTaxId, check_tax_id, show_tax_id
from tallystick.app.tax.ports import TaxIdChecks, TaxRegister

__all__ = ["CheckTaxId", "TaxIdChecks", "TaxRegister", "check_tax_id", "show_tax_id"]
