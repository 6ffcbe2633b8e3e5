"""
Event data with its numbers in quotes, where ClickHouse would hurt them.

ClickHouse reads a JSON number as a double and would lose digits; as text it stays what was sent.

    {"a": 1.10, "b": "2"}   becomes   {"a": "1.10", "b": "2"}

Most data needs no such care and is not stored twice: a number is hurt only if it has more than 15
characters, an exponent, a fraction that ends in zero, is smaller than 0.001 or is minus zero.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallystick.app.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

_SAFE_LENGTH = 15
_QUOTE, _BACKSLASH, _MINUS, _PLUS, _DOT, _ZERO, _NINE = 34, 92, 45, 43, 46, 48, 57
_UPPER_E, _LOWER_E = 69, 101
_TINY = 3


def quote_numbers(data: pa.StringArray) -> pa.StringArray:
    """
    Return for each JSON text the same with its numbers as strings, empty where none needs it.

    The texts must be JSON; no value may be missing.
    """
    _, offsets_buffer, text_buffer = data.buffers()
    narrow = np.frombuffer(offsets_buffer, np.int32)[data.offset : data.offset + len(data) + 1]
    offsets = narrow.astype(np.int64)  # one type, one compilation
    text = np.frombuffer(text_buffer, np.uint8) if text_buffer else np.empty(0, np.uint8)
    sizes = _quoted_sizes(text, offsets)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    quoted = _quoted(text, offsets, ends, np.empty(int(ends[-1]), np.uint8))
    places = pa.py_buffer(ends.astype(np.int32))
    return pa.StringArray.from_buffers(len(data), places, pa.py_buffer(quoted))


@compiled
def _end_of_string(text: Bytes, at: int, end: int) -> int:
    """Return the place behind the closing quote of the string that begins at `at`."""
    at += 1
    while at < end and text[at] != _QUOTE:
        at += 2 if text[at] == _BACKSLASH else 1
    return at + 1


@compiled
def _end_of_number(text: Bytes, at: int, end: int) -> int:
    while at < end:
        byte = text[at]
        digit = _ZERO <= byte <= _NINE
        if not (digit or byte in (_DOT, _MINUS, _PLUS, _UPPER_E, _LOWER_E)):
            break
        at += 1
    return at


@compiled
def _is_delicate(text: Bytes, start: int, end: int) -> bool:
    if end - start > _SAFE_LENGTH:
        return True
    dot = -1
    for at in range(start, end):
        byte = text[at]
        if byte in (_UPPER_E, _LOWER_E):
            return True
        if byte == _DOT:
            dot = at
    first = start + 1 if text[start] == _MINUS else start
    if dot < 0:
        return first > start and text[first] == _ZERO
    zeros = 0
    while dot + 1 + zeros < end and text[dot + 1 + zeros] == _ZERO:
        zeros += 1
    tiny = text[first] == _ZERO and zeros >= _TINY
    return tiny or text[end - 1] == _ZERO


@compiled
def _quoted_sizes(text: Bytes, offsets: Offsets) -> Offsets:
    """Return how long each text will be; 0 where no number needs quotes."""
    rows = len(offsets) - 1
    sizes = np.zeros(rows, np.int64)
    for row in range(rows):
        at, end = offsets[row], offsets[row + 1]
        numbers, delicate = 0, False
        while at < end:
            byte = text[at]
            if byte == _QUOTE:
                at = _end_of_string(text, at, end)
            elif byte == _MINUS or _ZERO <= byte <= _NINE:
                start, at = at, _end_of_number(text, at, end)
                numbers += 1
                delicate = delicate or _is_delicate(text, start, at)
            else:
                at += 1
        if delicate:
            sizes[row] = offsets[row + 1] - offsets[row] + 2 * numbers
    return sizes


@compiled
def _copy(text: Bytes, start: int, end: int, into: Bytes, place: int) -> int:
    for at in range(start, end):
        into[place] = text[at]
        place += 1
    return place


@compiled
def _quoted(text: Bytes, offsets: Offsets, ends: Offsets, into: Bytes) -> Bytes:
    """Fill `into`; row k has the place from `ends[k]` to `ends[k + 1]`."""
    for row in range(len(offsets) - 1):
        place = ends[row]
        if place == ends[row + 1]:
            continue
        at, end = offsets[row], offsets[row + 1]
        while at < end:
            start, byte = at, text[at]
            if byte == _QUOTE:
                at = _end_of_string(text, at, end)
                place = _copy(text, start, at, into, place)
            elif byte == _MINUS or _ZERO <= byte <= _NINE:
                at = _end_of_number(text, at, end)
                into[place] = _QUOTE
                place = _copy(text, start, at, into, place + 1)
                into[place] = _QUOTE
                place += 1
            else:
                at += 1
                place = _copy(text, start, at, into, place)
    return into
