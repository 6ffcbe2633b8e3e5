"""
Fixes: how a refused event is rewritten before it is sent again.

A path names a member of the event or of the objects in it (`type`, `data.usage.bytes`). Fixes apply
in order; one that finds nothing to change changes nothing. What is not touched stays as it was
sent, to the digit.

| fix       | does                                                                   |
|-----------|------------------------------------------------------------------------|
| `rename`  | moves what stands at `path` to `to`                                    |
| `default` | writes `value` at `path` where nothing stands, or null                 |
| `set`     | writes `value` at `path`, whatever stands there                        |
| `map`     | replaces a text or number at `path` by what `values` has for it        |
| `time`    | sets the time of the usage: `to`, or the instant of the first receipt  |

An event without a time gets that of its first receipt: sending it again must not move its usage.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from tallystick.app.dead_letters import DeadLetter
from tallystick.kernel import Done, Outcome, instant_text, refuse

PATH_NAMES_MAX = 8
FIXES_MAX = 20
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_ABSENT = b"null"

Members = dict[str, msgspec.Raw]


class Rename(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="rename"):
    """Move a member; refused where something stands at `to`."""

    path: str
    to: str


class Default(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="default"):
    """Write a value where there is none."""

    path: str
    value: Any


class SetValue(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="set"):
    """Write a value."""

    path: str
    # Fixes are told apart by their fields in the digest of a command, which knows no tags.
    written: Any = msgspec.field(name="value")


class MapValues(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="map"):
    """Replace a value by its counterpart; the keys are its text as a string or a number has it."""

    path: str
    values: dict[str, Any]


class SetTime(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="time"):
    """Set the time of the usage; None: the instant at which the event was first received."""

    to: datetime | None = None


Fix = Rename | Default | SetValue | MapValues | SetTime


class _Unfixable(Exception):
    """Why a fix cannot be applied."""


def mend(letter: DeadLetter, fixes: Sequence[Fix]) -> Outcome[bytes]:
    """
    Return the event of a letter as it would be sent again.

    Problems:
        not_mendable: its text is no JSON object, was cut, or names a key twice, so that what was
            meant is not known; or a path leads through something that is no object.
    """
    body = letter.event.body
    if letter.event.code == "key_repeated":
        message = "a key stands twice in it, and nobody can tell which was meant"
        return refuse("not_mendable", message, letter.event.path)
    try:
        members = _MEMBERS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return refuse("not_mendable", "its text is no JSON object; send it anew from its source")
    received = instant_text(letter.event.received_at)
    try:
        for fix in fixes:
            _apply(fix, members, received)
    except _Unfixable as error:
        return refuse("not_mendable", str(error))
    if _raw(members, ["time"]) in (b"", _ABSENT):
        members["time"] = _encoded(received)
    return Done(_ENCODER.encode(members))


def _apply(fix: Fix, members: Members, received: str) -> None:
    match fix:
        case Rename():
            _rename(fix, members)
        case Default():
            if _raw(members, _names(fix.path)) in (b"", _ABSENT):
                _put(members, _names(fix.path), _encoded(fix.value))
        case SetValue():
            _put(members, _names(fix.path), _encoded(fix.written))
        case MapValues():
            _map(fix, members)
        case SetTime():
            to = received if fix.to is None else instant_text(fix.to)
            _put(members, ["time"], _encoded(to))


def _rename(fix: Rename, members: Members) -> None:
    source, target = _names(fix.path), _names(fix.to)
    raw = _raw(members, source)
    if not raw:
        return
    if _raw(members, target):
        raise _Unfixable(f"{fix.path} cannot be renamed: something stands at {fix.to}")
    _remove(members, source)
    _put(members, target, msgspec.Raw(raw))


def _map(fix: MapValues, members: Members) -> None:
    raw = _raw(members, _names(fix.path))
    text = json.loads(raw) if raw[:1] == b'"' else raw.decode()
    if raw and text in fix.values:
        _put(members, _names(fix.path), _encoded(fix.values[text]))


def _names(path: str) -> list[str]:
    names = path.split(".")
    if not all(names) or len(names) > PATH_NAMES_MAX:
        raise _Unfixable(f"{path[:60]!r} is not a path such as data.usage.bytes")
    return names


def _inner(members: Members, name: str) -> Members:
    try:
        return _MEMBERS.decode(members.get(name, b"{}"))
    except msgspec.DecodeError as error:
        raise _Unfixable(f"{name} is no object") from error


def _raw(members: Members, names: Sequence[str]) -> bytes:
    """Return the text at a path; empty where nothing stands."""
    for name in names[:-1]:
        members = _inner(members, name)
    return bytes(members.get(names[-1], b""))


def _put(members: Members, names: Sequence[str], raw: msgspec.Raw) -> None:
    if len(names) == 1:
        members[names[0]] = raw
        return
    inner = _inner(members, names[0])
    _put(inner, names[1:], raw)
    members[names[0]] = msgspec.Raw(_ENCODER.encode(inner))


def _remove(members: Members, names: Sequence[str]) -> None:
    if len(names) == 1:
        del members[names[0]]
        return
    inner = _inner(members, names[0])
    _remove(inner, names[1:])
    members[names[0]] = msgspec.Raw(_ENCODER.encode(inner))


def _encoded(value: object) -> msgspec.Raw:
    return msgspec.Raw(_ENCODER.encode(value))
