"""`tallystick invoice`: documents, from their preview to what becomes of them after issue."""

from tallystick.cli.invoices.commands import invoice_app
from tallystick.cli.invoices.notes import credit, void

invoice_app.command(void)
invoice_app.command(credit)

__all__ = ["invoice_app"]
