"""
The fast lane: batches that are provably plain, in about three microseconds an event.

A body passes only if cheap facts about the whole of it exclude everything that needs care: a
repeated key (the number of `":` in the bytes equals the number of keys decoded), a number in
exponent notation or with too many digits, an escape in an attribute, a name that is reserved, an
unreadable or absurd time.
Whatever does not pass goes to the careful lane, which decides each event by itself; both lanes give
the same answer for a batch that both can read.
"""

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import msgspec

from tallystick.app.ingest.parsed import (
    Columns,
    Parsed,
    Scope,
    batch_of,
    content_digests,
    identity_keys,
)
from tallystick.app.ingest.times import parse_times
from tallystick.app.ingest.wire import (
    DATA_BYTES_MAX,
    DATA_DEPTH_MAX,
    NO_DATA,
    UNREADABLE,
    WireEvent,
)
from tallystick.metering import RESERVED_SOURCES, RESERVED_TYPES

_EVENT = msgspec.json.Decoder(WireEvent)
_BATCH = msgspec.json.Decoder(list[WireEvent])
_PLAIN_CONTENT = frozenset({"", "application/json"})
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19
_RESERVED = tuple(f'"{start}'.encode() for start in (RESERVED_TYPES, RESERVED_SOURCES))
_SPACED_QUOTES = (b'" :', b'"  ', b'"\t', b'"\n', b'"\r')
_TOO_DEEP = -(2**40)


def parse_fast(body: bytes, scope: Scope) -> Parsed | None:
    """Return a JSON array of plain events in columns, None if any of it needs the careful lane."""
    try:
        events = _BATCH.decode(body)
    except UNREADABLE:
        return None
    return _parse(events, body, scope)


def parse_fast_each(raws: Sequence[bytes], scope: Scope) -> Parsed | None:
    """
    Return plain events, each a JSON text of its own, in columns; None as `parse_fast`.

    Each text is decoded by itself, so that no text can swallow or complete another.
    """
    try:
        events = [_EVENT.decode(raw) for raw in raws]
    except UNREADABLE:
        return None
    return _parse(events, b",".join(raws), scope)


def _parse(events: list[WireEvent], body: bytes, scope: Scope) -> Parsed | None:
    try:
        data = [bytes(event.data) for event in events]
        keys = _keys_in(data, flat=body.count(b"{") <= 2 * len(events))
    except UNREADABLE:
        return None
    if keys is None or not events or not _looks_plain(body, data):
        return None
    if any(reserved in body for reserved in _RESERVED):
        return None
    columns = _columns(events, data, scope)
    if keys + _attributes_in(events, columns) != body.count(b'":'):
        return None
    used_at = parse_times(columns.times, scope)
    if used_at is None or not {event.datacontenttype for event in events} <= _PLAIN_CONTENT:
        return None
    return Parsed(
        batch=batch_of(columns, used_at, scope),
        index=columns.index,
        keys=columns.keys,
        digests=columns.digests,
        rejections=(),
    )


def is_plain_data(data: Sequence[bytes]) -> bool:
    """Tell whether these are objects without repeated keys, unusual numbers or deep nesting."""
    try:
        keys = _keys_in(data, flat=False)
    except UNREADABLE:
        return False
    whole = b"\0".join(data)
    return keys == whole.count(b'":') and _looks_plain(whole, data)


def _looks_plain(body: bytes, data: Sequence[bytes]) -> bool:
    return not (
        b"\\" in body
        or _LONG_NUMBER in body.translate(_DIGITS)
        or any(spaced in body for spaced in _SPACED_QUOTES)
        or max(map(len, data)) > DATA_BYTES_MAX
    )


def _keys_in(data: Sequence[bytes], *, flat: bool) -> int | None:
    """Return how many members the objects have; None if a number has an exponent."""
    floats: list[str] = []
    decode = msgspec.json.Decoder(dict[str, Any], float_hook=floats.append).decode
    values = [decode(raw) for raw in data]
    numbers = "".join(floats)
    if "e" in numbers or "E" in numbers:
        return None
    return sum(map(len if flat else _count_keys, values))


def _attributes_in(events: list[WireEvent], columns: Columns) -> int:
    count = len(events)
    optional = (columns.subject, columns.sequence, [event.datacontenttype for event in events])
    return (
        4 * count
        + sum(count - texts.count("") for texts in optional)
        + (count - columns.times.count(None))
        + sum(event.data is not NO_DATA for event in events)
    )


def _columns(events: list[WireEvent], data: list[bytes], scope: Scope) -> Columns:
    source = [event.source for event in events]
    ids = [event.id for event in events]
    types = [event.type for event in events]
    subject = [event.subject for event in events]
    sequence = [event.sequence for event in events]
    times = [event.time or None for event in events]
    return Columns(
        index=list(range(len(events))),
        source=source,
        id=ids,
        type=types,
        subject=subject,
        sequence=sequence,
        times=times,
        data=list(data),
        keys=identity_keys(scope, source, ids),
        digests=content_digests(zip(types, subject, times, sequence, data, strict=True)),
    )


def _count_keys(value: object, depth: int = 1) -> int:
    """Return how many members a value has at all levels; absurdly few if it is nested too deep."""
    if not isinstance(value, dict | list):
        return 0
    if depth > DATA_DEPTH_MAX:
        return _TOO_DEEP
    items = value.values() if isinstance(value, dict) else value
    members = len(value) if isinstance(value, dict) else 0
    return members + sum(map(_count_keys, items, repeat(depth + 1)))
