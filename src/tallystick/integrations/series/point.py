"""One point of a series, and the event it is."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Literal, TypeAlias

import msgspec

from tallystick.kernel import (
    EXACT,
    FRACTION_DIGITS_MAX,
    canonical_json,
    from_micros,
    instant_text,
    plain,
)

DIGEST_LENGTH = 32
MICROS_PER_SECOND = 1_000_000
SLOT = re.compile(r"\{([^{}]+)\}")
MICROS_MAX = 253_402_300_800_000_000  # the year 10000
LAST_PLACE = Decimal(1).scaleb(-FRACTION_DIGITS_MAX)
Fractions: TypeAlias = Literal["refuse", "round"]
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_]")


class UnusableValue(ValueError):
    """The value is no quantity; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """
    A point of a series.

    Attributes:
        source, type, subject: of the event.
        series: digest of all that tells the series from others.
        micros: the point's time, microseconds since 1970, UTC.
        data: JSON members, numbers as text that is a JSON number (see `number_text`).
    """

    source: str
    type: str
    subject: str
    series: str
    micros: int
    data: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Received:
    """The events of a body, what could not be one, the latest time, and all times in seconds."""

    texts: list[bytes] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    newest_micros: int = 0
    seconds: set[int] = field(default_factory=set)

    def add(self, point: Point) -> None:
        """Take a point; one of a time that no calendar has is refused."""
        if not 0 <= point.micros < MICROS_MAX:
            self.refused.append(f"{point.type}: its time lies outside of the years 1970 to 9999")
            return
        self.texts.append(point_text(point))
        self.newest_micros = max(self.newest_micros, point.micros)
        self.seconds.add(point.micros // MICROS_PER_SECOND)

    @property
    def newest_at(self) -> datetime | None:
        return from_micros(self.newest_micros) if self.newest_micros else None


def point_text(point: Point) -> bytes:
    """Return the event of a point as one line of JSON."""
    event = {
        "specversion": "1.0",
        "id": f"{point.series}:{point.micros}",
        "source": point.source,
        "type": point.type,
        "subject": point.subject,
        "time": instant_text(from_micros(point.micros)),
        "data": {**point.data, "series": point.series},
    }
    return msgspec.json.encode(event)


def number_text(value: float, fractions: Fractions = "refuse") -> msgspec.Raw:
    """
    Return a number of the wire as an exact JSON number, the shortest that means it.

    Args:
        value: of the wire.
        fractions: `refuse` leaves what lies behind the 18th digit to the gate, which refuses the
            event; `round` rounds to 18 digits, half away from zero.

    Raises:
        UnusableValue: it is NaN or infinite.

    Example:
        >>> [bytes(number_text(each)).decode() for each in (0.1, 1e-7, 12, 1e22)]
        ['0.1', '0.0000001', '12', '10000000000000000000000']
        >>> bytes(number_text(0.00012345678901234565, "round")).decode()
        '0.000123456789012346'
    """
    if not math.isfinite(value):
        raise UnusableValue(f"{value} is no quantity")
    written = Decimal(repr(value))
    if fractions == "round" and -int(written.as_tuple().exponent) > FRACTION_DIGITS_MAX:
        written = written.quantize(LAST_PLACE, rounding=ROUND_HALF_UP, context=EXACT)
    return msgspec.Raw(plain(written).encode())


def series_digest(*parts: object) -> str:
    """Return what names a series: the digest of all that tells it from others."""
    return sha256(canonical_json(parts)).hexdigest()[:DIGEST_LENGTH]


def filled(template: str, attributes: Mapping[str, str]) -> str:
    """
    Return a template filled in with attributes; empty if one of them is missing.

    Example:
        >>> filled("{tenant.id}/{host}", {"tenant.id": "acme", "host": "a"})
        'acme/a'
        >>> filled("{tenant.id}", {})
        ''
    """
    if not all(attributes.get(name) for name in SLOT.findall(template)):
        return ""
    return SLOT.sub(lambda match: attributes[match[1]], template)


def plain_names(attributes: Mapping[str, str]) -> dict[str, str]:
    """
    Return attributes under names that a meter can speak of.

    Example:
        >>> plain_names({"http.request.method": "GET"})
        {'http_request_method': 'GET'}
    """
    return {_NOT_PLAIN.sub("_", name): attributes[name] for name in sorted(attributes)}


def wanted(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether a metric is to be taken; without patterns all are."""
    return not patterns or any(fnmatchcase(name, each) for each in patterns)
