"""
How often one key may call: a token bucket for each key and kind of call.

The bucket holds `burst` tokens and gains `per_second` tokens each second; a call takes one.
Instead of a count and a time, one number is kept for each bucket: the instant at which it will be
full again (the generic cell rate algorithm), in integer nanoseconds. Two buckets for a key:
`ingest`, which is sized for single events at full speed, and `request`, for everything else.

Example: 2 tokens, 1 per second. Calls at 0.0, 0.1 and 0.2 seconds: the third must wait 0.8 seconds.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

SECOND_NANOSECONDS = 1_000_000_000
BUCKETS_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """`burst` calls at once, `per_second` calls in the long run."""

    per_second: int
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a bucket answers: whether the call may go on, and the figures for the headers."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int
    retry_after_seconds: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell a client how to pace itself."""
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset_seconds),
        ]


class Buckets:
    """The buckets of one kind of call, by key; the longest unused ones are forgotten."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self._interval = max(1, SECOND_NANOSECONDS // limit.per_second)
        self._full_at: OrderedDict[str, int] = OrderedDict()

    def take(self, key: str, *, now_nanoseconds: int) -> Allowance:
        """Take one token from the bucket of `key`, if there is one."""
        capacity = self._interval * self.limit.burst
        full_at = max(self._full_at.get(key, 0), now_nanoseconds)
        missing = full_at - now_nanoseconds + self._interval
        allowed = missing <= capacity
        if allowed:
            self._full_at[key] = full_at + self._interval
            self._full_at.move_to_end(key)
            if len(self._full_at) > BUCKETS_MAX:
                self._full_at.popitem(last=False)
        else:
            missing -= self._interval
        return Allowance(
            allowed=allowed,
            limit=self.limit.burst,
            remaining=(capacity - missing) // self._interval,
            reset_seconds=_ceil_seconds(missing),
            retry_after_seconds=0
            if allowed
            else _ceil_seconds(missing + self._interval - capacity),
        )


def paced(limit: RateLimit) -> Callable[[str], int]:
    """Return what takes a token of a key's bucket: the seconds to wait, 0 where there was one."""
    buckets = Buckets(limit)
    return lambda key: buckets.take(key, now_nanoseconds=time.monotonic_ns()).retry_after_seconds


def _ceil_seconds(nanoseconds: int) -> int:
    return -(-nanoseconds // SECOND_NANOSECONDS)
