"""Documents for people and machines: PDF, a page, figures."""

from tallystick.integrations.documents.formats import formats_for
from tallystick.integrations.documents.paper import PaperWriter
from tallystick.integrations.documents.web_page import PAGE_POLICY

__all__ = ["PAGE_POLICY", "PaperWriter", "formats_for"]
