"""What happened, in words for people in a chat: `{"text": ...}`, as Slack takes it."""

from collections.abc import Mapping

from tallystick.app.delivery.alert_text import AlertList, list_lines
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


def chat_list(rule: str, told: AlertList) -> Mapping[str, object]:
    """Return the body of a call that tells of several alerts of a rule at once."""
    if len(told.alerts) == 1 and not told.more:
        alert = told.alerts[0].alert
        return {"text": f"{alert.account}: {alert.message}".translate(_SIGNS)}
    count = len(told.alerts) + told.more
    lines = [f"{count} usage alerts by {rule}:", *list_lines(told, None)]
    return {"text": "\n".join(lines).translate(_SIGNS)}
