"""What happened, in words for people in a chat: `{"text": ...}`, as Slack takes it."""

from collections.abc import Mapping

from tallystick.app.outbox import Message

# Slack reads these three as the beginning of links, mentions and entities, and asks for no others.
_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_WHO = ("tenantId", "account")


def chat_text(message: Message) -> Mapping[str, object]:
    """Return the body of a call: what a fact says of itself, else its topic and id."""
    payload = message.payload
    who = next((str(payload[name]) for name in _WHO if payload.get(name)), "")
    said = str(payload.get("message") or f"{message.topic} {payload.get('id', '')}".strip())
    text = f"{who}: {said}" if who else said
    return {"text": text.translate(_SIGNS)}
