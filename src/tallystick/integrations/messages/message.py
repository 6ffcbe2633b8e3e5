"""One message of a broker, and the events it holds, as JSON texts of one line each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from tallystick.integrations.sources import MessageForm
from tallystick.kernel import instant_text

HEADER_PREFIXES = ("ce_", "ce-")
SLOT = re.compile(r"\{([^{}]+)\}")
SHOWN_LENGTH_MAX = 200

_Filled = Annotated[str, msgspec.Meta(min_length=1)]


class NotAnEvent(ValueError):
    """The message cannot be an event; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    What a broker delivered.

    Attributes:
        partition: the sequence it stands in, as `orders/0`.
        offset: its number there.
        value: its bytes; None where it has none.
        headers: its headers as text, names in lower case.
        sent_at: the broker's time, the same at each delivery; None if there is none.
    """

    partition: str
    offset: int
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None

    @property
    def place(self) -> str:
        """Name the message among all of its broker."""
        return f"{self.partition}:{self.offset}"


class _Head(msgspec.Struct):
    """What an event must have; the rest is the gate's."""

    specversion: Literal["1.0"]
    id: _Filled
    source: _Filled
    type: _Filled
    time: str = ""


def event_texts(message: Message, form: MessageForm | None, *, source: str) -> list[bytes]:
    """
    Return the events of a message.

    Args:
        message: the message.
        form: how a JSON object becomes an event; None where messages are CloudEvents.
        source: the event's source where the form names none.

    Raises:
        NotAnEvent: it holds none, or one that is none; nothing of it is taken then.

    Example:
        >>> form = MessageForm(type="call", subject="{customer.id}")
        >>> value = b'{"customer": {"id": "acme"}, "n": 1.50}'
        >>> message = Message(partition="calls/0", offset=7, value=value)
        >>> print(event_texts(message, form, source="source/calls")[0].decode()[:77])
        {"specversion":"1.0","id":"calls/0:7","source":"source/calls","type":"call","
    """
    if message.value is None or not message.value.strip():
        raise NotAnEvent("it has no value")
    attributes = _attributes(message.headers)
    if form is not None:
        return [_formed(message, form, source)]
    if "id" in attributes:
        return [_joined(attributes, message)]
    return [_timed(text, message) for text in _structured(message.value)]


def _structured(value: bytes) -> list[bytes]:
    try:
        if value.lstrip()[:1] == b"[":
            return [bytes(raw) for raw in msgspec.json.decode(value, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAnEvent(f"it is not JSON: {error}") from error
    return [value]


def _timed(text: bytes, message: Message) -> bytes:
    """Return an event on one line, with the broker's time if it has none of its own."""
    try:
        head = msgspec.json.decode(text, type=_Head)
        line = msgspec.json.format(text, indent=-1) if b"\n" in text else text.strip()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAnEvent(f"it is not a CloudEvent in JSON: {error}") from error
    if head.time or message.sent_at is None:
        return line
    return b'{"time":"%s",%s' % (instant_text(message.sent_at).encode(), line[1:].lstrip())


def _joined(attributes: dict[str, str], message: Message) -> bytes:
    """Return an event whose attributes stood in headers."""
    value = message.value or b""
    data = msgspec.Raw(_one_line(value) if _is_json(message) else msgspec.json.encode(_text(value)))
    if "time" not in attributes and message.sent_at is not None:
        attributes["time"] = instant_text(message.sent_at)
    text = msgspec.json.encode({**attributes, "data": data})
    try:
        msgspec.json.decode(text, type=_Head)
    except msgspec.DecodeError as error:
        raise NotAnEvent(f"its headers make no CloudEvent: {error}") from error
    return text


def _formed(message: Message, form: MessageForm, source: str) -> bytes:
    data = _one_line(message.value or b"")
    try:
        members = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        raise NotAnEvent(f"it is not a JSON object: {error}") from error
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": _filled(form.id, members, message),
        "source": form.source or source,
        "type": form.type,
    }
    if not event["id"]:
        raise NotAnEvent(f"it has nothing of which its id is made: {form.id}")
    if form.subject:
        event["subject"] = _filled(form.subject, members, message)
    sent_at = "" if message.sent_at is None else instant_text(message.sent_at)
    time = _member(form.time, members) if form.time else sent_at
    if time:
        event["time"] = time
    return msgspec.json.encode({**event, "data": msgspec.Raw(data)})


def _filled(template: str, members: Mapping[str, msgspec.Raw], message: Message) -> str:
    """Return a template filled in; empty as a whole if one of its members is not there."""
    missing = False

    def fill(match: re.Match[str]) -> str:
        nonlocal missing
        text = message.place if match[1] == "place" else _member(match[1], members)
        missing = missing or not text
        return text

    filled = SLOT.sub(fill, template)
    return "" if missing else filled


def _member(path: str, members: Mapping[str, msgspec.Raw]) -> str:
    """Return a text or number in an object or in those within it; empty if there is none."""
    raw = members.get(path)
    if raw is None and "." in path:
        head, _, rest = path.partition(".")
        inner = members.get(head, msgspec.Raw(b"0"))
        if bytes(inner).startswith(b"{"):
            return _member(rest, msgspec.json.decode(inner, type=dict[str, msgspec.Raw]))
    text = b"" if raw is None else bytes(raw)
    if text.startswith(b'"'):
        return msgspec.json.decode(text, type=str)
    return text.decode() if text[:1] in b"-0123456789" else ""


def _attributes(headers: Mapping[str, str]) -> dict[str, str]:
    found = {name[3:]: value for name, value in headers.items() if name.startswith(HEADER_PREFIXES)}
    content_type = headers.get("content-type", "")
    if found and content_type:
        found["datacontenttype"] = content_type
    return found


def _is_json(message: Message) -> bool:
    media = message.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media in {"", "application/json"} or media.endswith("+json")


def _one_line(value: bytes) -> bytes:
    try:
        return msgspec.json.format(value, indent=-1)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        shown = value[:SHOWN_LENGTH_MAX].decode(errors="replace")
        raise NotAnEvent(f"it is not JSON: {error} in {shown!r}") from error


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
