"""Letters that tell an account of its usage alerts, in English."""

from collections.abc import Mapping

from tallystick.accounts import Account
from tallystick.app.delivery.ports import Letter
from tallystick.app.facts import QuotaEnforced, UsageThresholdBreached
from tallystick.app.outbox import Message

ALERTS = frozenset(fact.__name__ for fact in (UsageThresholdBreached, QuotaEnforced))
_LINES = (
    ("Account", "tenantId"),
    ("Feature", "resourceType"),
    ("Used", "currentUsage"),
    ("Limit", "limit"),
    ("At", "timestamp"),
    ("Alert", "alertId"),
)


def alert_mail(message: Message, account: Account, sender: str) -> Mapping[str, object]:
    """Return what a letter on an alert is written from: to the account's own contact."""
    return {"to": account.contact.email, "sender": sender, "alert": message.payload}


def alert_letter(message: Message) -> Letter:
    """Return the letter of a message that `alert_mail` made."""
    alert = message.payload["alert"]
    told = alert if isinstance(alert, Mapping) else {}
    said = str(told.get("message", ""))
    lines = [f"{label}: {told[name]}" for label, name in _LINES if told.get(name)]
    return Letter(
        id=message.id,
        to=str(message.payload["to"]),
        sender=str(message.payload["sender"]),
        reply_to="",
        subject=said,
        text="\n".join([said, "", *lines, ""]),
    )
