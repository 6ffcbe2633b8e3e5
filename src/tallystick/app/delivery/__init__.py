"""Delivery: documents by e-mail, webhooks."""

from tallystick.app.delivery.courier import MAIL, WEBHOOK, Courier
from tallystick.app.delivery.ports import Letter, Post
from tallystick.app.delivery.send_document import SendDocument, SentDocument, send_document

__all__ = [
    "MAIL",
    "WEBHOOK",
    "Courier",
    "Letter",
    "Post",
    "SendDocument",
    "SentDocument",
    "send_document",
]
