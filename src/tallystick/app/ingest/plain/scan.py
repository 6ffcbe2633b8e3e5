"""
Reading plain events: one pass over the bytes of a body, compiled.

An event is plain if nothing in it asks for a decision: CloudEvents attributes as strings without
escapes or control characters and within their lengths, a time in RFC 3339 with at most six digits
of a second, `data` a JSON object in which no key repeats and each number has at most 18 digits on
either side of the point and no exponent. Everything else is NOT_PLAIN, which is no judgement: the
careful lane decides then. What passes here, passes there with the same row.

The caller sees to UTF-8. Places are offsets into the text; ends are exclusive.
"""

import numpy as np
import numpy.typing as npt

from tallystick.app.compiled import compiled
from tallystick.app.ingest import wire

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

NOT_PLAIN = -1
ID, SOURCE, TYPE, SUBJECT, TIME, SEQUENCE, DATA, CONTENT_TYPE, VERSION = range(9)
FIELDS = 9
_EXTENSION = FIELDS
_EXTENSIONS_MAX, _EXTENSION_LENGTH_MAX, TIME_LENGTH_MAX = 8, 20, 40
DEPTH_MAX, KEYS_MAX, DIGITS_MAX = 16, 64, 18
_NAMES_ROOM = KEYS_MAX + DEPTH_MAX
_FIELDS = {  # name and greatest length, in the order of the numbers above
    b"id": wire.ID_LENGTH_MAX,
    b"source": wire.SOURCE_LENGTH_MAX,
    b"type": wire.TYPE_LENGTH_MAX,
    b"subject": wire.SUBJECT_LENGTH_MAX,
    b"time": TIME_LENGTH_MAX,
    b"sequence": wire.SEQUENCE_LENGTH_MAX,
    b"data": wire.DATA_BYTES_MAX,
    b"datacontenttype": len("application/json"),
    b"specversion": len("1.0"),
}
_LENGTHS_MAX = np.array(list(_FIELDS.values()), np.int64)
_NAME_LENGTHS = np.array([len(name) for name in _FIELDS], np.int64)
_NAMES = np.array([list(name.ljust(16)) for name in _FIELDS], np.uint8)
_JSON_TYPE = np.frombuffer(b"application/json", np.uint8)
_ONE = np.frombuffer(b"1.0", np.uint8)
_TRUE, _FALSE, _NULL = (np.frombuffer(word, np.uint8) for word in (b"true", b"false", b"null"))

_QUOTE, _BACKSLASH, _COMMA, _COLON, _DOT, _MINUS, _PLUS = 34, 92, 44, 58, 46, 45, 43
_OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST = 123, 125, 91, 93
_ZERO, _NINE, _SPACE, _DELETE, _LOWER_A, _LOWER_Z, _LOWER_U = 48, 57, 32, 127, 97, 122, 117
_LOWER_D, _LOWER_F, _SEVEN = 100, 102, 55
_KEY, _FIRST_KEY, _VALUE, _FIRST_VALUE, _NEXT = range(5)


def new_room() -> Places:
    """Return what `after_event` needs to remember keys, levels and names; reusable."""
    return np.zeros((_NAMES_ROOM + _EXTENSIONS_MAX, 2), np.int64)


@compiled
def after_space(text: Bytes, at: int, end: int) -> int:
    """Return the first place that is no JSON white space."""
    while at < end and text[at] in (_SPACE, 9, 10, 13):
        at += 1
    return at


@compiled
def _alike(text: Bytes, start: int, other: Bytes, first: int, length: int) -> bool:
    for index in range(length):  # noqa: SIM110 - compiled as a loop
        if text[start + index] != other[first + index]:
            return False
    return True


@compiled
def _same(text: Bytes, start: int, end: int, word: Bytes) -> bool:
    if end - start != len(word):
        return False
    return _alike(text, start, word, 0, len(word))


@compiled
def _after_name(text: Bytes, at: int, end: int) -> int:
    """Return the place of the closing quote of a string without escapes; it begins at `at`."""
    while at < end:
        byte = text[at]
        if byte == _QUOTE:
            return at
        if byte < _SPACE or byte in (_BACKSLASH, _DELETE):
            return NOT_PLAIN
        at += 1
    return NOT_PLAIN


@compiled
def _after_escape(text: Bytes, at: int, end: int) -> int:
    """Return the place behind an escape; `at` is behind the backslash. No surrogates."""
    if at >= end:
        return NOT_PLAIN
    byte = text[at]
    if byte in (_QUOTE, _BACKSLASH, 47, 98, 102, 110, 114, 116):
        return at + 1
    if byte != _LOWER_U or at + 5 > end:
        return NOT_PLAIN
    for index in range(1, 5):
        digit = text[at + index] | 32
        if not (_ZERO <= digit <= _NINE or _LOWER_A <= digit <= _LOWER_F):
            return NOT_PLAIN
    if text[at + 1] | 32 == _LOWER_D and text[at + 2] > _SEVEN:  # a surrogate
        return NOT_PLAIN
    return at + 5


@compiled
def _after_string(text: Bytes, at: int, end: int) -> int:
    """Return the place behind the string whose first character stands at `at`."""
    while at < end:
        byte = text[at]
        if byte == _QUOTE:
            return at + 1
        if byte < _SPACE:
            return NOT_PLAIN
        at += 1
        if byte == _BACKSLASH:
            at = _after_escape(text, at, end)
            if at < 0:
                return NOT_PLAIN
    return NOT_PLAIN


@compiled
def _after_digits(text: Bytes, at: int, end: int) -> int:
    start = at
    while at < end and _ZERO <= text[at] <= _NINE:
        at += 1
    return at if 0 < at - start <= DIGITS_MAX else NOT_PLAIN


@compiled
def _after_number(text: Bytes, at: int, end: int) -> int:
    if text[at] == _MINUS:
        at += 1
    start = at
    at = _after_digits(text, at, end)
    if at < 0 or (text[start] == _ZERO and at > start + 1):
        return NOT_PLAIN
    if at < end and text[at] == _DOT:
        at = _after_digits(text, at + 1, end)
        if at < 0:
            return NOT_PLAIN
    if at < end and text[at] in (69, 101):  # an exponent
        return NOT_PLAIN
    return at


@compiled
def _after_scalar(text: Bytes, at: int, end: int) -> int:
    byte = text[at]
    if byte == _QUOTE:
        return _after_string(text, at + 1, end)
    if byte == _MINUS or _ZERO <= byte <= _NINE:
        return _after_number(text, at, end)
    for word in (_TRUE, _FALSE, _NULL):
        if _same(text, at, min(end, at + len(word)), word):
            return at + len(word)
    return NOT_PLAIN


@compiled
def _is_new_key(text: Bytes, keys: Places, first: int, top: int) -> bool:
    """Tell whether the key in row `top` differs from those of its object, from `first` on."""
    start, end = keys[top, 0], keys[top, 1]
    for row in range(first, top):
        alike = keys[row, 1] - keys[row, 0] == end - start
        if alike and _alike(text, keys[row, 0], text, start, end - start):
            return False
    return True


@compiled
def _after_key(  # noqa: PLR0913, PLR0917 - compiled code takes numbers, not objects
    text: Bytes, at: int, end: int, keys: Places, first: int, top: int
) -> int:
    """Return the place behind `"key":`, the key noted in row `top`; NOT_PLAIN if it repeats."""
    if text[at] != _QUOTE or top >= KEYS_MAX:
        return NOT_PLAIN
    close = _after_name(text, at + 1, end)
    if close < 0:
        return NOT_PLAIN
    keys[top, 0], keys[top, 1] = at + 1, close
    if not _is_new_key(text, keys, first, top):
        return NOT_PLAIN
    at = after_space(text, close + 1, end)
    return at + 1 if at < end and text[at] == _COLON else NOT_PLAIN


@compiled
def after_object(  # noqa: C901 - one loop over five states
    text: Bytes, at: int, end: int, keys: Places, levels: Places
) -> int:
    """
    Return the place behind the JSON object that begins at `at`, NOT_PLAIN if it is not plain.

    `keys` has KEYS_MAX rows for start and end, `levels` DEPTH_MAX rows for whether the level is an
    object and its first row of `keys`; what stands in them does not matter.
    """
    if at >= end or text[at] != _OPEN:
        return NOT_PLAIN
    depth, top, expected = 1, 0, _FIRST_KEY
    levels[0, 0], levels[0, 1] = 1, 0
    at += 1
    while True:
        at = after_space(text, at, end)
        if at >= end:
            return NOT_PLAIN
        byte = text[at]
        empty = (expected == _FIRST_KEY and byte == _CLOSE) or (
            expected == _FIRST_VALUE and byte == _CLOSE_LIST
        )
        if empty or expected == _NEXT:
            if not empty and byte == _COMMA:
                at += 1
                expected = _KEY if levels[depth - 1, 0] else _VALUE
                continue
            if byte != (_CLOSE if levels[depth - 1, 0] else _CLOSE_LIST):
                return NOT_PLAIN
            at += 1
            depth -= 1
            top, expected = levels[depth, 1], _NEXT
            if depth == 0:
                return at
        elif expected in (_KEY, _FIRST_KEY):
            at = _after_key(text, at, end, keys, levels[depth - 1, 1], top)
            top, expected = top + 1, _VALUE
        elif byte in (_OPEN, _OPEN_LIST):
            if depth == DEPTH_MAX:
                return NOT_PLAIN
            levels[depth, 0], levels[depth, 1] = byte == _OPEN, top
            expected = _FIRST_KEY if byte == _OPEN else _FIRST_VALUE
            depth, at = depth + 1, at + 1
        else:
            at, expected = _after_scalar(text, at, end), _NEXT
        if at < 0:
            return NOT_PLAIN


@compiled
def _field_of(text: Bytes, start: int, end: int) -> int:
    """Return which attribute bears this name, _EXTENSION for another lawful name."""
    for field in range(FIELDS):
        length = _NAME_LENGTHS[field]
        if length == end - start and _same(text, start, end, _NAMES[field, :length]):
            return field
    if not 0 < end - start <= _EXTENSION_LENGTH_MAX:
        return NOT_PLAIN
    for at in range(start, end):
        byte = text[at]
        if not (_LOWER_A <= byte <= _LOWER_Z or _ZERO <= byte <= _NINE):
            return NOT_PLAIN
    return _EXTENSION


@compiled
def _is_new_name(text: Bytes, start: int, end: int, names: Places) -> bool:
    """Note an extension's name in the first free row; False if it is there, or none is free."""
    for row in range(_EXTENSIONS_MAX):
        if names[row, 0] < 0:
            names[row, 0], names[row, 1] = start, end
            return _is_new_key(text, names, 0, row)
    return False


@compiled
def _after_member(  # noqa: PLR0911 - each way of not being plain
    text: Bytes, at: int, end: int, span: Places, room: Places
) -> int:
    """Return the place behind a member of an event, noting where the value of a field stands."""
    close = _after_name(text, at + 1, end) if text[at] == _QUOTE else NOT_PLAIN
    if close < 0:
        return NOT_PLAIN
    field = _field_of(text, at + 1, close)
    name, at = at + 1, after_space(text, close + 1, end)
    if field < 0 or at >= end or text[at] != _COLON:
        return NOT_PLAIN
    at = after_space(text, at + 1, end)
    if at >= end:
        return NOT_PLAIN
    if field == _EXTENSION:
        fresh = _is_new_name(text, name, close, room[_NAMES_ROOM:])
        return _after_scalar(text, at, end) if fresh else NOT_PLAIN
    if span[2 * field] >= 0:
        return NOT_PLAIN
    if field == DATA:
        span[2 * field], at = at, after_object(text, at, end, room, room[KEYS_MAX:])
        span[2 * field + 1] = at
        return at
    span[2 * field] = at + 1
    at = _after_name(text, at + 1, end) if text[at] == _QUOTE else NOT_PLAIN
    span[2 * field + 1] = at
    return at + 1 if at >= 0 else NOT_PLAIN


@compiled
def _is_lawful(text: Bytes, span: Places) -> bool:
    """Tell whether a whole event has what it must have, within its lengths."""
    for field in range(FIELDS):
        length = span[2 * field + 1] - span[2 * field]
        if length > _LENGTHS_MAX[field] or (length == 0 and field in (ID, SOURCE, TYPE)):
            return False
        if span[2 * field] < 0 and field in (ID, SOURCE, TYPE, VERSION):
            return False
    kind, ends = span[2 * CONTENT_TYPE], span[2 * CONTENT_TYPE + 1]
    return _same(text, span[2 * VERSION], span[2 * VERSION + 1], _ONE) and (
        ends <= kind or _same(text, kind, ends, _JSON_TYPE)
    )


@compiled
def after_event(text: Bytes, at: int, end: int, span: Places, room: Places) -> int:
    """
    Return the place behind the event that begins at `at`, NOT_PLAIN if it is not plain.

    `span` is filled with start and end of each field, -1 where it is missing; `room` is
    `new_room()`.
    """
    span[:] = -1
    room[_NAMES_ROOM:, 0] = -1
    if at >= end or text[at] != _OPEN:
        return NOT_PLAIN
    at = after_space(text, at + 1, end)
    while at < end:
        at = _after_member(text, at, end, span, room)
        if at < 0:
            return NOT_PLAIN
        at = after_space(text, at, end)
        if at < end and text[at] == _CLOSE:
            return at + 1 if _is_lawful(text, span) else NOT_PLAIN
        if at >= end or text[at] != _COMMA:
            return NOT_PLAIN
        at = after_space(text, at + 1, end)
    return NOT_PLAIN


@compiled
def scan_array(text: Bytes, spans: Places, room: Places) -> int:
    """Return how many events an array holds, NOT_PLAIN if one is not plain or no row is left."""
    end = len(text)
    at = after_space(text, 0, end)
    if at >= end or text[at] != _OPEN_LIST:
        return NOT_PLAIN
    at, row = after_space(text, at + 1, end), 0
    while row < len(spans):
        at = after_event(text, at, end, spans[row], room)
        if at < 0:
            return NOT_PLAIN
        row, at = row + 1, after_space(text, at, end)
        if at < end and text[at] == _CLOSE_LIST:
            return row if after_space(text, at + 1, end) == end else NOT_PLAIN
        if at >= end or text[at] != _COMMA:
            return NOT_PLAIN
        at = after_space(text, at + 1, end)
    return NOT_PLAIN


@compiled
def scan_each(text: Bytes, ends: Places, spans: Places, room: Places) -> int:
    """
    Return how many events stand one in each part of a text, NOT_PLAIN if one is not plain.

    Part k ends at `ends[k]`, where the next begins; parts of white space are passed over.
    """
    start, row = 0, 0
    for end in ends:
        at = after_space(text, start, end)
        start = end
        if at == end:
            continue
        at = after_event(text, at, end, spans[row], room)
        if at < 0 or after_space(text, at, end) != end:
            return NOT_PLAIN
        row += 1
    return row


@compiled
def are_plain_columns(text: Bytes, spans: Places, room: Places) -> bool:
    """Tell whether events given by the places of their fields are plain; texts stand unescaped."""
    for row in range(len(spans)):
        span = spans[row]
        for field in (ID, SOURCE, TYPE, SUBJECT, SEQUENCE, TIME, DATA):
            start, end = span[2 * field], span[2 * field + 1]
            if end - start > _LENGTHS_MAX[field] or (end <= start and field in (ID, SOURCE, TYPE)):
                return False
            for at in range(start, end if field != DATA else start):
                if text[at] < _SPACE or text[at] == _DELETE:
                    return False
        start, end = span[2 * DATA], span[2 * DATA + 1]
        if end > start and after_object(text, start, end, room, room[KEYS_MAX:]) != end:
            return False
    return True
