"""
Streams of usage: told when it changes, at most a second after the event was acknowledged.

All streams of one process that follow the same share one reading. A reading is taken when the
projection has moved on (a level's also as time passes), never more often than every 0.2 seconds and
never for more than half of the time. How many streams a process and a key may hold is bounded.

Each message carries the log position and the window's start as its id. Whoever comes back with the
last id that he saw is first told how its window ended, if that is over, and then the present: no
change is lost, since each message holds the whole of its window.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from litestar.response import ServerSentEventMessage

from tallystick.api.problems import HttpProblem
from tallystick.app.command import Caller
from tallystick.app.metering import FollowUsage, UsageNow, usage_now
from tallystick.bootstrap.engines import Application
from tallystick.kernel import (
    Done,
    EngineUnavailable,
    Misuse,
    Outcome,
    Refused,
    from_micros,
    micros,
    refuse,
)

STREAMS_MAX = 200
STREAMS_OF_KEY_MAX = 20
STREAM_SECONDS_MAX = 3600
POLL_SECONDS = 0.1
READING_SECONDS_MIN = 0.2
LEVEL_SECONDS = 1.0
HEARTBEAT_SECONDS = 10.0
RETRY_MILLISECONDS = 2000


class UsageMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The usage of a window so far; `closed`: the window is over, and this is how it ended."""

    meter: str
    unit: str
    zone: str
    account: str | None
    window_start: datetime
    window_end: datetime
    closed: bool
    quantity: str
    events: int
    unmeterable: int
    position: int


@dataclass(slots=True)
class _Reading:
    """A reading under way or done, and how long it took."""

    task: asyncio.Task[Outcome[UsageNow]]
    covered: int
    began: float
    ended: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who follows what: the question, the caller, and whether his key still holds."""

    followed: FollowUsage
    caller: Caller
    still_admitted: Callable[[], Awaitable[bool]]
    last_id: str = ""


class UsageStreams:
    """Reads for all streams of one process; belongs to one event loop."""

    def __init__(self, application: Application, *, stopping: asyncio.Event) -> None:
        self._application = application
        self._stopping = stopping
        self._open: Counter[str] = Counter()
        self._readings: dict[tuple[object, ...], _Reading] = {}

    @property
    def open(self) -> int:
        """Return how many streams are open."""
        return self._open.total()

    def check_room(self, actor: str) -> None:
        """End the request with 429 where no further stream may be opened."""
        if self.open >= STREAMS_MAX or self._open[actor] >= STREAMS_OF_KEY_MAX:
            message = (
                f"At most {STREAMS_OF_KEY_MAX} streams of a key and {STREAMS_MAX} in all are open "
                "at once; close one."
            )
            headers = {"retry-after": "10"}
            raise HttpProblem(429, "too_many_streams", message, headers=headers)

    async def read(self, caller: Caller, followed: FollowUsage) -> Outcome[UsageNow]:
        """Return the present usage, shared with whoever follows the same."""
        key = (caller.workspace, caller.account, followed)
        reading = self._readings.get(key)
        if reading is None or self._is_stale(reading):
            reading = self._begin(key, caller, followed)
        return await asyncio.shield(reading.task)

    async def messages(self, subscriber: Subscriber) -> AsyncIterator[ServerSentEventMessage]:
        """Yield what changed until the key, the server or an hour ends."""
        actor = subscriber.caller.actor
        self._open[actor] += 1
        try:
            async for message in self._messages(subscriber):
                yield message
        finally:
            self._open[actor] -= 1
            if not self._open[actor]:
                del self._open[actor]

    async def _messages(self, subscriber: Subscriber) -> AsyncIterator[ServerSentEventMessage]:
        yield ServerSentEventMessage(data=None, comment="usage", retry=RETRY_MILLISECONDS)
        told: UsageNow | None = None
        window = _window_of(subscriber.last_id)
        until = time.monotonic() + STREAM_SECONDS_MAX
        beat = time.monotonic()
        while time.monotonic() < until and not self._stopping.is_set():
            now = await self._present(subscriber)
            if isinstance(now, Refused):
                yield ServerSentEventMessage(event="ended", data=now.problems[0].code)
                return
            if told is not None:
                window = micros(told.window.start)
            if window is not None and now is not None and window < micros(now.window.start):
                ended = await self._ended(subscriber, window)
                if isinstance(ended, Done):
                    yield self._message(subscriber, ended.value)
                window, told = None, None
            if now is not None and _differs(now, told):
                told, beat = now, time.monotonic()
                yield self._message(subscriber, now)
            elif time.monotonic() - beat >= HEARTBEAT_SECONDS:
                beat = time.monotonic()
                yield ServerSentEventMessage(data=None, comment="still here")
                if not await subscriber.still_admitted():
                    yield ServerSentEventMessage(event="ended", data="unauthorized")
                    return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), POLL_SECONDS)

    async def _present(self, subscriber: Subscriber) -> UsageNow | Refused | None:
        """Return the present usage; None while an engine is away."""
        try:
            outcome = await self.read(subscriber.caller, subscriber.followed)
        except EngineUnavailable:
            return None
        return outcome if isinstance(outcome, Refused) else outcome.value

    async def _ended(self, subscriber: Subscriber, window: int) -> Outcome[UsageNow]:
        try:
            at = from_micros(window)
        except Misuse as error:
            return refuse("wrong_value", str(error), "last-event-id")
        return await asyncio.to_thread(
            self._ask, subscriber.caller, replace(subscriber.followed, at=at)
        )

    def _begin(self, key: tuple[object, ...], caller: Caller, followed: FollowUsage) -> _Reading:
        covered = self._application.loader.covered_position
        task = asyncio.create_task(asyncio.to_thread(self._ask, caller, followed))
        reading = _Reading(task=task, covered=covered, began=time.monotonic())
        task.add_done_callback(lambda _: setattr(reading, "ended", time.monotonic()))
        self._readings = {
            other: one
            for other, one in self._readings.items()
            if time.monotonic() - one.began < 2 * HEARTBEAT_SECONDS
        }
        self._readings[key] = reading
        return reading

    def _is_stale(self, reading: _Reading) -> bool:
        if not reading.task.done():
            return False
        if reading.task.cancelled() or reading.task.exception() is not None:
            return time.monotonic() - reading.began > LEVEL_SECONDS
        took = reading.ended - reading.began
        since = time.monotonic() - reading.ended
        if since < max(READING_SECONDS_MIN - took, took):
            return False
        moved = self._application.loader.covered_position > reading.covered
        return moved or since >= LEVEL_SECONDS

    def _ask(self, caller: Caller, followed: FollowUsage) -> Outcome[UsageNow]:
        application = self._application
        return usage_now(
            followed,
            caller=caller,
            uow=application.units(caller.workspace),
            usage=application.usage,
            clock=application.at(caller.workspace).clock,
        )

    def _message(self, subscriber: Subscriber, now: UsageNow) -> ServerSentEventMessage:
        account = subscriber.caller.account or subscriber.followed.account
        message = UsageMessage(
            meter=now.meter,
            unit=now.unit,
            zone=now.zone,
            account=account,
            window_start=now.window.start,
            window_end=now.window.end,
            closed=now.closed,
            quantity=now.quantity,
            events=now.events,
            unmeterable=now.unmeterable,
            position=now.position,
        )
        return ServerSentEventMessage(
            event="usage",
            id=f"{now.position}.{micros(now.window.start)}",
            data=msgspec.json.encode(message).decode(),
        )


def _differs(now: UsageNow, told: UsageNow | None) -> bool:
    """Tell whether there is news: the position alone is none."""
    if told is None:
        return True
    return (now.window, now.quantity, now.events, now.unmeterable) != (
        told.window,
        told.quantity,
        told.events,
        told.unmeterable,
    )


def _window_of(last_id: str) -> int | None:
    """Return the start of the window of a message's id; None where it is none of ours."""
    position, _, start = last_id.partition(".")
    if not position.isdigit() or not start.isdigit() or len(start) > len("9999999999999999"):
        return None
    return int(start)
