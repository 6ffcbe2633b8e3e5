"""Documents for people and machines: PDF, a page, figures."""

from tallystick.integrations.documents.paper import PaperWriter

__all__ = ["PaperWriter"]
