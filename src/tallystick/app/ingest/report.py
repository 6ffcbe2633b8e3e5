"""What the gate answers: one status for each event of a submission."""

import threading
from bisect import bisect_right, insort
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter

import msgspec

REQUESTS_TRACED_MAX = 10_000
"""Counters take up an event within seconds; at that rate nothing needs to be remembered longer."""


class Status(StrEnum):
    """`accepted` and `duplicate` events are durable and counted once; others are not."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fate of one event; `index` is its place in the submission, from 0."""

    index: int
    status: Status
    id: str = ""
    code: str = ""
    message: str = ""
    path: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why an event was not taken, with its bytes so that it can be mended and sent again."""

    index: int
    source: str
    event_id: str
    type: str
    code: str
    message: str
    path: str
    body: bytes

    @property
    def result(self) -> Result:
        """This rejection as a line of the report."""
        return Result(
            index=self.index,
            status=Status.REJECTED,
            id=self.event_id,
            code=self.code,
            message=self.message,
            path=self.path,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """
    Counts, and a result for each event that was not taken (conflict or rejected), by index.

    `duplicates` are the indexes of events that the log held already: taken, but not new.

    `last_position` is the log position at which everything accepted or duplicate here is durable; a
    question that waits for the projection to cover it sees these events.

    `first_position` is that of the first event accepted here, and the others follow it without a
    gap; 0: none was.
    """

    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    duplicates: tuple[int, ...]
    results: tuple[Result, ...]
    last_position: int
    first_position: int = 0

    @property
    def taken(self) -> bool:
        """Whether anything was accepted or was here already."""
        return self.accepted + self.duplicate > 0


class IngestTraces:
    """
    Which request brought an event, of the last few thousand requests of this process.

    What counters make of events is told a moment later, with the trace of the request.
    """

    def __init__(self, requests_max: int = REQUESTS_TRACED_MAX) -> None:
        self._requests_max = requests_max
        self._ranges: list[tuple[int, int, str]] = []
        self._lock = threading.Lock()

    def note(self, report: IngestReport, trace_id: str) -> None:
        """Remember the positions that a request filled."""
        if not report.accepted:
            return
        last = report.first_position + report.accepted - 1
        with self._lock:
            insort(self._ranges, (report.first_position, last, trace_id))
            if len(self._ranges) > self._requests_max:
                del self._ranges[0]

    def of(self, position: int) -> str:
        """Return the trace id of the request that brought an event; empty: not known."""
        with self._lock:
            place = bisect_right(self._ranges, position, key=itemgetter(0)) - 1
            if place < 0:
                return ""
            _, last, trace_id = self._ranges[place]
        return trace_id if position <= last else ""
