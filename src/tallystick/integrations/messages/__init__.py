"""Messages of brokers as events."""

from tallystick.integrations.messages.delivery import Delivery, deliver
from tallystick.integrations.messages.message import Message, NotAnEvent, event_texts

__all__ = ["Delivery", "Message", "NotAnEvent", "deliver", "event_texts"]
