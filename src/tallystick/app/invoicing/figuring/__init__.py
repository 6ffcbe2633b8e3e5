"""The figures that a document's charts show, read from facts up to the document's position."""

from tallystick.app.invoicing.figuring.load_figures import measured_by_day, with_figures
from tallystick.app.invoicing.figuring.ports import DocumentHistory

__all__ = ["DocumentHistory", "measured_by_day", "with_figures"]
