"""`tallystick invoice`: documents, from their preview to what becomes of them after issue."""

from tallystick.cli.invoices.commands import invoice_app
from tallystick.cli.invoices.disputes import dispute_app
from tallystick.cli.invoices.notes import credit, void
from tallystick.cli.invoices.review import approve, reject, review
from tallystick.cli.invoices.selling import one_off, write_off

invoice_app.command(void)
invoice_app.command(credit)
invoice_app.command(review)
invoice_app.command(approve)
invoice_app.command(reject)
invoice_app.command(one_off)
invoice_app.command(write_off)

__all__ = ["dispute_app", "invoice_app"]
