"""
Personal values in the text of an event's data: found, replaced, and pseudonyms found again.

The text of everything else stays byte by byte; only white space around the members of objects that
hold a personal value goes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from tallystick.kernel import check
from tallystick.personal.pseudonym import PREFIX, content_of, is_pseudonym

Members = dict[str, msgspec.Raw]

_MEMBERS = msgspec.json.Decoder(Members)
_STRING = msgspec.json.Decoder(str)
_NESTED_MAX = 32
_MARK = f'"{PREFIX}'


def values_at(data: str, paths: Iterable[str]) -> dict[str, str]:
    """
    Return the value at each path that has one, as `content_of` spells it.

    What is missing or null is no value.

    Example:
        >>> values_at('{"user": {"email": "j@x.org"}, "ip": null}', ["user.email", "ip", "name"])
        {'user.email': '"j@x.org"'}
    """
    members = _members(data.encode())
    found: dict[str, str] = {}
    for path in paths:
        raw = _raw_at(members, path.split("."))
        if raw and raw != b"null":
            found[path] = content_of(raw)
    return found


def with_values(data: str, values: Mapping[str, str]) -> str:
    """
    Return data in which other JSON values stand at some paths, each of which has one.

    Example:
        >>> with_values('{"n": 1.50, "user": {"email": "j@x.org"}}', {"user.email": '"psn"'})
        '{"n":1.50,"user":{"email":"psn"}}'
    """
    if not values:
        return data
    members = _members(data.encode())
    for path, content in values.items():
        _put(members, path.split("."), content.encode())
    return msgspec.json.encode(members).decode()


def pseudonyms_in(data: str) -> dict[str, str]:
    """
    Return every pseudonym by its path.

    Example:
        >>> name = "psn_" + 43 * "x"
        >>> pseudonyms_in('{"user": {"email": "%s"}, "n": 1}' % name) == {"user.email": name}
        True
    """
    if _MARK not in data:
        return {}
    return dict(_found(_members(data.encode()), ()))


def _found(members: Members, above: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, raw in members.items():
        content, names = bytes(raw), (*above, name)
        if content.startswith(_MARK.encode()):
            text = _STRING.decode(content)
            if is_pseudonym(text):
                yield ".".join(names), text
        elif content[:1] == b"{" and len(names) < _NESTED_MAX:
            yield from _found(_members(content), names)


def _members(content: bytes) -> Members:
    """Return the members of a JSON object; none for whatever is no object."""
    try:
        return _MEMBERS.decode(content)
    except msgspec.DecodeError:
        return {}


def _raw_at(members: Members, path: Sequence[str]) -> bytes:
    *parents, name = path
    for parent in parents:
        members = _members(bytes(members.get(parent, b"")))
    return bytes(members.get(name, b""))


def _put(members: Members, path: Sequence[str], content: bytes) -> None:
    name, *below = path
    check(name in members, "a personal value is replaced where it stands")
    if not below:
        members[name] = msgspec.Raw(content)
        return
    inner = _members(bytes(members[name]))
    _put(inner, below, content)
    members[name] = msgspec.Raw(msgspec.json.encode(inner))
