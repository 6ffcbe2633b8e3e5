"""Pages set by Typst: PDF/A-3b for keeping, PNG for looking at."""

from tallystick.integrations.documents.typesetting.apart import set_apart
from tallystick.integrations.documents.typesetting.attachment import Attachment
from tallystick.integrations.documents.typesetting.compiler import Setting, Typesetter

__all__ = ["Attachment", "Setting", "Typesetter", "set_apart"]
