"""
Single events of many requests, parsed as one batch.

Turning one event into columns costs twenty times what it costs among a hundred others. Requests
that come in one turn of the event loop are therefore parsed together; each keeps its own row, and
each text is decoded by itself. If any of them is not plain, all are parsed alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.app.ingest.careful_lane import parse_carefully
from tallystick.app.ingest.parsed import Parsed, Scope
from tallystick.app.ingest.plain import parse_each

TOGETHER_MAX = 256
ParseEach = Callable[[Sequence[bytes], Scope], Parsed | None]


@dataclass(slots=True)
class _Waiting:
    scope: Scope
    body: bytes
    future: asyncio.Future[Parsed]


class ParseTogether:
    """Parses single events of one workspace; belongs to one event loop."""

    def __init__(self, parse: ParseEach = parse_each) -> None:
        self._parse = parse
        self._waiting: list[_Waiting] = []

    async def parse(self, body: bytes, scope: Scope) -> Parsed:
        """Return the one event of a body; the instant of receipt may be that of a neighbour."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(scope, body, loop.create_future())
        if not self._waiting:
            loop.call_soon(self._parse_waiting)
        self._waiting.append(waiting)
        if len(self._waiting) == TOGETHER_MAX:
            self._parse_waiting()
        return await waiting.future

    def _parse_waiting(self) -> None:
        group, self._waiting = self._waiting, []
        if not group:
            return
        whole = self._together(group)
        for row, waiting in enumerate(group):
            if waiting.future.done():
                continue
            try:
                waiting.future.set_result(
                    self._alone(waiting) if whole is None else _row(whole, row)
                )
            except Exception as error:  # noqa: BLE001 - whatever it is, who waits must hear it
                waiting.future.set_exception(error)

    def _together(self, group: list[_Waiting]) -> Parsed | None:
        """Return all as one batch; None where they are to be parsed alone."""
        if len(group) == 1:
            return None
        try:
            return self._parse([waiting.body for waiting in group], group[0].scope)
        except Exception:  # noqa: BLE001 - parsed alone, each hears of what is its own fault
            return None

    def _alone(self, waiting: _Waiting) -> Parsed:
        raws = [waiting.body]
        return self._parse(raws, waiting.scope) or parse_carefully(raws, waiting.scope)


def _row(whole: Parsed, row: int) -> Parsed:
    return Parsed(
        batch=whole.batch.slice(row, 1),
        index=(0,),
        keys=whole.keys[row : row + 1],
        digests=whole.digests[row : row + 1],
        rejections=(),
    )
