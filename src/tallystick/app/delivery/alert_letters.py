"""Letters that tell an account of its usage alerts, in English."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tallystick.app.delivery.ports import Letter
from tallystick.app.facts import QuotaEnforced, UsageThresholdBreached
from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import ESCALATED, awaits_step, recipients_of
from tallystick.kernel import AccountKey, derived_id

AlertMail: TypeAlias = tuple[str, Mapping[str, object]]
ALERTS = frozenset(
    {*(fact.__name__ for fact in (UsageThresholdBreached, QuotaEnforced)), ESCALATED}
)
_LINES = (
    ("Account", "tenantId"),
    ("Feature", "resourceType"),
    ("Used", "currentUsage"),
    ("Limit", "limit"),
    ("At", "timestamp"),
    ("Alert", "alertId"),
)


def is_settled(message: Message, uow: UnitOfWork) -> bool:
    """Tell whether a message is of a next step that nobody needs: answered, or taken off a rule."""
    return message.topic == ESCALATED and not awaits_step(_alert_id(message), _step(message), uow)


def alert_addresses(message: Message, uow: UnitOfWork) -> tuple[str, ...]:
    """
    Return whom a message on an alert is mailed to, each once.

    Of the alert itself that is the account's own contact, unless its plan says that it is not told,
    and the recipients of the rule; of a next step those of the step.
    """
    recipients = recipients_of(_alert_id(message), _step(message), uow)
    if message.topic == ESCALATED:
        return recipients
    account = uow.accounts.load_account(AccountKey(str(message.payload.get("tenantId", ""))))
    record = uow.usage_alerts.load(_alert_id(message))
    is_told = record is None or record.alert.notifies
    own = account.contact.email if account is not None and is_told else ""
    return tuple(dict.fromkeys(each for each in (own, *recipients) if each))


def alert_mails(message: Message, uow: UnitOfWork, sender: str) -> Iterator[AlertMail]:
    """Yield what letters on an alert are written from, each with the beginning of its id."""
    for to in alert_addresses(message, uow):
        # Of the address, so that who is added in between is neither left out nor told twice.
        yield derived_id("mail", to), {"to": to, "sender": sender, "alert": message.payload}


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


def _alert_id(message: Message) -> str:
    return str(message.payload.get("alertId", ""))


def _step(message: Message) -> int:
    step = message.payload.get("step", 0)
    return step if isinstance(step, int) else 0
