"""Effects leave through the outbox, at least once."""

from tallystick.app.outbox.deliver_due import DeliveryReport, deliver_due
from tallystick.app.outbox.ports import Claim, Delivery, Message, Outbox, OutboxClaims
from tallystick.app.outbox.retry import RetryPolicy, next_attempt_at

__all__ = [
    "Claim",
    "Delivery",
    "DeliveryReport",
    "Message",
    "Outbox",
    "OutboxClaims",
    "RetryPolicy",
    "deliver_due",
    "next_attempt_at",
]
