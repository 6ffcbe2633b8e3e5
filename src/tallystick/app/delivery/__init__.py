"""Delivery: documents by e-mail."""

from tallystick.app.delivery.courier import MAIL, Courier
from tallystick.app.delivery.ports import Letter, Post
from tallystick.app.delivery.send_document import SendDocument, SentDocument, send_document

__all__ = [
    "MAIL",
    "Courier",
    "Letter",
    "Post",
    "SendDocument",
    "SentDocument",
    "send_document",
]
