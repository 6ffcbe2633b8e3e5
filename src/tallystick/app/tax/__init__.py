"""Use cases of taxes: checks of tax numbers, and questions to engines outside."""

from tallystick.app.tax.ask_engine import AskTaxEngine, ask_tax_engine
from tallystick.app.tax.check_tax_id import CheckTaxId, check_tax_id, show_tax_id
from tallystick.app.tax.ports import TaxAnswers, TaxEngine, TaxIdChecks, TaxRegister

__all__ = [
    "AskTaxEngine",
    "CheckTaxId",
    "TaxAnswers",
    "TaxEngine",
    "TaxIdChecks",
    "TaxRegister",
    "ask_tax_engine",
    "check_tax_id",
    "show_tax_id",
]
