"""
RFC 3339 times to microseconds since 1970, compiled.

Read are four digits of year, `T`, seconds below 60, up to six digits of a fraction, and `Z` or an
offset of at most 23:59. Any other spelling is UNREAD, and decided where Arrow reads it.
"""

import numpy as np
import numpy.typing as npt

from tallystick.app.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

UNREAD = -(2**63)
MISSING = UNREAD + 1

_ZERO, _NINE, _DOT, _MINUS, _PLUS, _COLON, _T, _Z = 48, 57, 46, 45, 43, 58, 84, 90
_SHORTEST, _FRACTION_MAX, _OFFSET_LENGTH = 20, 6, 6
_MONTHS, _FEBRUARY, _HOURS, _MINUTES = 12, 2, 24, 60
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


@compiled
def _number(text: Bytes, at: int, digits: int) -> int:
    """Return the number that stands in so many digits, -1 if one of them is none."""
    value = 0
    for index in range(at, at + digits):
        if not _ZERO <= text[index] <= _NINE:
            return -1
        value = 10 * value + text[index] - _ZERO
    return value


@compiled
def _days(year: int, month: int, day: int) -> int:
    """Return the days since 1970-01-01 in the Gregorian calendar; UNREAD for none such."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not (year >= 1 and 1 <= month <= _MONTHS):
        return UNREAD
    last = 29 if leap and month == _FEBRUARY else _DAYS[month]
    if not 1 <= day <= last:
        return UNREAD
    # Years that begin in March end with the leap day.
    shifted = year - 1 if month <= _FEBRUARY else year
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400 + of_year - 719468


@compiled
def _zone_minutes(text: Bytes, at: int, end: int) -> int:
    """Return the offset from UTC that stands at the end of a time, UNREAD for none."""
    if end - at == 1 and text[at] == _Z:
        return 0
    if end - at != _OFFSET_LENGTH or text[at] not in (_PLUS, _MINUS) or text[at + 3] != _COLON:
        return UNREAD
    hours, minutes = _number(text, at + 1, 2), _number(text, at + 4, 2)
    if not (0 <= hours < _HOURS and 0 <= minutes < _MINUTES):
        return UNREAD
    offset = 60 * hours + minutes
    return -offset if text[at] == _MINUS else offset


@compiled
def _micros(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return the microseconds of a fraction of a second, and the place behind it."""
    micros, scale = 0, 100_000
    while at < end and _ZERO <= text[at] <= _NINE:
        micros += scale * (text[at] - _ZERO)
        scale //= 10
        at += 1
    return micros, at


@compiled
def _instant(text: Bytes, at: int, end: int) -> int:
    if end - at < _SHORTEST or text[at + 10] != _T:
        return UNREAD
    if not (text[at + 4] == text[at + 7] == _MINUS and text[at + 13] == text[at + 16] == _COLON):
        return UNREAD
    days = _days(_number(text, at, 4), _number(text, at + 5, 2), _number(text, at + 8, 2))
    hour, minute = _number(text, at + 11, 2), _number(text, at + 14, 2)
    second = _number(text, at + 17, 2)
    clock = 0 <= hour < _HOURS and 0 <= minute < _MINUTES and 0 <= second < _MINUTES
    if days == UNREAD or not clock:
        return UNREAD
    micros, behind = 0, at + 19
    if text[behind] == _DOT:
        micros, behind = _micros(text, at + 20, end)
        if not 0 < behind - at - 20 <= _FRACTION_MAX:
            return UNREAD
    offset = _zone_minutes(text, behind, end)
    if offset == UNREAD:
        return UNREAD
    minutes = (days * _HOURS + hour) * _MINUTES + minute - offset
    return (minutes * 60 + second) * 1_000_000 + micros


@compiled
def read_instants(text: Bytes, starts: Places, ends: Places) -> Places:
    """Return for each part of a text its instant, MISSING where it is empty, or UNREAD."""
    instants = np.empty(len(starts), np.int64)
    for row in range(len(starts)):
        empty = ends[row] <= starts[row]
        instants[row] = MISSING if empty else _instant(text, starts[row], ends[row])
    return instants
