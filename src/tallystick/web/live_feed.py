"""
What the live page is told each second, as server-sent events.

Browsers that look at the same account share one reading: however many look, the engines are asked
once a second, and not at all while nobody does. Parts that did not change are not sent again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec
from litestar.response import ServerSentEventMessage

from tallystick.accounts import Account
from tallystick.integrations.charts import CHARTS
from tallystick.kernel import EngineUnavailable
from tallystick.web.bill import Pace
from tallystick.web.live_view import LiveReader
from tallystick.web.rendering import Renderer
from tallystick.web.series import SLOT_SECONDS
from tallystick.web.sessions import Sessions

PERIOD_SECONDS = 1.0
STREAM_SECONDS_MAX = 3600
ACCOUNTS_MAX = 100
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything that is shown of one account at one moment."""

    read_at: float
    fragments: dict[str, str]
    points: str


class LiveFeed:
    """Reads for all streams of one process."""

    def __init__(self, renderer: Renderer, sessions: Sessions, *, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._renderer = renderer
        self._sessions = sessions
        self._readings: dict[tuple[str, str], asyncio.Task[Reading]] = {}
        self._paces: dict[tuple[str, str], Pace] = {}
        self._points: dict[tuple[str, str], tuple[int, str]] = {}

    async def messages(
        self, reader: LiveReader, cookie: str | None, *, asked: str
    ) -> AsyncIterator[ServerSentEventMessage]:
        """Yield what changed, each second, until the session, the server or an hour ends."""
        account = await asyncio.to_thread(reader.shown_account, asked)
        sent: dict[str, str] = {}
        until = time.monotonic() + STREAM_SECONDS_MAX
        while time.monotonic() < until and not self._stopping.is_set():
            if await asyncio.to_thread(self._sessions.find, cookie) is None:
                yield ServerSentEventMessage(event="ended", data="")
                return
            began = time.monotonic()
            try:
                reading = await self._reading(reader, account)
            except EngineUnavailable:
                yield ServerSentEventMessage(comment="an engine is not available")
            else:
                for name, content in (*reading.fragments.items(), ("points", reading.points)):
                    if sent.get(name) != content:
                        sent[name] = content
                        yield ServerSentEventMessage(event=name, data=content)
            with suppress(TimeoutError):
                # Where a reading takes long, at most half of the time is spent on it.
                pause = max(PERIOD_SECONDS - time.time() % PERIOD_SECONDS, time.monotonic() - began)
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _reading(self, reader: LiveReader, account: Account | None) -> Reading:
        """Return a reading of this second, shared with whoever asks for the same."""
        key = (str(reader.caller.workspace), "" if account is None else str(account.key))
        task = self._readings.get(key)
        stale = task is not None and task.done() and self._is_stale(task)
        if task is None or stale:
            task = asyncio.create_task(asyncio.to_thread(self._read, key, reader, account))
            self._readings = {
                other: each
                for other, each in self._readings.items()
                if not each.done() or not self._is_stale(each)
            }
            self._readings[key] = task
        return await asyncio.shield(task)

    def _is_stale(self, task: asyncio.Task[Reading]) -> bool:
        if task.cancelled() or task.exception() is not None:
            return True
        return time.monotonic() - task.result().read_at > PERIOD_SECONDS / 2

    def _read(self, key: tuple[str, str], reader: LiveReader, account: Account | None) -> Reading:
        view = reader.view(account)
        if view.bill is not None:
            if len(self._paces) >= ACCOUNTS_MAX:
                self._paces.clear()
            pace = self._paces.setdefault(key, Pace())
            told = pace.note(view.bill, at_milliseconds=time.monotonic_ns() // 1_000_000)
            view = replace(view, pace=told)
        fragments = self._renderer.fragments(view)
        slot = int(time.time()) // SLOT_SECONDS
        known = self._points.get(key)
        if known is None or known[0] != slot:
            points = {name: reader.points(name, account) for name in CHARTS}
            known = (slot, _ENCODER.encode(points).decode())
            kept = {} if len(self._points) >= ACCOUNTS_MAX else self._points
            self._points = kept | {key: known}
        return Reading(read_at=time.monotonic(), fragments=fragments, points=known[1])
