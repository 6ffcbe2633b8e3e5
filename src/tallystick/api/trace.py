"""
Request ids and W3C trace context: accept what the caller sends if it is well formed, else make it.

`X-Request-Id` is kept when it is 1 to 128 characters of a safe alphabet, so that it can stand in
a log line and in an audit row; otherwise a new one is made.  `traceparent` (W3C Trace Context,
level 1) is continued: same trace id and flags, a new parent id for the work done here.  A
malformed one starts a new trace, as the recommendation asks.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+=-]{0,127}\Z")
TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?\Z")
NO_TRACE = "0" * 32
NO_PARENT = "0" * 16
_chance = random.Random()  # noqa: S311 - ids must differ, not be secret; asking the system costs more than the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceContext:
    """Where a request stands in a trace: ids in lower-case hex, as in the header."""

    trace_id: str
    span_id: str
    flags: str = "00"

    @property
    def traceparent(self) -> str:
        """Return the header value that names this span as the parent."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def request_id_from(header: str | None) -> str:
    """Return the caller's request id if it is safe to repeat, else a new one of 32 hex digits."""
    if header is not None and REQUEST_ID.match(header):
        return header
    return _new_id(16)


def trace_from(header: str | None) -> TraceContext:
    """Return the caller's trace with a new span, or a new trace where there is none to go on."""
    match = TRACEPARENT.match(header.strip()) if header else None
    if (
        match is None
        or match[2] == NO_TRACE
        or match[3] == NO_PARENT
        or (match[1] == "00" and match[5])
    ):
        return TraceContext(trace_id=_new_id(16), span_id=_new_id(8))
    return TraceContext(trace_id=match[2], span_id=_new_id(8), flags=match[4])


def _new_id(count: int) -> str:
    """Return so many random bytes in hex; never all zero, which would name nothing."""
    return f"{_chance.getrandbits(8 * count) or 1:0{2 * count}x}"
