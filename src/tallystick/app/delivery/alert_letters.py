"""Letters on usage alerts: who is written to, and what of it; accounts in their language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from tallystick.app.delivery.alert_text import (
    AlertList,
    LanguageFormats,
    alert_words,
    letter_text,
    listed,
)
from tallystick.app.delivery.ports import Letter
from tallystick.app.delivery.words import FALLBACK
from tallystick.app.facts import (
    QuotaEnforced,
    UsageAnomalyDetected,
    UsageThresholdBreached,
    fact_name,
)
from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import (
    ESCALATED,
    GROUPED,
    AlertRecord,
    LetterLinks,
    Recipients,
    awaits_step,
    recipients_of,
)
from tallystick.kernel import AccountKey, derived_id

AlertMail: TypeAlias = tuple[str, Mapping[str, object]]
_ANOMALY = fact_name(UsageAnomalyDetected)
_GATHERED = frozenset({fact_name(UsageThresholdBreached), _ANOMALY})
ALERTS = _GATHERED | {fact_name(QuotaEnforced), ESCALATED, GROUPED}
MEMBERS_MAX = 1_000
_LINES = (
    ("Account", "tenantId"),
    ("Feature", "resourceType"),
    ("Used", "currentUsage"),
    ("Limit", "limit"),
    ("At", "timestamp"),
    ("Alert", "alertId"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is written to, in which language; ``account``: whose alerts he is told; empty: all."""

    address: str
    language: str = FALLBACK
    account: str = ""


def is_settled(message: Message, uow: UnitOfWork) -> bool:
    """Tell whether a message is of a next step that nobody needs: answered, or taken off a rule."""
    return message.topic == ESCALATED and not awaits_step(_alert_id(message), _step(message), uow)


def is_gathered(message: Message, uow: UnitOfWork) -> bool:
    """Tell whether people are told of an alert with others, by the message of its group."""
    if message.topic not in _GATHERED:
        return False
    record = uow.usage_alerts.load(_alert_id(message))
    return record is not None and bool(record.alert.group)


def alert_mails(message: Message, uow: UnitOfWork, sender: str) -> Iterator[AlertMail]:
    """
    Yield what letters on alerts are written from, each with the beginning of its id.

    Of an alert itself the account's own contact is told, unless its plan says that it is not, and
    the recipients of the rule; of a group each account of its own alerts; of a next step those of
    the step alone.
    """
    if message.topic == GROUPED:
        yield from _group_mails(message, uow, sender)
        return
    id = _alert_id(message)
    record = uow.usage_alerts.load(id)
    recipients = recipients_of(id, _step(message), uow)
    # Of an anomaly the operator's people are told: the account may be who is to be looked at.
    own = (
        ()
        if message.topic in {ESCALATED, _ANOMALY}
        else _contacts([_account(message, record)], uow)
    )
    is_told = record is None or record.alert.notifies
    readers = _wanting([*_readers(own if is_told else (), recipients)], message, uow)
    for reader in readers:
        # Of the address, so that who is added in between is neither left out nor told twice.
        begin = derived_id("mail", reader.address)
        if record is None:
            yield begin, {"to": reader.address, "sender": sender, "alert": message.payload}
        else:
            told = listed([record], language=reader.language, minutes=_minutes(message))
            yield begin, _payload(reader, told, sender=sender) | _declinable(reader, message)


def alert_letter(message: Message, formats: LanguageFormats, links: LetterLinks) -> Letter:
    """
    Return the letter of a message that `alert_mails` made.

    Where it may be declined and the installation has a public address, its last line is a link.
    """
    payload = message.payload
    if "told" in payload:
        subject, text = letter_text(msgspec.convert(payload["told"], AlertList), formats)
    else:
        subject, text = _fact_text(payload["alert"])
    url = _decline_url(message, links)
    if url:
        line = alert_words(_text(message, "language")).declining.line
        text = f"{text}\n{line.format(url=url)}\n"
    return Letter(
        id=message.id,
        to=str(payload["to"]),
        sender=str(payload["sender"]),
        reply_to="",
        subject=subject,
        text=text,
        decline_url=url,
    )


def group_members(message: Message, uow: UnitOfWork) -> tuple[tuple[AlertRecord, ...], int]:
    """Return the alerts of a group, and how many there are beside them."""
    id = str(message.payload.get("groupId", ""))
    found = uow.usage_alerts.groups.members(id, limit=MEMBERS_MAX)
    return found, max(0, uow.usage_alerts.groups.count(id) - len(found))


def _group_mails(message: Message, uow: UnitOfWork, sender: str) -> Iterator[AlertMail]:
    found, more = group_members(message, uow)
    if not found:
        return
    accounts = dict.fromkeys(one.alert.account for one in found if one.alert.notifies)
    recipients = recipients_of(found[0].alert.id, 0, uow)
    for reader in _wanting([*_readers(_contacts([*accounts], uow), recipients)], message, uow):
        own = [one for one in found if reader.account in ("", one.alert.account)]
        begin = derived_id("mail", reader.address, reader.account)
        unseen = 0 if reader.account else more
        told = listed(own, language=reader.language, more=unseen)
        yield begin, _payload(reader, told, sender=sender) | _declinable(reader, message)


def _readers(contacts: Sequence[Reader], recipients: Recipients) -> Iterator[Reader]:
    """Yield each reader once; who is a recipient of the rule is told all, as one."""
    addresses, language = recipients.addresses, recipients.language or FALLBACK
    yield from (one for one in contacts if one.address not in addresses)
    yield from (Reader(address=each, language=language) for each in addresses)


def _wanting(readers: Sequence[Reader], message: Message, uow: UnitOfWork) -> Iterator[Reader]:
    """Yield who wants a letter; that a limit refuses or slows is told to everybody it concerns."""
    if not _may_be_declined(message):
        yield from readers
        return
    declined = uow.usage_alerts.declined.among([one.address for one in readers])
    yield from (one for one in readers if one.address.lower() not in declined)


def _may_be_declined(message: Message) -> bool:
    return message.topic != fact_name(QuotaEnforced)


def _declinable(reader: Reader, message: Message) -> dict[str, object]:
    """Return what the link of a letter is made of, nothing where it cannot be declined."""
    if not _may_be_declined(message):
        return {}
    return {"account": reader.account, "language": reader.language}


def _decline_url(message: Message, links: LetterLinks) -> str:
    if "account" not in message.payload:
        return ""
    return links.url(
        _text(message, "to"),
        workspace=message.workspace,
        account=_text(message, "account"),
        language=_text(message, "language"),
    )


def _contacts(accounts: Sequence[str], uow: UnitOfWork) -> tuple[Reader, ...]:
    found = []
    for key in accounts:
        account = uow.accounts.load_account(AccountKey(key))
        if account is not None and account.contact.email:
            language = account.contact.language or FALLBACK
            found.append(Reader(address=account.contact.email, language=language, account=key))
    return tuple(found)


def _payload(reader: Reader, told: AlertList, *, sender: str) -> dict[str, object]:
    return {"to": reader.address, "sender": sender, "told": msgspec.to_builtins(told)}


def _fact_text(alert: object) -> tuple[str, str]:
    told = alert if isinstance(alert, Mapping) else {}
    said = str(told.get("message", ""))
    lines = [f"{label}: {told[name]}" for label, name in _LINES if told.get(name)]
    return said, "\n".join([said, "", *lines, ""])


def _account(message: Message, record: AlertRecord | None) -> str:
    return str(message.payload.get("tenantId", "")) if record is None else record.alert.account


def _alert_id(message: Message) -> str:
    return _text(message, "alertId")


def _text(message: Message, name: str) -> str:
    return str(message.payload.get(name, ""))


def _step(message: Message) -> int:
    return _whole(message, "step")


def _minutes(message: Message) -> int:
    """Return for how long nobody acknowledged what a further step tells of; 0 of an alert."""
    return _whole(message, "afterMinutes")


def _whole(message: Message, name: str) -> int:
    found = message.payload.get(name, 0)
    return found if isinstance(found, int) else 0
