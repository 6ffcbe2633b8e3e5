"""
Event times: RFC 3339 text to instants, a whole column at a time.

Arrow's parser is the definition of what is a time; nothing is guessed. Digits after the sixth of a
second are cut off, since instants have microseconds.
"""

import re
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.ingest.columns import INSTANT
from tallystick.app.ingest.parsed import Scope

TOO_OLD = "too_old"
_FRACTION = re.compile(r"(\.\d{6})\d+")


def parse_times(texts: list[str | None], scope: Scope) -> pa.Array | None:
    """
    Return instants, with the instant of receipt where no time was sent.

    None means that at least one text is not a time; the span is checked event by event.
    """
    try:
        used_at = pc.cast(pa.array(texts, pa.string()), INSTANT)
    except pa.ArrowInvalid:
        return None
    if used_at.null_count:
        used_at = used_at.fill_null(pa.scalar(scope.received_at, INSTANT))
    return used_at


def time_problem(text: str, scope: Scope, *, event_type: str) -> tuple[str, str] | None:
    """Return code and message for a time that cannot be taken, None for a good one."""
    try:
        used_at = pc.cast(pa.array([cut_fraction(text)], pa.string()), INSTANT)
    except pa.ArrowInvalid:
        return (
            "time_invalid",
            f"{text[:64]!r} is not an RFC 3339 time with a zone, such as 2026-01-31T12:00:00Z",
        )
    return _problem_of_span(used_at, scope, earliest=scope.earliest_of(event_type))


def cut_fraction(text: str) -> str:
    """Return the text with at most six digits of a second's fraction."""
    return _FRACTION.sub(r"\1", text, count=1)


def _problem_of_span(
    used_at: pa.Array, scope: Scope, *, earliest: datetime
) -> tuple[str, str] | None:
    span = pc.min_max(used_at)
    if (
        span["max"].cast(pa.int64()).as_py()
        > pa.scalar(scope.latest, INSTANT).cast(pa.int64()).as_py()
    ):
        return "time_in_future", f"the time lies after {scope.latest.isoformat()}, an hour from now"
    if span["min"].cast(pa.int64()).as_py() < pa.scalar(earliest, INSTANT).cast(pa.int64()).as_py():
        return (
            TOO_OLD,
            f"the time lies before {earliest.isoformat()}, the retention horizon",
        )
    return None
