"""`tallystick export`: the catalog as a file; usage and billing as folders."""

from cyclopts import App

from tallystick.cli.applying import export
from tallystick.cli.exporting.billing_records import billing_records
from tallystick.cli.exporting.usage_history import usage_history

export_app = App(name="export")
export_app.default(export)
export_app.command(usage_history)
export_app.command(billing_records)

__all__ = ["export_app"]
