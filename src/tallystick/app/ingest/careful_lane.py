"""
The careful lane: each event by itself, with a reason for each that cannot be taken.

Numbers are checked exactly (at most 20 integer and 18 fraction digits) and written in plain
notation, so that nothing downstream meets an exponent; repeated keys, deep nesting, unknown
attributes, texts with control characters and values that are not JSON are refused. What needs no
rewriting is kept as sent, so that both lanes store the same text.
"""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from tallystick.app.ingest.parsed import (
    Aged,
    Columns,
    Parsed,
    Scope,
    batch_of,
    content_digests,
    empty_columns,
    identity_keys,
)
from tallystick.app.ingest.report import Rejection
from tallystick.app.ingest.times import TOO_OLD, cut_fraction, parse_times, time_problem
from tallystick.app.ingest.wire import (
    ATTRIBUTES,
    CONTROL,
    DATA_BYTES_MAX,
    DATA_DEPTH_MAX,
    EXTENSION_NAME,
    UNREADABLE,
    WireEvent,
    is_json,
)
from tallystick.kernel import Misuse, check, parse_decimal, plain
from tallystick.metering import RESERVED_TYPES, is_reserved

_EVENT = msgspec.json.Decoder(WireEvent)
_BODY_BYTES_KEPT = 64 * 1024


class _Unacceptable(Exception):
    """Why an event cannot be taken."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.path = code, message, path


class _TooOld(_Unacceptable):
    """That nothing is wrong with an event but its age; `sent` is its data as sent."""

    def __init__(self, message: str, event: WireEvent, sent: bytes) -> None:
        super().__init__(TOO_OLD, message, "time")
        self.event, self.sent = event, sent


def as_member(data: bytes) -> bytes:
    """Return data to stand in an event's text: itself if it is one JSON value, else quoted."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except UNREADABLE:
        return msgspec.json.encode(data.decode(errors="replace"))
    return data


def parse_carefully(raws: Sequence[bytes], scope: Scope, *, offset: int = 0) -> Parsed:
    """Return what can be taken of these events, each a JSON text, and why the others cannot."""
    columns = empty_columns()
    rejections: list[Rejection] = []
    old: list[tuple[int, _TooOld]] = []
    for place, raw in enumerate(raws, start=offset):
        try:
            _take(columns, place, raw, scope)
        except _Unacceptable as refusal:
            if isinstance(refusal, _TooOld):
                old.append((len(rejections), refusal))
            rejections.append(_rejection(place, raw, refusal))
    used_at = parse_times([cut_fraction(time) or None for time in columns.times], scope)
    check(used_at is not None, "each time was checked by itself")
    contents = zip(
        columns.type, columns.subject, columns.times, columns.sequence, columns.sent, strict=True
    )
    return Parsed(
        batch=batch_of(columns, used_at, scope),
        index=columns.index,
        keys=identity_keys(scope, zip(columns.source, columns.id, strict=True)),
        digests=content_digests(scope, contents),
        rejections=tuple(rejections),
        aged=_aged(old, scope) if old else None,
    )


def _aged(old: Sequence[tuple[int, _TooOld]], scope: Scope) -> Aged:
    events = [(refusal.event, refusal.sent) for _, refusal in old]
    contents = (
        (event.type, event.subject, event.time, event.sequence, sent) for event, sent in events
    )
    return Aged(
        places=[place for place, _ in old],
        keys=identity_keys(scope, ((event.source, event.id) for event, _ in events)),
        digests=content_digests(scope, contents),
    )


def _take(columns: Columns, place: int, raw: bytes, scope: Scope) -> None:
    attributes = _load(raw)
    event = _typed(raw)
    _check_attributes(attributes, event)
    problem = time_problem(event.time, scope, event_type=event.type) if event.time else None
    if problem is not None and problem[0] != TOO_OLD:
        raise _Unacceptable(*problem, "time")
    sent = bytes(event.data)
    data = _data_text(attributes.get("data"), sent)
    if problem is not None:
        raise _TooOld(problem[1], event, sent)
    columns.index.append(place)
    columns.source.append(event.source)
    columns.id.append(event.id)
    columns.type.append(event.type)
    columns.subject.append(event.subject)
    columns.sequence.append(event.sequence)
    columns.times.append(event.time)
    columns.data.append(data)
    columns.sent.append(sent)


def _load(raw: bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not valid UTF-8"
        raise _Unacceptable("not_utf8", message) from error
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} at character {error.pos}"
        raise _Unacceptable("not_json", message) from error
    except RecursionError as error:
        raise _Unacceptable(*_TOO_DEEP) from error
    if not isinstance(loaded, dict):
        raise _Unacceptable(
            "not_an_object", "an event is a JSON object with CloudEvents attributes"
        )
    return loaded


_TOO_DEEP = ("too_deep", f"data is nested more than {DATA_DEPTH_MAX} levels", "data")


def _typed(raw: bytes) -> WireEvent:
    try:
        return _EVENT.decode(raw)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        raise _Unacceptable("attribute_invalid", message, path.strip(".`")) from error
    except RecursionError as error:
        raise _Unacceptable(*_TOO_DEEP) from error
    except msgspec.DecodeError as error:
        raise _Unacceptable("not_json", str(error)) from error


def _check_attributes(attributes: dict[str, Any], event: WireEvent) -> None:
    if "data_base64" in attributes or not is_json(event.datacontenttype):
        message = "data must be a JSON object; binary data cannot be metered"
        raise _Unacceptable("data_not_json", message, "data")
    for name in attributes.keys() - ATTRIBUTES:
        if not EXTENSION_NAME.fullmatch(name):
            message = (
                f"unknown attribute {name[:64]!r}; extension names are a-z and 0-9, at most 20"
            )
            raise _Unacceptable("attribute_unknown", message, name[:64])
    for name in ("id", "source", "type", "subject", "sequence"):
        if CONTROL.search(getattr(event, name)):
            raise _Unacceptable("control_character", f"{name} holds a control character", name)
    if is_reserved(type=event.type, source=event.source):
        named = "type" if event.type.startswith(RESERVED_TYPES) else "source"
        message = f"a {named} that begins with 'tallystick' is kept for corrections of events"
        raise _Unacceptable("reserved", message, named)


def _data_text(data: object, sent: bytes) -> str:
    if data is None:
        return "{}"
    if not isinstance(data, dict):
        message = "data must be a JSON object, so that a meter can name its values"
        raise _Unacceptable("data_not_an_object", message, "data")
    if len(sent) > DATA_BYTES_MAX:
        message = f"data has {len(sent)} bytes; at most {DATA_BYTES_MAX} are taken"
        raise _Unacceptable("data_too_long", message, "data")
    if _depth(data) > DATA_DEPTH_MAX:
        raise _Unacceptable(*_TOO_DEEP)
    return _written(data) if _has_exponent(sent) else sent.decode()


def _has_exponent(data: bytes) -> bool:
    numbers: list[str] = []
    json.loads(data, parse_float=numbers.append)
    return any("e" in number.lower() for number in numbers)


def _depth(value: object) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        level = [
            item
            for container in level
            for item in _items(container)
            if isinstance(item, dict | list)
        ]
    return depth


def _items(container: object) -> Iterable[object]:
    return container.values() if isinstance(container, dict) else container  # type: ignore[return-value] # only dicts and lists come here


def _written(value: object) -> str:
    """Return JSON text with every number in plain notation and members in the order sent."""
    if isinstance(value, dict):
        members = (
            f"{json.dumps(key, ensure_ascii=False)}:{_written(v)}" for key, v in value.items()
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return plain(value)
    return json.dumps(value, ensure_ascii=False)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # add returns None on purpose
        raise _Unacceptable(
            "key_repeated", f"the key {repeated[:64]!r} stands twice", repeated[:64]
        )
    return members


def _number(text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except Misuse as error:
        raise _Unacceptable("number_too_long", str(error), "data") from error


def _no_constant(text: str) -> NoReturn:
    raise _Unacceptable("not_a_number", f"{text} is not a JSON number", "data")


def _rejection(place: int, raw: bytes, refusal: _Unacceptable) -> Rejection:
    source, event_id, type_ = _names(raw)
    return Rejection(
        index=place,
        source=source,
        event_id=event_id,
        type=type_,
        code=refusal.code,
        message=refusal.message,
        path=refusal.path,
        body=raw[:_BODY_BYTES_KEPT],
    )


class _Names(msgspec.Struct):
    source: object = ""
    id: object = ""
    type: object = ""


def _names(raw: bytes) -> tuple[str, str, str]:
    """Return source, id and type of a rejected event as far as they can be read."""
    try:
        names = msgspec.json.decode(raw, type=_Names)
    except UNREADABLE:
        return "", "", ""
    return str(names.source)[:512], str(names.id)[:256], str(names.type)[:256]
