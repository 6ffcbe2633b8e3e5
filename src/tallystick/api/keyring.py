"""
Remembers for less than a second which keys are good, so that ingest does not ask PostgreSQL.

A key that was looked up within half a second is taken as it was found. From then until nine
tenths of a second it is still taken, while one look-up renews it in the background; after that
the request waits for the look-up. A revoked key is therefore refused within a second everywhere,
and at once in the process that revoked it. Keys are held by their SHA-256, never as text. Unknown
keys are remembered as well, so that repeating one costs the database nothing.

While the store does not answer, a key that was good when it last did goes on to be good for a
quarter of an hour: what needs the log alone is taken, and quotas are decided as features declare.
Whatever revokes a key needs that store, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tallystick.api.problems import HttpProblem
from tallystick.app.keys import ApiKey
from tallystick.kernel import EngineUnavailable

FRESH_NANOSECONDS = 500_000_000
HELD_NANOSECONDS_MAX = 900_000_000
HELD_AWAY_NANOSECONDS_MAX = 15 * 60 * 1_000_000_000
HELD_KEYS_MAX = 10_000
LOOK_UPS_MAX = 8
TOKEN_CHARACTERS_MAX = 512

KeyLookUp = Callable[[str], ApiKey | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a look-up that began at `asked_at` (monotonic) found: a key, or that there is none."""

    key: ApiKey | None
    asked_at: int


class KeyRing:
    """The keys seen lately. Belongs to one event loop."""

    def __init__(self, look_up: KeyLookUp, *, now: Callable[[], datetime]) -> None:
        """Look keys up with `look_up` (blocking, called in a thread); expiry is judged by `now`."""
        self._look_up = look_up
        self._now = now
        self._held: OrderedDict[bytes, Held] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Held]] = {}
        self._slots = asyncio.Semaphore(LOOK_UPS_MAX)
        self._is_away = False

    async def key(self, token: str) -> ApiKey:
        """
        Return the key that a token names.

        Raises:
            HttpProblem: 401, the same for an unknown, a wrong, a revoked and an expired key.
            EngineUnavailable: the store does not answer, and did not tell of this key lately.
        """
        if len(token) > TOKEN_CHARACTERS_MAX or not token.isascii():
            raise unauthorized()
        name = hashlib.sha256(token.encode()).digest()
        held = self._held.get(name)
        age = HELD_NANOSECONDS_MAX if held is None else time.monotonic_ns() - held.asked_at
        if held is None or age >= HELD_NANOSECONDS_MAX:
            held = await self._asked_now(name, token)
        elif age >= FRESH_NANOSECONDS:
            self._ask(name, token)
        key = held.key
        if key is None or (key.expires_at is not None and key.expires_at <= self._now()):
            raise unauthorized()
        return key

    def forget(self) -> None:
        """Look every key up again, because one was changed here."""
        self._held.clear()
        self._asking.clear()

    async def _asked_now(self, name: bytes, token: str) -> Held:
        """Return what a look-up finds; without the store, what is held of a key for so long."""
        held, asked = self._held.get(name), self._ask(name, token)
        if held is None or time.monotonic_ns() - held.asked_at >= HELD_AWAY_NANOSECONDS_MAX:
            return await asyncio.shield(asked)
        if self._is_away:
            return held  # not waited for again and again
        try:
            return await asyncio.shield(asked)
        except EngineUnavailable:
            return held

    def _ask(self, name: bytes, token: str) -> asyncio.Task[Held]:
        task = self._asking.get(name)
        if task is None:
            task = asyncio.create_task(self._renew(token))
            self._asking[name] = task
            task.add_done_callback(lambda done: self._asked(name, done))
        return task

    async def _renew(self, token: str) -> Held:
        async with self._slots:
            asked_at = time.monotonic_ns()
            key = await asyncio.to_thread(self._look_up, token)
        return Held(key=key, asked_at=asked_at)

    def _asked(self, name: bytes, task: asyncio.Task[Held]) -> None:
        if self._asking.get(name) is not task:
            return  # a key was changed while this was being asked: the answer may be an old one
        del self._asking[name]
        error = None if task.cancelled() else task.exception()
        self._is_away = isinstance(error, EngineUnavailable)
        if task.cancelled() or error is not None:
            return  # the request that waits raises it; a renewal in the background is tried again
        self._held[name] = task.result()
        self._held.move_to_end(name)
        if len(self._held) > HELD_KEYS_MAX:
            self._held.popitem(last=False)


def unauthorized() -> HttpProblem:
    """Return the one answer to every key that is not good, which tells nothing about why."""
    return HttpProblem(
        401,
        "unauthorized",
        "Send a valid key: Authorization: Bearer ts_...",
        headers={"www-authenticate": 'Bearer realm="tallystick"'},
    )
