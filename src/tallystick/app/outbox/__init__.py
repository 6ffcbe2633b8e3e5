"""Effects leave through the outbox, at least once."""

from tallystick.app.outbox.deliver_due import DeliveryReport, deliver_due
from tallystick.app.outbox.lanes import Lanes, deliver_lane
from tallystick.app.outbox.list_deliveries import (
    RetriedDelivery,
    RetryDelivery,
    list_deliveries,
    retry_delivery,
)
from tallystick.app.outbox.ports import (
    GIVEN_UP,
    Claim,
    Delivery,
    DeliveryRecord,
    DeliveryState,
    Message,
    NumberedMessage,
    Outbox,
    OutboxClaims,
)
from tallystick.app.outbox.retry import RetryPolicy, next_attempt_at

__all__ = [
    "GIVEN_UP",
    "Claim",
    "Delivery",
    "DeliveryRecord",
    "DeliveryReport",
    "DeliveryState",
    "Lanes",
    "Message",
    "NumberedMessage",
    "Outbox",
    "OutboxClaims",
    "RetriedDelivery",
    "RetryDelivery",
    "RetryPolicy",
    "deliver_due",
    "deliver_lane",
    "list_deliveries",
    "next_attempt_at",
    "retry_delivery",
]
