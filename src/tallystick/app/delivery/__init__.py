"""Delivery: documents by e-mail, webhooks."""

from tallystick.app.delivery.alert_text import alert_words
from tallystick.app.delivery.courier import MAIL, WEBHOOK, Courier
from tallystick.app.delivery.ports import Letter, Post
from tallystick.app.delivery.send_document import SendDocument, SentDocument, send_document
from tallystick.app.delivery.words import DecliningWords

__all__ = [
    "MAIL",
    "WEBHOOK",
    "Courier",
    "DecliningWords",
    "Letter",
    "Post",
    "SendDocument",
    "SentDocument",
    "alert_words",
    "send_document",
]
