"""Writing documents, with the figures that their charts show as of their positions."""

from tallystick.app.invoicing.writing.load_figures import measured_by_day, with_figures
from tallystick.app.invoicing.writing.ports import DocumentHistory
from tallystick.app.invoicing.writing.write_document import (
    WriteDocument,
    load_to_write,
    write_document,
)

__all__ = [
    "DocumentHistory",
    "WriteDocument",
    "load_to_write",
    "measured_by_day",
    "with_figures",
    "write_document",
]
