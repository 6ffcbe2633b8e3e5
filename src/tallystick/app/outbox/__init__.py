"""Effects leave through the outbox, at least once."""

from tallystick.app.outbox.ports import Claim, Delivery, Message, Outbox, OutboxClaims

__all__ = ["Claim", "Delivery", "Message", "Outbox", "OutboxClaims"]
