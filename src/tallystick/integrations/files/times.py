"""
Time columns as RFC 3339 text, a column at a time.

Whole seconds, milliseconds and microseconds are converted as columns; whatever is written
otherwise is decided row by row. A time without offset needs the mapping's `zone`; the hour that a
clock passes twice in autumn is then read as its first pass.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_FLOOR

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.integrations.files.mapping import TimeFormat, TimeRule
from tallystick.integrations.files.numbers import Converted
from tallystick.kernel import (
    Misuse,
    from_micros,
    instant,
    instant_text,
    micros,
    parse_decimal,
    time_zone,
)

MICROSECONDS = {
    TimeFormat.UNIX_S: 1_000_000,
    TimeFormat.UNIX_MS: 1_000,
    TimeFormat.UNIX_US: 1,
}
WHOLE = r"^-?[0-9]{1,16}$"
RFC3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$"
# Microseconds of the years 1 to 9999, which a datetime can hold.
MICROS_MIN, MICROS_MAX = -62_135_596_800_000_000, 253_402_300_799_999_999

_MONTHS = {
    name: f"{place:02d}"
    for place, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_CLF = re.compile(r"(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})")


def time_texts(texts: pa.Array, rule: TimeRule) -> Converted:
    """
    Return instants as text that names them in full.

    Example:
        >>> rule = TimeRule(column="t", format=TimeFormat.UNIX_MS)
        >>> time_texts(pa.array(["1767225600500"]), rule).texts.to_pylist()
        ['2026-01-01T00:00:00.500000Z']
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    if rule.format in MICROSECONDS:
        return _counted(trimmed, rule)
    if rule.format is TimeFormat.RFC3339 and _all_match(trimmed, RFC3339):
        return Converted(texts=trimmed, problems={})
    parse = {
        TimeFormat.RFC3339: _from_rfc3339,
        TimeFormat.CLF: _from_clf,
        TimeFormat.PATTERN: _from_pattern,
    }[rule.format]
    return _row_by_row(trimmed, lambda text: parse(text, rule))


def timestamp_texts(stamps: pa.Array) -> pa.Array:
    """Return a timestamp column that has a zone as text; digits behind microseconds are cut."""
    return _written(pc.cast(stamps, pa.timestamp("us", tz="UTC"), safe=False))


def _written(stamps: pa.Array) -> pa.Array:
    """Return microseconds in UTC as text, by way of Arrow's own form: fast only without zone."""
    local = pc.cast(pc.cast(stamps, pa.timestamp("us")), pa.string())
    named = pc.replace_substring(local, " ", "T", max_replacements=1)
    return pc.binary_join_element_wise(named, "Z", "")


def _counted(texts: pa.Array, rule: TimeRule) -> Converted:
    factor = MICROSECONDS[rule.format]
    origin = micros(rule.origin) if rule.origin else 0
    if _all_match(texts, WHOLE):
        counts = pc.multiply(pc.cast(texts, pa.int64()), 1)
        low, high = ((bound - origin) // factor for bound in (MICROS_MIN, MICROS_MAX))
        inside = pc.and_(pc.greater(counts, low), pc.less(counts, high))
        if pc.all(inside, min_count=0).as_py():
            instants = pc.add(pc.multiply(counts, factor), origin)
            return Converted(texts=_written(instants.cast(pa.timestamp("us"))), problems={})
    return _row_by_row(texts, lambda text: _from_count(text, factor, origin))


def _all_match(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py())


def _row_by_row(texts: pa.Array, parse: Callable[[str], str]) -> Converted:
    values: list[str | None] = []
    problems: dict[int, str] = {}
    for place, text in enumerate(texts.to_pylist()):
        try:
            values.append(None if text is None else parse(text))
        except Misuse as error:
            problems[place] = str(error)
            values.append(None)
    return Converted(texts=pa.array(values, pa.string()), problems=problems)


def _from_count(text: str, factor: int, origin: int) -> str:
    count = int((parse_decimal(text) * factor).to_integral_value(ROUND_FLOOR)) + origin
    if not MICROS_MIN <= count <= MICROS_MAX:
        msg = f"{text} lies outside the years 1 to 9999; is `time.format` right?"
        raise Misuse(msg)
    return instant_text(from_micros(count))


def _from_rfc3339(text: str, rule: TimeRule) -> str:
    try:
        return instant_text(instant(text))
    except Misuse:
        if not rule.zone:
            raise
    return _zoned(_parsed(text, datetime.fromisoformat, "2026-01-31T13:00:00"), rule)


def _from_clf(text: str, rule: TimeRule) -> str:
    found = _CLF.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        msg = f"{text!r} is not a time such as 17/May/2015:10:05:03 +0000"
        raise Misuse(msg)
    day, month, year, clock, hours, minutes = found.groups()
    del rule
    return instant_text(instant(f"{year}-{_MONTHS[month]}-{day}T{clock}{hours}:{minutes}"))


def _from_pattern(text: str, rule: TimeRule) -> str:
    def parse(given: str) -> datetime:
        return datetime.strptime(given, rule.pattern)  # noqa: DTZ007 - _zoned adds the zone

    return _zoned(_parsed(text, parse, rule.pattern), rule)


def _parsed(text: str, parse: Callable[[str], datetime], example: str) -> datetime:
    try:
        return parse(text)
    except ValueError as error:
        msg = f"{text[:60]!r} is not a time of the form {example}"
        raise Misuse(msg) from error


def _zoned(at: datetime, rule: TimeRule) -> str:
    if at.tzinfo is None:
        if not rule.zone:
            msg = f"{at.isoformat()} has no offset; name the zone under `time.zone` in the mapping"
            raise Misuse(msg)
        at = at.replace(tzinfo=time_zone(rule.zone))
    return instant_text(at.astimezone(UTC))
